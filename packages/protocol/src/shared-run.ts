/**
 * Frames that many connections write in the same order, joined once for all of them (the fan-out of prepared
 * messages). A run is the way that a connection has come: from the empty run, frame by frame. Connections that have
 * come the same way stand at the same run, so whichever is written first joins its frames for the others too. Used by
 * `output-queue.ts`.
 */

import type { Allocate } from './bytes.ts';
import type { BytesOutput } from './connection-events.ts';

/** Longest run, in bytes: enough for one write, and little to hold for a connection that is late. */
const MAX_RUN_LENGTH = 64 * 1024;

/** A sequence of frames. */
export class SharedRun {
  readonly length: number;
  readonly #before: SharedRun | undefined;
  readonly #frame: Uint8Array | undefined;
  #next: SharedRun | undefined;
  #output: BytesOutput | undefined;

  constructor(before?: SharedRun, frame?: Uint8Array) {
    this.length = (before?.length ?? 0) + (frame?.length ?? 0);
    this.#before = before;
    this.#frame = frame;
  }

  /** The run with one more frame; undefined if it would become too long. */
  extend(frame: Uint8Array): SharedRun | undefined {
    if (this.#next !== undefined && this.#next.#frame === frame) return this.#next;
    if (this.length + frame.length > MAX_RUN_LENGTH) return undefined;
    this.#next = new SharedRun(this, frame);
    return this.#next;
  }

  /** The frames as one piece of memory, the same for everybody who asks. */
  output(allocate: Allocate): BytesOutput {
    this.#output ??= { type: 'bytes', bytes: this.#join(allocate) };
    return this.#output;
  }

  #join(allocate: Allocate): Uint8Array {
    const joined = allocate(this.length);
    let end = this.length;
    for (let run: SharedRun | undefined = this; run !== undefined; run = run.#before) {
      if (run.#frame !== undefined) {
        end -= run.#frame.length;
        joined.set(run.#frame, end);
      }
      // Whoever is on the way stays on it; nobody sets out on it any more, so nothing holds it for longer.
      if (run.#before === undefined) run.#next = undefined;
    }
    return joined;
  }
}
