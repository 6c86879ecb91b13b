/**
 * A client that reads slowly and sends on: every second a message that comes back and a Ping, of which it takes what
 * it reads in small portions. Whatever else the server has to do, its Pongs have to come in time and in order.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createDialect } from '../load/dialects.mjs';
import { encodeMessage, Opcode, readFrame } from '../load/frames.mjs';

const PING = 0x9;
const PONG = 0xa;
const PING_INTERVAL_MS = 1000;
const MESSAGE = { opcode: Opcode.Binary, payload: new Uint8Array(64 * 1024) };
/** Twice as fast as messages come back. */
const PORTION = 16 * 1024;
const READ_INTERVAL_MS = 100;

export class SlowClient {
  longestPongMs = 0;
  #socket;
  #bytes = Buffer.alloc(0);
  #pingedAt = [];
  #pongCount = 0;
  #timers = [];

  /** Connects, and begins to ping. */
  static async open(port) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(createDialect({ name: 'websocket', port, path: '/echo', compress: false }).request);
    await once(socket, 'readable');
    const client = new SlowClient(socket);
    client.#begin();
    return client;
  }

  constructor(socket) {
    this.#socket = socket;
  }

  /** How many Pings have had no answer yet, and since when the oldest of them waits. */
  get unanswered() {
    const count = this.#pingedAt.length - this.#pongCount;
    const sinceMs = count === 0 ? 0 : performance.now() - this.#pingedAt[this.#pongCount];
    return { count, sinceMs };
  }

  get pongCount() {
    return this.#pongCount;
  }

  close() {
    for (const timer of this.#timers) clearInterval(timer);
    this.#socket.destroy();
  }

  #begin() {
    this.#socket.read();
    this.#timers = [
      setInterval(() => this.#ping(), PING_INTERVAL_MS),
      setInterval(() => this.#read(), READ_INTERVAL_MS),
    ];
  }

  #ping() {
    const payload = Buffer.from(String(this.#pingedAt.length));
    this.#pingedAt.push(performance.now());
    this.#socket.write(encodeMessage(MESSAGE, false));
    this.#socket.write(encodeMessage({ opcode: PING, payload }, false));
  }

  #read() {
    const available = Math.min(PORTION, this.#socket.readableLength);
    if (available > 0) this.#bytes = Buffer.concat([this.#bytes, this.#socket.read(available)]);
    for (;;) {
      const frame = readFrame(this.#bytes);
      if (frame === undefined) return;
      this.#bytes = this.#bytes.subarray(frame.end);
      if (frame.opcode === PONG) this.#takePong(frame.payload.toString());
    }
  }

  #takePong(number) {
    if (number !== String(this.#pongCount))
      throw new Error(`Expected Pong ${this.#pongCount}, received ${number}`);
    const ms = performance.now() - this.#pingedAt[this.#pongCount];
    this.longestPongMs = Math.max(this.longestPongMs, ms);
    this.#pongCount++;
  }
}
