/**
 * Everything that is due at some moment, under one timer: connect timeouts, the ends of tokens, the grace of presence. A
 * timer for each of a hundred thousand connections would cost more than what it waits for. A binary heap, so that adding
 * and removing cost the logarithm of what waits, and the timer is set for the earliest alone.
 */

import type { CancelTimer, Clock } from './clock.ts';

/** One thing that is due, as long as it waits. */
export interface Deadline {
  /** When it is due, on the clock's `now()`. */
  readonly dueAt: number;
  readonly onDue: () => void;
  /** Where it stands in the heap; -1 once it does not wait any more. */
  index: number;
}

/** Waits for any number of deadlines. */
export class DeadlineQueue {
  readonly #clock: Clock;
  readonly #heap: Deadline[] = [];
  #cancelTimer: CancelTimer | undefined;
  #timerDueAt: number = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** Calls back once, `delayMs` from now, unless `remove` comes before. The callback must not throw. */
  add(delayMs: number, onDue: () => void): Deadline {
    const deadline: Deadline = { dueAt: this.#clock.now() + Math.max(0, delayMs), onDue, index: -1 };
    this.#rise(deadline, this.#heap.length);
    this.#setTimer();
    return deadline;
  }

  /** Waits for it no longer; does nothing if it was due, or removed, before. */
  remove(deadline: Deadline): void {
    const { index } = deadline;
    if (this.#heap[index] !== deadline) return;
    deadline.index = -1;
    const last = this.#heap.pop();
    if (last !== undefined && last !== deadline) this.#settle(last, index);
    this.#setTimer();
  }

  /** Forgets everything that waits. */
  clear(): void {
    for (const deadline of this.#heap) deadline.index = -1;
    this.#heap.length = 0;
    this.#setTimer();
  }

  #setTimer(): void {
    const dueAt = this.#heap[0]?.dueAt ?? Infinity;
    // A timer that fires too early is cheaper than one that is set anew with every deadline that goes.
    if (dueAt >= this.#timerDueAt && dueAt !== Infinity) return;
    this.#cancelTimer?.();
    this.#timerDueAt = dueAt;
    this.#cancelTimer =
      dueAt === Infinity ? undefined : this.#clock.schedule(() => this.#run(), dueAt - this.#clock.now());
  }

  #run(): void {
    this.#cancelTimer = undefined;
    this.#timerDueAt = Infinity;
    const now = this.#clock.now();
    for (let first = this.#heap[0]; first !== undefined && first.dueAt <= now; first = this.#heap[0]) {
      this.#removeFirst(first);
      first.onDue();
    }
    this.#setTimer();
  }

  #removeFirst(first: Deadline): void {
    first.index = -1;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#settle(last, 0);
  }

  #settle(deadline: Deadline, index: number): void {
    this.#rise(deadline, index);
    this.#sink(deadline, deadline.index);
  }

  #rise(deadline: Deadline, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || parent.dueAt <= deadline.dueAt) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(deadline, index);
  }

  #sink(deadline: Deadline, from: number): void {
    let index = from;
    for (;;) {
      const child = this.#earlierChild(index);
      if (child === undefined || child.dueAt >= deadline.dueAt) break;
      const childIndex = child.index;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(deadline, index);
  }

  #earlierChild(index: number): Deadline | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;
  }

  #place(deadline: Deadline, index: number): void {
    this.#heap[index] = deadline;
    deadline.index = index;
  }
}
