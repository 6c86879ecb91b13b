/**
 * Messages that wait until another one, which is sent in fragments, is complete (RFC 6455 §5.4): encoded at once, side
 * by side, so that they cost little more than their bytes however small they are. They are not compressed, for what
 * goes before them is not yet known. Used by `connection.ts`.
 */

import type { BytesOutput } from './connection-events.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { OutputQueue } from './output-queue.ts';

/** Where the messages behind one hold wait. */
interface Lane {
  readonly queue: OutputQueue;
  readonly writer: FrameWriter;
}

/** The messages that wait on one connection, a lane for each hold. */
export class HeldMessages {
  readonly #output: OutputQueue;
  readonly #writer: FrameWriter;
  readonly #lanes: Lane[] = [];

  /** @param output What the messages wait for, and `writer`, which writes to it. */
  constructor(output: OutputQueue, writer: FrameWriter) {
    this.#output = output;
    this.#writer = writer;
  }

  /** Bytes that wait. */
  get length(): number {
    let length = 0;
    for (const { queue } of this.#lanes) length += queue.length;
    return length;
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
    const queue = this.#output.apart();
    this.#lanes.push({ queue, writer: this.#writer.writingTo(queue) });
  }

  /** Ends the earliest hold, and gives the frames that waited for it. */
  release(): readonly BytesOutput[] {
    return this.#lanes.shift()?.queue.take() ?? [];
  }

  /** Ends all holds; what waited is forgotten. */
  drop(): void {
    for (const { queue } of this.#lanes.splice(0)) queue.drop();
  }
}
