/** A transport in memory, with the test at its other end: it counts the writes and takes them when the test says so. */
import { Duplex } from 'node:stream';
import { readFrames, tellFrame } from './frames.ts';

type Callback = (error?: Error | null) => void;

export class MemoryTransport extends Duplex {
  /** What was written, one entry a write: what was corked together is one. */
  readonly writes: Buffer[] = [];
  /** The chunks as they were handed over, without a copy. */
  readonly chunks: Uint8Array[] = [];
  /** Whether our side was ended. */
  ended = false;
  #isHeld = false;
  #held: Callback[] = [];

  /** From now on no write is finished, as with a client that does not read. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Finishes the writes under way, and those that follow as they come. */
  release(): void {
    this.#isHeld = false;
    for (const callback of this.#held.splice(0)) callback();
  }

  /** Brings bytes from the other end. */
  feed(...chunks: readonly Uint8Array[]): void {
    // The reader owns what it gets.
    for (const chunk of chunks) this.push(Buffer.from(chunk));
  }

  /** Ends the other end's side. */
  feedEnd(): void {
    this.push(null);
  }

  /** All that was written, as frames in lines; what was written before is forgotten. */
  said(): string[] {
    return readFrames(Buffer.concat(this.writes.splice(0))).map(tellFrame);
  }

  override _read(): void {
    // What comes is pushed.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#take([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: Callback): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    this.ended = true;
    callback();
  }

  #take(chunks: readonly Buffer[], callback: Callback): void {
    this.chunks.push(...chunks);
    this.writes.push(Buffer.concat(chunks));
    if (this.#isHeld) this.#held.push(callback);
    else callback();
  }
}
