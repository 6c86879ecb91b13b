/**
 * Messages that wait until another one, which is sent in fragments, is complete (RFC 6455 §5.4): encoded at once, side
 * by side, so that they cost little more than their bytes however small they are. They are not compressed, for what
 * goes before them is not yet known. Used by `connection.ts`.
 */

import type { FrameWriter } from './frame-writer.ts';
import type { OutputQueue } from './output-queue.ts';

/** Where the messages behind one hold wait. */
export interface Lane {
  readonly queue: OutputQueue;
  readonly writer: FrameWriter;
}

/** The messages that wait on one connection, a lane for each hold. */
export class HeldMessages {
  readonly #newLane: () => Lane;
  readonly #lanes: Lane[] = [];

  constructor(newLane: () => Lane) {
    this.#newLane = newLane;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#lanes.reduce((length, { queue }) => length + queue.length, 0);
  }

  /** Whether more waits than the connection's account has. */
  get isOverBudget(): boolean {
    return this.#lanes.some(({ queue }) => queue.isOverBudget);
  }

  /** Where a message has to go that is sent now; undefined if it need not wait. */
  get writer(): FrameWriter | undefined {
    return this.#lanes.at(-1)?.writer;
  }

  /** Messages have to wait from here on. */
  hold(): void {
    this.#lanes.push(this.#newLane());
  }

  /** Ends the earliest hold, and gives the frames that waited for it. */
  release(): Uint8Array[] {
    return this.#lanes.shift()?.queue.take() ?? [];
  }

  /** Ends all holds; what waited is forgotten. */
  drop(): void {
    for (const { queue } of this.#lanes.splice(0)) queue.drop();
  }
}
