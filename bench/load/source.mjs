/**
 * What a client receives: one server's end that sends the cycle without a pause, and in the end, in text, how many
 * messages it was. The client itself checks what it gets.
 */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { acceptClient } from './accepted-connection.mjs';
import { ByteRing, RingWriter } from './byte-ring.mjs';
import { encodeServerMessage, Opcode } from './frames.mjs';
import { openListener } from './system-calls.mjs';

/** Bytes that are handed to the kernel at once. */
const PORTION = 256 * 1024;
const END_TIMEOUT_MS = 30_000;

export function runSource(poller, _target, messages, work) {
  const { listener, port } = openListener();
  writeSync(process.stdout.fd, `${port}\n`);
  const connection = acceptClient(poller, listener);
  const source = new Source(connection, new ByteRing(messages.map(encodeServerMessage)));
  poller.runFor(work.warmUpMs);
  const began = performance.now();
  const sentBefore = source.sent;
  poller.runFor(work.durationMs);
  const seconds = (performance.now() - began) / 1000;
  const rate = (source.sent - sentBefore) / seconds;
  // The first thing that the client has to say is that it closes.
  connection.listen(() => connection.close());
  source.stop();
  if (poller.run(() => connection.isGone, END_TIMEOUT_MS)) return { rate };
  throw new Error('Expected the client to take all that was sent, received no end of it');
}

class Source {
  sent = 0;
  #connection;
  #writer;
  #portion;
  #isStopped = false;

  constructor(connection, ring) {
    this.#connection = connection;
    this.#writer = new RingWriter(connection.socket, ring, 0);
    this.#portion = Math.max(1, Math.floor(PORTION / ring.ends[0]));
    connection.write(this.#writer, () => this.#sendPortion());
  }

  /** The next portion is the last: what is behind it is the count. */
  stop() {
    this.#isStopped = true;
  }

  #sendPortion() {
    if (this.#isStopped) return this.#end();
    this.sent += this.#portion;
    this.#writer.send(this.#portion);
  }

  #end() {
    this.#connection.stopWriting();
    const payload = Buffer.from(String(this.sent));
    this.#connection.sendShort(encodeServerMessage({ opcode: Opcode.Text, payload }));
  }
}
