/**
 * How fast one connection may talk: commands, their bytes, and subscriptions, each with a token bucket. Who is refused learns
 * when to come again; who goes on regardless is flooding, and the hub ends the connection.
 */

import { checkRate, type Rate, TokenBucket } from './token-bucket.ts';

/** The rates of one connection. */
export interface RateLimits {
  /** Commands of any kind. Default 100 a second, 500 at once. */
  readonly commands: Rate;
  /** Bytes of commands, as they are on the wire. Default 1 MiB a second, 16 MiB at once. */
  readonly bytes: Rate;
  /** New subscriptions. Default 20 a second, 200 at once: a client that comes back subscribes to everything again. */
  readonly subscriptions: Rate;
  /** Refused commands; more of them, and the connection is closed with `rate-limited`. Default 20 a second, 200 at once. */
  readonly refusals: Rate;
}

/** The rates that hold where none are given. */
export const defaultRateLimits: RateLimits = {
  commands: { perSecond: 100, burst: 500 },
  bytes: { perSecond: 1024 * 1024, burst: 16 * 1024 * 1024 },
  subscriptions: { perSecond: 20, burst: 200 },
  refusals: { perSecond: 20, burst: 200 },
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError if a rate lets nothing pass.
 */
export function resolveRateLimits(limits: Partial<RateLimits> = {}): RateLimits {
  const resolved: RateLimits = { ...defaultRateLimits, ...limits };
  checkRate('rateLimits.commands', resolved.commands);
  checkRate('rateLimits.bytes', resolved.bytes);
  checkRate('rateLimits.subscriptions', resolved.subscriptions);
  checkRate('rateLimits.refusals', resolved.refusals);
  return resolved;
}

/** What one connection has used of its rates. */
export class RateMeter {
  readonly #limits: RateLimits;
  readonly #commands = new TokenBucket();
  readonly #bytes = new TokenBucket();
  readonly #subscriptions = new TokenBucket();
  readonly #refusals = new TokenBucket();
  #isFlooding = false;

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** Whether the connection was refused more often than a client would be that waits as it is told. */
  get isFlooding(): boolean {
    return this.#isFlooding;
  }

  /** Lets a command of so many bytes pass, and returns 0; or refuses it, and returns in how many ms it would pass. */
  admitCommand(byteLength: number, now: number): number {
    const { commands, bytes } = this.#limits;
    const retryInMs = Math.max(
      this.#commands.waitFor(1, commands, now),
      this.#bytes.waitFor(byteLength, bytes, now),
    );
    if (retryInMs > 0) return this.#refuse(retryInMs, now);
    this.#commands.take(1, commands, now);
    this.#bytes.take(byteLength, bytes, now);
    return 0;
  }

  /** Lets a subscription pass, and returns 0; or refuses it, and returns in how many ms it would pass. */
  admitSubscription(now: number): number {
    const { subscriptions } = this.#limits;
    const retryInMs = this.#subscriptions.waitFor(1, subscriptions, now);
    if (retryInMs > 0) return this.#refuse(retryInMs, now);
    this.#subscriptions.take(1, subscriptions, now);
    return 0;
  }

  #refuse(retryInMs: number, now: number): number {
    const { refusals } = this.#limits;
    if (this.#refusals.waitFor(1, refusals, now) > 0) this.#isFlooding = true;
    else this.#refusals.take(1, refusals, now);
    return retryInMs;
  }
}
