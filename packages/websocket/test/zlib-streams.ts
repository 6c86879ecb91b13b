/**
 * A peer's side of permessage-deflate as most implementations have it (RFC 7692 §7.2): one running zlib stream for each
 * direction, which keeps its window by itself.
 */
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib';

/** What the sender leaves out at the end of each message. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** How one direction compresses. */
export interface Direction {
  readonly windowBits?: number;
  readonly takesOver?: boolean;
}

/** Compresses the messages of one direction, one at a time. */
export class RunningDeflate {
  readonly #stream: DeflateRaw;
  readonly #takesOver: boolean;
  #parts: Buffer[] = [];

  constructor({ windowBits = 15, takesOver = true }: Direction) {
    this.#takesOver = takesOver;
    this.#stream = createDeflateRaw({ windowBits });
    this.#stream.on('data', (part: Buffer) => this.#parts.push(part));
  }

  async message(bytes: Uint8Array): Promise<Buffer> {
    this.#stream.write(bytes);
    await new Promise<void>((resolve) => this.#stream.flush(constants.Z_SYNC_FLUSH, resolve));
    const deflated = Buffer.concat(this.#parts.splice(0));
    if (!this.#takesOver) this.#stream.reset();
    return deflated.subarray(0, -TAIL.length);
  }
}

/** Decompresses the messages of one direction, one at a time. Rejects what a real peer could not read. */
export class RunningInflate {
  readonly #stream: InflateRaw;
  readonly #takesOver: boolean;
  readonly #failed: Promise<never>;
  #parts: Buffer[] = [];

  constructor({ windowBits = 15, takesOver = true }: Direction) {
    this.#takesOver = takesOver;
    this.#stream = createInflateRaw({ windowBits });
    this.#stream.on('data', (part: Buffer) => this.#parts.push(part));
    this.#failed = new Promise((_, reject) => {
      this.#stream.on('error', reject);
    });
    this.#failed.catch(() => undefined);
  }

  async message(payload: Uint8Array): Promise<Buffer> {
    this.#stream.write(payload);
    this.#stream.write(TAIL);
    await Promise.race([new Promise<void>((resolve) => this.#stream.flush(resolve)), this.#failed]);
    const inflated = Buffer.concat(this.#parts.splice(0));
    if (!this.#takesOver) this.#stream.reset();
    return inflated;
  }
}
