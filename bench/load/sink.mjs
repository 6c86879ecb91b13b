/**
 * What a client sends: one server's end that counts the messages and compares them with the cycle, and in the end
 * tells the client, which answers with how many it has sent.
 */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { acceptClient } from './accepted-connection.mjs';
import { encodeServerMessage, Opcode } from './frames.mjs';
import { openListener } from './system-calls.mjs';

const END_TIMEOUT_MS = 30_000;
const MASK_LENGTH = 4;
/** The first bytes of every message are compared, which tell its place in the cycle, and all of one in so many. */
const MARK_LENGTH = 8;
const SAMPLE = 16;

export function runSink(poller, _target, messages, work) {
  const { listener, port } = openListener();
  writeSync(process.stdout.fd, `${port}\n`);
  const connection = acceptClient(poller, listener);
  const sink = new Sink(messages);
  connection.listen((bytes) => sink.take(bytes));
  poller.runFor(work.warmUpMs);
  const began = performance.now();
  const countBefore = sink.count;
  poller.runFor(work.durationMs);
  const seconds = (performance.now() - began) / 1000;
  const rate = (sink.count - countBefore) / seconds;
  connection.sendShort(encodeServerMessage({ opcode: Opcode.Text, payload: Buffer.from('enough') }));
  if (!poller.run(() => sink.announced !== undefined, END_TIMEOUT_MS)) throw new Error('Expected the count');
  connection.close();
  if (sink.announced !== sink.count)
    throw new Error(`Expected ${sink.announced} messages in all, received ${sink.count}`);
  return { rate };
}

class Sink {
  count = 0;
  /** How many the client says that it has sent; undefined until it does. */
  announced;
  #messages;

  constructor(messages) {
    this.#messages = messages;
  }

  /** @returns How many of the bytes are read: whole frames. */
  take(bytes) {
    let at = 0;
    for (;;) {
      const { maskAt, end } = measure(bytes, at);
      if (end > bytes.length) return at;
      const length = end - maskAt - MASK_LENGTH;
      const isText = (bytes[at] & 0x0f) === Opcode.Text;
      if (isText) this.announced = Number(unmask(bytes, maskAt, length).toString('latin1'));
      else this.#check(bytes, maskAt, length);
      at = end;
    }
  }

  #check(bytes, maskAt, length) {
    const { payload } = this.#messages[this.count % this.#messages.length];
    const compared = this.count % SAMPLE === 0 ? length : Math.min(length, MARK_LENGTH);
    if (length !== payload.length || !isEqual(bytes, maskAt, payload, compared))
      throw new Error(`Expected message ${this.count} from the client, received another one`);
    this.count++;
  }
}

function isEqual(bytes, maskAt, payload, length) {
  const payloadAt = maskAt + MASK_LENGTH;
  for (let i = 0; i < length; i++) {
    if ((bytes[payloadAt + i] ^ bytes[maskAt + (i & 3)]) !== payload[i]) return false;
  }
  return true;
}

function unmask(bytes, maskAt, length) {
  const payload = bytes.subarray(maskAt + MASK_LENGTH, maskAt + MASK_LENGTH + length);
  return Buffer.from(payload.map((byte, i) => byte ^ bytes[maskAt + (i & 3)]));
}

/** Where a client's frame has its masking key and its end; the end lies outside if the frame is not all there. */
function measure(bytes, at) {
  const unknown = { maskAt: at, end: bytes.length + 1 };
  if (bytes.length < at + 2) return unknown;
  const short = bytes[at + 1] & 0x7f;
  const maskAt = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
  if (bytes.length < maskAt) return unknown;
  if (short < 126) return { maskAt, end: maskAt + MASK_LENGTH + short };
  const length = short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6);
  return { maskAt, end: maskAt + MASK_LENGTH + length };
}
