/**
 * Keeps what is sent in order while a Blob is being read, which takes a while: what is sent meanwhile waits for it.
 * Used by `link.ts` and `sender.ts`.
 */

import type { Blob } from 'node:buffer';
import type { SendCallback } from './frame.ts';

/** Something that waits. */
type Task =
  | {
      readonly type: 'blob';
      readonly blob: Blob;
      readonly send: (bytes: Buffer) => void;
      readonly callback: SendCallback | undefined;
    }
  | {
      readonly type: 'other';
      readonly length: number;
      readonly run: () => void;
      readonly callback: SendCallback | undefined;
    };

/** What goes wrong besides. */
export interface BlobQueueOptions {
  /** Whether the connection is gone, so that nothing that waits will be sent. */
  readonly isGone: () => boolean;
  /** A Blob could not be read. Comes after the callbacks. */
  readonly onError: (error: Error) => void;
}

const CLOSED_WHILE_READING = 'The socket was closed while the blob was being read';

/** The sends of one connection that wait for a Blob. */
export class BlobQueue {
  readonly #options: BlobQueueOptions;
  #waiting: Task[] = [];
  #reading: Extract<Task, { type: 'blob' }> | undefined;
  #waitingLength = 0;

  constructor(options: BlobQueueOptions) {
    this.#options = options;
  }

  /** Whether what is sent now has to wait. */
  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** Bytes that wait, the Blob's own included. */
  get length(): number {
    return this.#waitingLength;
  }

  /** Sends a Blob once it is its turn and it has been read. */
  read(blob: Blob, send: (bytes: Buffer) => void, callback: SendCallback | undefined): void {
    this.#waitingLength += blob.size;
    const task = { type: 'blob', blob, send, callback } as const;
    if (this.isReading) this.#waiting.push(task);
    else this.#begin(task);
  }

  /** Runs something once it is its turn. */
  defer(length: number, run: () => void, callback: SendCallback | undefined): void {
    this.#waitingLength += length;
    this.#waiting.push({ type: 'other', length, run, callback });
  }

  #begin(task: Extract<Task, { type: 'blob' }>): void {
    this.#reading = task;
    task.blob.arrayBuffer().then(
      // What the callbacks throw is no rejection of this promise.
      (bytes) => process.nextTick(() => this.#finish(task, Buffer.from(bytes))),
      (error: unknown) => process.nextTick(() => this.#fail(task, toError(error))),
    );
  }

  #finish(task: Extract<Task, { type: 'blob' }>, bytes: Buffer): void {
    if (this.#options.isGone()) return this.#abandon(task, new Error(CLOSED_WHILE_READING));
    this.#reading = undefined;
    this.#waitingLength -= task.blob.size;
    task.send(bytes);
    this.#goOn();
  }

  #goOn(): void {
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      if (task.type === 'blob') return this.#begin(task);
      this.#waitingLength -= task.length;
      task.run();
    }
  }

  #fail(task: Task, error: Error): void {
    this.#abandon(task, error);
    this.#options.onError(error);
  }

  /** Whoever waits is told when the reading is over, though the connection may have ended long before. */
  #abandon(task: Task, error: Error): void {
    const tasks = [task, ...this.#waiting];
    this.#reading = undefined;
    this.#waiting = [];
    this.#waitingLength = 0;
    for (const { callback } of tasks) callback?.(error);
  }
}

function toError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
