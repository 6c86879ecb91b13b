/**
 * zlib's streams as most implementations use them: each lives as long as its connection, or is taken out of a pool, and
 * every message ends with a flush that has to be waited for. The work is done by a thread of libuv's pool.
 */
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';

/** What the sender leaves out at the end of each message (RFC 7692 §7.2.1). */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

export class RunningDeflate {
  #stream;
  #resets;
  #chunks = [];

  /** @param options zlib's, and whether the stream is reset behind each message, as one without context takeover. */
  constructor({ resets, ...options }) {
    this.#resets = resets;
    this.#stream = createDeflateRaw(options);
    this.#stream.on('data', (chunk) => this.#chunks.push(chunk));
  }

  message(bytes) {
    this.#stream.write(bytes);
    return new Promise((resolve) => {
      this.#stream.flush(constants.Z_SYNC_FLUSH, () => {
        const deflated = Buffer.concat(this.#chunks);
        this.#chunks = [];
        if (this.#resets) this.#stream.reset();
        resolve(deflated);
      });
    });
  }
}

export class RunningInflate {
  #stream = createInflateRaw();
  #chunks = [];

  constructor() {
    this.#stream.on('data', (chunk) => this.#chunks.push(chunk));
  }

  message(bytes) {
    this.#stream.write(bytes);
    this.#stream.write(TAIL);
    return new Promise((resolve) => {
      this.#stream.flush(() => {
        const inflated = Buffer.concat(this.#chunks);
        this.#chunks = [];
        resolve(inflated);
      });
    });
  }
}
