/** A clock whose hands the test turns: nothing passes by itself. */
import type { CancelTimer, Clock } from '../src/clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** When a fake clock begins: 2030-01-01, in ms since 1970. */
export const beginning = 1_893_456_000_000;

export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  /** How many timers run. */
  get timerCount(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return beginning + this.#now;
  }

  schedule(callback: () => void, delayMs: number): CancelTimer {
    const timer = { at: this.#now + delayMs, callback };
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
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }

  /** Lets time pass while the process stands still: what is due on the way is called afterwards. */
  jump(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }

  /** The timer that is due first, if it is due by `end`. */
  #dueBefore(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}
