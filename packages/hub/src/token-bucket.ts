/**
 * A token bucket: so much a second, and so much at once after a rest. It keeps two numbers and needs no timer: what has
 * flowed in since is computed when something is taken.
 */

/** How fast a bucket fills, and how much it holds. */
export interface Rate {
  /** What flows in, a second. `Infinity`: no limit. */
  readonly perSecond: number;
  /** What it holds when it is full: so much can be taken at once. */
  readonly burst: number;
}

/** One bucket; full at first. */
export class TokenBucket {
  #level: number;
  #filledAt: number;

  constructor(rate: Rate, now: number) {
    this.#level = rate.burst;
    this.#filledAt = now;
  }

  /**
   * In how many ms so much can be taken; 0 for now. More than the bucket holds can be taken when it is full, and makes up for
   * it by a longer wait afterwards: a refusal with `retryInMs` has to come true.
   */
  waitFor(amount: number, rate: Rate, now: number): number {
    if (rate.perSecond === Infinity) return 0;
    this.#fill(rate, now);
    const missing = Math.min(amount, rate.burst) - this.#level;
    return missing <= 0 ? 0 : Math.ceil((missing * 1000) / rate.perSecond);
  }

  /** Takes so much, and goes into debt if there is less. Ask `waitFor` before. */
  take(amount: number, rate: Rate, now: number): void {
    if (rate.perSecond === Infinity) return;
    this.#fill(rate, now);
    this.#level -= amount;
  }

  /** Whether it has filled up, so that a new one would be the same. */
  isFull(rate: Rate, now: number): boolean {
    this.#fill(rate, now);
    return this.#level >= rate.burst;
  }

  #fill(rate: Rate, now: number): void {
    // A clock that goes back neither fills nor empties a bucket.
    const elapsedMs = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#level = Math.min(rate.burst, this.#level + (elapsedMs * rate.perSecond) / 1000);
  }
}

/**
 * Checks a rate that somebody configured.
 *
 * @throws RangeError if it could never let anything pass.
 */
export function checkRate(name: string, rate: Rate): Rate {
  for (const [part, value] of [
    ['perSecond', rate.perSecond],
    ['burst', rate.burst],
  ] as const) {
    if (!(value > 0))
      throw new RangeError(`Expected ${name}.${part} to be a positive number, received ${value}`);
  }
  return rate;
}
