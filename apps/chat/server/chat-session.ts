/**
 * One page's conversation with the room: what may be said when, and how fast. It turns the messages of the contract into calls
 * of the room and their results into answers. Between `chat-endpoint.ts`, which owns the socket, and `chat-room.ts`.
 */

import { assertNever } from '../contract/assert-never.ts';
import { decodeClientMessage } from '../contract/client-message.ts';
import { ContractError } from '../contract/json-object.ts';
import type { ClientMessage, Join, NameRefused, Post, ServerMessage } from '../contract/messages.ts';
import { encodeServerMessage } from '../contract/server-message.ts';
import type { Broadcast } from './broadcast.ts';
import type { ChatRoom, Member } from './chat-room.ts';
import { personIdOf } from './person-id.ts';
import type { Schedule } from './schedule.ts';
import { TokenBucket } from './token-bucket.ts';
import { type ViolationCode, violations } from './violations.ts';

/** The connection, as far as a session needs it. */
export interface Line {
  send(text: string): void;
  relay(broadcast: Broadcast): void;
  close(code: number, reason: string): void;
}

export interface ChatSessionOptions {
  readonly room: ChatRoom;
  readonly line: Line;
  readonly now: () => number;
  readonly schedule: Schedule;
}

/** A connection that has not joined by then is closed. */
export const joinTimeoutMs = 10_000;
/** Messages that pass at once, and the time in which room for one more comes back. */
export const burst = 20;
export const refillMs = 250;
/** A page waits when it is told to; who goes on regardless is closed after so many messages in a row. */
export const maxIgnoredDelays = 40;

export class ChatSession implements Member {
  readonly #room: ChatRoom;
  readonly #line: Line;
  readonly #now: () => number;
  readonly #bucket: TokenBucket;
  readonly #cancelJoinTimeout: () => void;
  #phase: 'new' | 'joined' | 'ended' = 'new';
  #ignoredDelays = 0;

  constructor({ room, line, now, schedule }: ChatSessionOptions) {
    this.#room = room;
    this.#line = line;
    this.#now = now;
    this.#bucket = new TokenBucket({ capacity: burst, refillMs, now: now() });
    this.#cancelJoinTimeout = schedule(joinTimeoutMs, () => this.#fail('join-timeout'));
  }

  /** What the room says to everybody. */
  deliver(broadcast: Broadcast): void {
    this.#line.relay(broadcast);
  }

  /** What the page says. */
  receive(message: string | Uint8Array): void {
    if (this.#phase === 'ended') return;
    if (typeof message !== 'string') return this.#fail('not-text');
    try {
      this.#handle(decodeClientMessage(message));
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      this.#fail(error.code, error.message);
    }
  }

  /** The connection is gone, whoever ended it. */
  end(): void {
    this.#phase = 'ended';
    this.#cancelJoinTimeout();
    this.#room.leave(this);
  }

  #handle(message: ClientMessage): void {
    const delayMs = this.#bucket.take(this.#now());
    if (delayMs > 0) return this.#postpone(message, delayMs);
    this.#ignoredDelays = 0;
    if (message.type === 'join') return this.#join(message);
    if (this.#phase !== 'joined') return this.#fail('not-joined');
    switch (message.type) {
      case 'rename':
        return this.#rename(message.name);
      case 'post':
        return this.#post(message);
      default:
        return assertNever(message);
    }
  }

  #join({ key, name, since }: Join): void {
    if (this.#phase === 'joined') return this.#fail('joined-already');
    const admission = this.#room.enter(this, { personId: personIdOf(key), name, since });
    if (admission.type === 'full') return this.#fail('room-full');
    if (admission.type === 'welcome') {
      this.#phase = 'joined';
      this.#cancelJoinTimeout();
    }
    this.#send(admission);
  }

  #rename(name: string): void {
    const refused: NameRefused | undefined = this.#room.rename(this, name);
    if (refused !== undefined) this.#send(refused);
  }

  #post(post: Post): void {
    this.#send(this.#room.post(this, post));
  }

  /** Only a post can wait; nobody joins or changes names so often by accident. */
  #postpone(message: ClientMessage, retryAfterMs: number): void {
    this.#ignoredDelays += 1;
    if (message.type !== 'post' || this.#ignoredDelays > maxIgnoredDelays) return this.#fail('too-fast');
    this.#send({ type: 'postponed', id: message.id, retryAfterMs });
  }

  #fail(code: ViolationCode, reason: string = violations[code].reason): void {
    this.#send({ type: 'failure', code, reason });
    this.#line.close(violations[code].closeCode, violations[code].reason);
    this.end();
  }

  #send(message: ServerMessage): void {
    this.#line.send(encodeServerMessage(message));
  }
}
