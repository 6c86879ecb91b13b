/**
 * A token bucket: so much a second, and so much at once after a rest. It keeps one number, the moment at which it will be
 * full, and needs no timer: what has flowed in is computed when something is taken (the virtual scheduling of ITU-T I.371).
 */

/** How fast a bucket fills, and how much it holds. */
export interface Rate {
  /** What flows in, a second. `Infinity`: no limit. */
  readonly perSecond: number;
  /** What it holds when it is full: so much can be taken at once. */
  readonly burst: number;
}

/** A wait that is shorter is none: it comes from rounding. */
const NEGLIGIBLE_MS = 0.001;

/** One bucket; full at first. */
export class TokenBucket {
  /** When it is full, if nothing is taken before. */
  #fullAt = 0;

  /**
   * In how many ms so much can be taken; 0 for now. More than the bucket holds can be taken when it is full, and makes up for
   * it by a longer wait afterwards: a refusal with `retryInMs` has to come true.
   */
  waitFor(amount: number, rate: Rate, now: number): number {
    if (rate.perSecond === Infinity) return 0;
    const canMissMs = timeToFill(rate.burst - Math.min(amount, rate.burst), rate);
    const waitMs = this.#fullAt - canMissMs - now;
    return waitMs > NEGLIGIBLE_MS ? Math.ceil(waitMs - NEGLIGIBLE_MS) : 0;
  }

  /** Takes so much, and goes into debt if there is less. Ask `waitFor` before. */
  take(amount: number, rate: Rate, now: number): void {
    if (rate.perSecond === Infinity) return;
    this.#fullAt = Math.max(this.#fullAt, now) + timeToFill(amount, rate);
  }

  /** Whether it is full, so that a new one would be the same. */
  isFull(now: number): boolean {
    return this.#fullAt <= now;
  }
}

function timeToFill(amount: number, { perSecond }: Rate): number {
  return (amount * 1000) / perSecond;
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
