/**
 * One subscriber of one channel, and how far it has come. At the head of the channel it is pushed to; once its connection
 * is full it stays where it is, and reads on from there when there is room. Below: `transport.ts`; above: `channel.ts` moves it,
 * `connection.ts` is the subscriber.
 */

import type { ErrorCode, Event } from '@hawser/wire';
import type { Transport } from './transport.ts';

/** Who is subscribed: a connection. */
export interface Subscriber<Prepared> {
  readonly transport: Pick<Transport<Prepared>, 'send'>;
  /** Whether what waits for the socket has reached the outbound budget; it ends with a drain. */
  readonly isFull: boolean;
  /** Sends one message of a channel. */
  push(message: Prepared | string | Uint8Array): void;
  /** The transport's `send` has returned false: all subscriptions of the connection leave the heads of their channels. */
  becomeFull(): void;
  /** Sends what is never dropped. */
  tell(event: Event): void;
  /** Has the subscription read on as soon as there is room. */
  fellBehind(subscription: Subscription<Prepared>): void;
}

/** Who keeps the subscription, and ends it if the hub cannot serve it any more. */
export interface SubscriptionOwner {
  end(channel: string, code: ErrorCode, message: string): void;
}

/** Where the messages come from: a channel. */
export interface Source<Prepared> {
  readonly name: string;
  /** The connection is full: it is not pushed to any more. */
  pause(subscription: Subscription<Prepared>): void;
  /** The connection has room again. */
  resume(subscription: Subscription<Prepared>): void;
  /** Sends what there is room for. Whoever is still behind afterwards wants to be called again. */
  readOn(subscription: Subscription<Prepared>): Promise<void>;
  /** Sends nothing more. */
  remove(subscription: Subscription<Prepared>): void;
}

/** What a subscription does: it is pushed to, it reads on by itself, or it is over. */
export type SubscriptionState = 'at-head' | 'behind' | 'ended';

/** One subscriber's place in a channel. */
export class Subscription<Prepared> {
  readonly subscriber: Subscriber<Prepared>;
  readonly source: Source<Prepared>;
  readonly owner: SubscriptionOwner;
  state: SubscriptionState = 'behind';
  /**
   * The last offset that was sent, or that is not wanted. At the head it is not written for each message, and only says
   * where the subscription came to the head; the channel's own head is how far it has come.
   */
  cursor: number;
  /** Messages that were passed over and not announced yet. */
  dropped = 0;
  /** Its index among those at the head. */
  place = -1;

  constructor(
    subscriber: Subscriber<Prepared>,
    source: Source<Prepared>,
    owner: SubscriptionOwner,
    cursor: number,
  ) {
    this.subscriber = subscriber;
    this.source = source;
    this.owner = owner;
    this.cursor = cursor;
  }
}
