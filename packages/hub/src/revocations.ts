/**
 * What was revoked, and is not to come back: users, sessions, tokens. Revocations stand in a log of the broker's, so that one
 * takes effect now in every process, and is known to one that begins later; they are remembered until the tokens that they
 * concern have ended. Above: the hub, which ends the connections that are open, and asks before it lets somebody in.
 */

import { assertNever } from './assert-never.ts';
import type { Broker, LogEntry } from './broker.ts';
import type { Clock } from './clock.ts';
import type { Identity } from './identity.ts';
import { parseRevocation, type Revocation } from './revocation.ts';

/** Where revocations travel, and how long they are remembered. */
export interface RevocationsOptions {
  readonly broker: Pick<Broker, 'publish' | 'listen' | 'read'>;
  readonly clock: Clock;
  /** For how long a revocation is remembered, in ms: no token may be used for longer than that. */
  readonly revocationKeepMs: number;
  /**
   * Most revocations that are remembered. With more of them, everything is refused that was issued before the oldest that is
   * remembered: rather all sign in again than one that was revoked comes back.
   */
  readonly maxRevocations: number;
  /** Hears of each revocation, from wherever it comes, and ends the connections that it concerns. Must not throw. */
  readonly onRevoked: (revocation: Revocation) => void;
  /** Hears of a revocation in the log that this version does not understand. */
  readonly onError: (error: unknown) => void;
}

interface RememberedRevocation {
  /** What was issued up to this moment is revoked. */
  readonly issuedUntil: number;
  /** When it was revoked. */
  readonly at: number;
}

/** No client can name it: a channel's name has a colon. */
const CHANNEL = 'revocations';
/** Longer than any revocation in the log, with its overhead: the count is to decide. */
const MAX_ENTRY_BYTES = 2048;
const READ_AT_ONCE = { messages: 1000, bytes: 1024 * 1024 };

/** Remembers what was revoked. */
export class Revocations {
  readonly #options: RevocationsOptions;
  /** By kind and name; the oldest first. */
  readonly #remembered = new Map<string, RememberedRevocation>();
  /** Everything that was issued up to then is refused. */
  #allIssuedUntil = -Infinity;
  #loading: Promise<() => void> | undefined;

  constructor(options: RevocationsOptions) {
    this.#options = options;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#remembered.size;
  }

  /** Resolves once it is known what was revoked before; nobody is to be let in until then. Tries anew after a failure. */
  async ready(): Promise<void> {
    this.#loading ??= this.#load();
    try {
      await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  /**
   * Revokes, here at once; resolves when it is stored, and every process on the broker hears of it.
   *
   * @throws BrokerError if it could not be stored: it holds in this process alone, and has to be revoked again.
   */
  async revoke(revocation: Revocation): Promise<void> {
    const { broker, clock, maxRevocations, revocationKeepMs } = this.#options;
    const at = clock.date();
    this.#take(revocation, at);
    await broker.publish(
      CHANNEL,
      { content: JSON.stringify(revocation), at },
      { messages: maxRevocations, bytes: maxRevocations * MAX_ENTRY_BYTES, ageMs: revocationKeepMs },
    );
  }

  /** Whether what this identity was issued with is revoked. */
  isRevoked({ user, issuedAt, tokenId }: Identity): boolean {
    if (issuedAt <= this.#allIssuedUntil) return true;
    const revoked = this.#remembered.get(userKey(user));
    if (revoked !== undefined && issuedAt <= revoked.issuedUntil) return true;
    return tokenId !== undefined && this.#remembered.has(tokenKey(tokenId));
  }

  /** Listens no longer. */
  stop(): void {
    this.#loading?.then(
      (stopListening) => stopListening(),
      () => undefined,
    );
    this.#loading = undefined;
  }

  async #load(): Promise<() => void> {
    const { broker } = this.#options;
    const stopListening = await broker.listen(CHANNEL, (entry) => this.#takeEntry(entry));
    try {
      await this.#readAll();
      return stopListening;
    } catch (error) {
      stopListening();
      throw error;
    }
  }

  async #readAll(): Promise<void> {
    const { broker, maxRevocations } = this.#options;
    let count = 0;
    for (let after = 0; ; ) {
      const { entries, head } = await broker.read(CHANNEL, after, READ_AT_ONCE);
      for (const entry of entries) this.#takeEntry(entry);
      count += entries.length;
      after = entries.at(-1)?.offset ?? head;
      if (after >= head) break;
    }
    // The log may have had more than it keeps.
    if (count >= maxRevocations) this.#forgetOldest();
  }

  #takeEntry({ content, at }: LogEntry): void {
    const revocation = typeof content === 'string' ? parseRevocation(content) : undefined;
    if (revocation !== undefined) return this.#take(revocation, at);
    this.#options.onError(
      new TypeError('Expected a revocation of this version in the log, received another'),
    );
  }

  #take(revocation: Revocation, at: number): void {
    switch (revocation.type) {
      case 'everything':
        if (revocation.issuedUntil <= this.#allIssuedUntil) return;
        this.#allIssuedUntil = revocation.issuedUntil;
        break;
      case 'user':
        if (!this.#remember(userKey(revocation.user), { issuedUntil: revocation.issuedUntil, at })) return;
        break;
      case 'token':
        if (!this.#remember(tokenKey(revocation.tokenId), { issuedUntil: Infinity, at })) return;
        break;
      case 'session':
        // It is ended where it is, and so cannot be taken up.
        break;
      default:
        assertNever(revocation);
    }
    this.#options.onRevoked(revocation);
  }

  /** Returns false if it was known already. */
  #remember(key: string, revocation: RememberedRevocation): boolean {
    const known = this.#remembered.get(key);
    if (known !== undefined && known.issuedUntil >= revocation.issuedUntil) return false;
    this.#remembered.delete(key);
    this.#remembered.set(key, revocation);
    this.#forgetOld();
    if (this.#remembered.size > this.#options.maxRevocations) this.#forgetOldest();
    return true;
  }

  #forgetOld(): void {
    const forgetUntil = this.#options.clock.date() - this.#options.revocationKeepMs;
    for (const [key, { at }] of this.#remembered) {
      if (at > forgetUntil) return;
      this.#remembered.delete(key);
    }
  }

  #forgetOldest(): void {
    for (const [key, { at }] of this.#remembered) {
      this.#allIssuedUntil = Math.max(this.#allIssuedUntil, at);
      this.#remembered.delete(key);
      return;
    }
  }
}

function userKey(user: string): string {
  return `user:${user}`;
}

function tokenKey(tokenId: string): string {
  return `token:${tokenId}`;
}
