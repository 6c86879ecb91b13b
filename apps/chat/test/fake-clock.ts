/** A clock whose hands the test turns. What is scheduled runs when its time has come, in the order of the times. */

export class FakeClock {
  #time: number;
  #timers: Timer[] = [];

  constructor(startAt = 1_000_000) {
    this.#time = startAt;
  }

  readonly now = (): number => this.#time;

  readonly schedule = (delayMs: number, run: () => void): (() => void) => {
    const timer: Timer = { at: this.#time + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    const end = this.#time + ms;
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#time = next.at;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.run();
    }
    this.#time = end;
  }

  #nextUntil(end: number): Timer | undefined {
    return this.#timers.filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at)[0];
  }
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}
