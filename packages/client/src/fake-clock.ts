/** A clock for tests, whose hands the test turns: nothing passes by itself. */

import type { CancelTimer, Clock } from './clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = 0;
  #date: number;
  readonly #timers = new Set<Timer>();

  /** @param date What day it is: ms since 1970. */
  constructor(date = 0) {
    this.#date = date;
  }

  /** How many timers run. */
  get timerCount(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.#date;
  }

  schedule(callback: () => void, delayMs: number): CancelTimer {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Lets time pass: what is due on the way is called when it is due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#dueBefore(end); next !== undefined; next = this.#dueBefore(end)) {
      this.#timers.delete(next);
      this.#moveTo(Math.max(this.#now, next.at));
      next.callback();
    }
    this.#moveTo(end);
  }

  /** Puts the machine to sleep: the date goes on, timers do not. */
  sleep(ms: number): void {
    this.#date += ms;
  }

  #moveTo(now: number): void {
    this.#date += now - this.#now;
    this.#now = now;
  }

  /** The timer that is due first, if it is due by `end`. */
  #dueBefore(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }
}
