/**
 * The messages of a load: a cycle of different ones of the same length, so that a message that is lost, doubled, torn
 * or given to somebody else is one that was not expected. Above: the workloads.
 */
import { Opcode } from './frames.mjs';

const MOST_MESSAGES = 256;
const LEAST_MESSAGES = 2;
/** A cycle fits the caches of the machine, as far as two messages do. */
const CYCLE_BYTES = 1024 * 1024;

/** A cycle of messages. @param kind `binary`, `text` or `json`. */
export function createMessages(kind, length) {
  const count = Math.max(LEAST_MESSAGES, Math.min(MOST_MESSAGES, Math.floor(CYCLE_BYTES / length)));
  return Array.from({ length: count }, (_, index) => creators[kind](index, length));
}

const creators = {
  binary(index, length) {
    const payload = pseudorandomBytes(index, length);
    return { opcode: Opcode.Binary, payload };
  },
  text(index, length) {
    const letters = pseudorandomBytes(index, length).map((byte) => 0x61 + (byte % 26));
    return { opcode: Opcode.Text, payload: Buffer.from(letters) };
  },
  json(index, length) {
    const head = JSON.stringify(trades(index, length));
    if (head.length > length) throw new Error(`Expected a document of at most ${length} bytes`);
    return { opcode: Opcode.Text, payload: Buffer.from(head.padEnd(length)) };
  },
};

/** A document as a market sends it: names that recur, numbers that do not. */
function trades(index, length) {
  const seed = pseudorandomBytes(index, length);
  const bytesPerTrade = 92;
  const count = Math.floor((length - 40) / bytesPerTrade);
  const list = Array.from({ length: count }, (_, i) => ({
    symbol: ['ACME', 'HWSR', 'ROPE', 'KNOT'][seed[i] % 4],
    side: seed[i + 1] % 2 ? 'buy' : 'sell',
    price: 100 + seed[i + 2] / 100,
    size: seed[i + 3] * 10,
    time: 1_700_000_000_000 + index * 1000 + seed[i + 4],
  }));
  return { channel: 'trades', sequence: index, trades: list };
}

/** The same bytes in every run (xorshift32). */
function pseudorandomBytes(seed, length) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed + 1) * 0x9e3779b1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
