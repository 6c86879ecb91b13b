/**
 * The sessions of a hub: a client that comes back with the id of its session takes it up again, and its old connection, if
 * there is one still, goes. The id is unguessable, and of use to the same user alone.
 */

import type { Clock } from './clock.ts';
import type { Identity } from './identity.ts';
import { randomText } from './random-text.ts';

/** How many sessions are kept without a connection, and for how long. */
export interface SessionRegistryOptions {
  readonly clock: Clock;
  /** For how long a session waits for its client, in ms. */
  readonly sessionKeepMs: number;
  /** Most sessions that wait; the one that waits longest goes first. */
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
  identity: Identity;
  /** The connection that has it; undefined while it waits. */
  holder: Holder | undefined;
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
  readonly #sessions = new Map<string, RegisteredSession<Holder>>();

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  /** Sessions, with and without a connection. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Begins a session. */
  open(identity: Identity, holder: Holder): RegisteredSession<Holder> {
    const name = randomText();
    const session = { id: name, name, identity, holder };
    this.#sessions.set(name, session);
    return session;
  }

  /** Takes a session up; undefined if there is none with this id, or it is another user's. */
  takeUp(id: string, identity: Identity, holder: Holder): TakenUpSession<Holder> | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    const previous = session.holder;
    session.holder = holder;
    session.identity = identity;
    return { session, previous };
  }

  /** The connection is gone; the session waits. Does nothing if another connection has taken it up. */
  release(session: RegisteredSession<Holder>, holder: Holder): void {
    if (session.holder === holder && this.#options.sessionKeepMs > 0) session.holder = undefined;
  }

  /** Ends a session: nobody takes it up any more. */
  end(session: RegisteredSession<Holder>): void {
    this.#sessions.delete(session.name);
  }

  /** All sessions, those that wait too. */
  all(): Iterable<RegisteredSession<Holder>> {
    return this.#sessions.values();
  }
}
