/**
 * The sessions of a hub: a client that comes back with the id of its session takes it up again, and its old connection, if
 * there is one still, goes. The id is unguessable, and of use to the same user alone.
 */

import type { CancelTimer, Clock } from './clock.ts';
import type { Identity } from './identity.ts';
import { randomText } from './random-text.ts';

/** How many sessions are kept without a connection, and for how long. */
export interface SessionRegistryOptions {
  readonly clock: Clock;
  /** Makes the parts of ids. Default: 144 bits from the platform's cryptographic generator. */
  readonly random?: () => string;
  /** For how long a session waits for its client, in ms; 0 for not at all. */
  readonly sessionKeepMs: number;
  /** Most sessions that wait; the one that has waited longest goes first. */
  readonly maxWaitingSessions: number;
}

/**
 * One session.
 *
 * @typeParam Holder The connection that has it.
 */
export interface RegisteredSession<Holder> {
  /** What the client gets: whoever has it, and is the same user, has the session. Not for logs. */
  readonly id: string;
  /** The part of the id that names it and proves nothing: for logs and for revocations. */
  readonly name: string;
  /** Who the session is of; replaced, by one of the same user, when the token is. */
  identity: Identity;
  /** The connection that has it; undefined while it waits. */
  holder: Holder | undefined;
  /** When it was left by its last connection, on the clock's `now()`. */
  releasedAt: number;
}

/** A session that was taken up. */
export interface TakenUpSession<Holder> {
  readonly session: RegisteredSession<Holder>;
  /** The connection that had it until now, to be closed with `session-taken-up`. */
  readonly previous: Holder | undefined;
}

/** Keeps the sessions of one hub. */
export class SessionRegistry<Holder> {
  readonly #options: SessionRegistryOptions;
  readonly #random: () => string;
  readonly #sessions = new Map<string, RegisteredSession<Holder>>();
  /** Those without a connection. All wait equally long, so the first is the first to go. */
  readonly #waiting = new Set<RegisteredSession<Holder>>();
  #cancelTimer: CancelTimer | undefined;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
    this.#random = options.random ?? (() => randomText());
  }

  /** Sessions, with and without a connection. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Begins a session. */
  open(identity: Identity, holder: Holder): RegisteredSession<Holder> {
    const name = this.#random();
    const session = { id: `${name}.${this.#random()}`, name, identity, holder, releasedAt: 0 };
    this.#sessions.set(name, session);
    return session;
  }

  /** Takes a session up; undefined if there is none with this id, or it is another user's. */
  takeUp(id: string, identity: Identity, holder: Holder): TakenUpSession<Holder> | undefined {
    const session = this.#sessions.get(nameOf(id));
    if (session === undefined || !isEqual(session.id, id)) return undefined;
    if (session.identity.user !== identity.user) return undefined;
    const previous = session.holder;
    this.#waiting.delete(session);
    session.holder = holder;
    session.identity = identity;
    return { session, previous };
  }

  /** The connection is gone; the session waits. Does nothing if another connection has taken it up. */
  release(session: RegisteredSession<Holder>, holder: Holder): void {
    if (session.holder !== holder || this.#sessions.get(session.name) !== session) return;
    const { clock, sessionKeepMs, maxWaitingSessions } = this.#options;
    session.holder = undefined;
    if (sessionKeepMs === 0) return this.end(session);
    session.releasedAt = clock.now();
    this.#waiting.add(session);
    const [longestWaiting] = this.#waiting;
    if (this.#waiting.size > maxWaitingSessions && longestWaiting !== undefined) this.end(longestWaiting);
    this.#cancelTimer ??= clock.schedule(() => this.#sweep(), sessionKeepMs);
  }

  /** Ends a session: nobody takes it up any more. */
  end(session: RegisteredSession<Holder>): void {
    this.#sessions.delete(session.name);
    this.#waiting.delete(session);
  }

  /** The session of this name; undefined if there is none. */
  named(name: string): RegisteredSession<Holder> | undefined {
    return this.#sessions.get(name);
  }

  /** All sessions, those that wait too. */
  all(): Iterable<RegisteredSession<Holder>> {
    return this.#sessions.values();
  }

  /** Ends all sessions. */
  clear(): void {
    this.#sessions.clear();
    this.#waiting.clear();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #sweep(): void {
    const { clock, sessionKeepMs } = this.#options;
    const now = clock.now();
    this.#cancelTimer = undefined;
    for (const session of this.#waiting) {
      const waitsFor = session.releasedAt + sessionKeepMs - now;
      if (waitsFor > 0) {
        this.#cancelTimer = clock.schedule(() => this.#sweep(), waitsFor);
        return;
      }
      this.end(session);
    }
  }
}

/** The part of a session's id that names it. */
export function nameOf(id: string): string {
  const end = id.indexOf('.');
  return end === -1 ? id : id.slice(0, end);
}

/** Compares in a time that does not tell how much of it was right. */
function isEqual(expected: string, received: string): boolean {
  let difference = expected.length ^ received.length;
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ received.charCodeAt(i);
  return difference === 0;
}
