/**
 * A rate limit that lets a burst through and then a steady trickle: a bucket of tokens that fills with time, one of which is
 * taken by each message. The caller brings the clock.
 */

export interface TokenBucketOptions {
  /** Tokens of a full bucket: the burst that passes at once. */
  readonly capacity: number;
  /** The time in which one token comes back. */
  readonly refillMs: number;
  /** When the bucket is full. */
  readonly now: number;
}

export class TokenBucket {
  readonly #capacity: number;
  readonly #refillMs: number;
  #tokens: number;
  #countedAt: number;

  constructor({ capacity, refillMs, now }: TokenBucketOptions) {
    this.#capacity = capacity;
    this.#refillMs = refillMs;
    this.#tokens = capacity;
    this.#countedAt = now;
  }

  /** Takes a token and returns 0, or takes none and returns the milliseconds until there is one. */
  take(now: number): number {
    // A clock that was set back refills nothing and takes nothing away.
    const elapsed = Math.max(0, now - this.#countedAt);
    this.#tokens = Math.min(this.#capacity, this.#tokens + elapsed / this.#refillMs);
    this.#countedAt = now;
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * this.#refillMs);
    this.#tokens -= 1;
    return 0;
  }
}
