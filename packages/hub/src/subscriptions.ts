/**
 * The subscriptions of one connection: begun, ended, and shown in presence. Below: `channels.ts`, `presence.ts`; above:
 * `connection.ts`.
 */

import type { ErrorCode, Position, SubscribeCommand, SubscribedReply } from '@hawser/wire';
import { errorCodes } from '@hawser/wire';
import type { CatchUp } from './catch-up.ts';
import type { Channel } from './channel.ts';
import type { Channels } from './channels.ts';
import { CommandError } from './command-error.ts';
import type { Identity } from './identity.ts';
import type { Namespace, Namespaces } from './namespaces.ts';
import type { Outbox } from './outbox.ts';
import type { Departure, Presence } from './presence.ts';
import { Subscription, type SubscriptionOwner } from './subscription.ts';

/** What subscriptions are made of, for all connections. */
export interface SubscriptionsContext<Prepared> {
  readonly channels: Channels<Prepared>;
  readonly catchUp: CatchUp<Prepared>;
  readonly namespaces: Namespaces;
  readonly presence: Presence;
  readonly maxSubscriptions: number;
}

/** One subscription, and what has to be undone at its end. */
interface Held<Prepared> {
  readonly subscription: Subscription<Prepared>;
  readonly channel: Channel<Prepared>;
  /** The user who is shown in presence for it; undefined for nobody. */
  readonly member: string | undefined;
}

/** The subscriptions of one connection. */
export class Subscriptions<Prepared> implements SubscriptionOwner {
  readonly #context: SubscriptionsContext<Prepared>;
  readonly #outbox: Outbox<Prepared>;
  readonly #held = new Map<string, Held<Prepared>>();
  #isClosed = false;

  constructor(outbox: Outbox<Prepared>, context: SubscriptionsContext<Prepared>) {
    this.#outbox = outbox;
    this.#context = context;
  }

  get size(): number {
    return this.#held.size;
  }

  /** The names of the channels. */
  get names(): Iterable<string> {
    return this.#held.keys();
  }

  *[Symbol.iterator](): Generator<Subscription<Prepared>> {
    for (const { subscription } of this.#held.values()) yield subscription;
  }

  /**
   * Begins a subscription, and answers with `subscribed`.
   *
   * @throws CommandError, or the broker's own error, as a rejection.
   */
  async subscribe({ id, channel: name, since }: SubscribeCommand, identity: Identity): Promise<void> {
    const { channels, namespaces, maxSubscriptions } = this.#context;
    if (this.#held.has(name)) throw new CommandError('already-subscribed');
    if (this.#held.size >= maxSubscriptions) {
      throw new CommandError(
        'too-many-subscriptions',
        `Expected at most ${maxSubscriptions} subscriptions of a connection`,
      );
    }
    const namespace = namespaces.of(name);
    const channel = channels.acquire(name, namespace.policy);
    try {
      const survey = await channel.survey(since);
      if (this.#isClosed) return channels.release(channel);
      const { position, gap } = channel.begin(since, survey);
      const recovered = gap === undefined;
      this.#outbox.tell(subscribedReply(id, channel, position, recovered));
      if (gap !== undefined) this.#outbox.tell(gap);
      this.#hold(channel, namespace, identity, position, since !== undefined);
    } catch (error) {
      channels.release(channel);
      if (channel.hasFailed) channels.discard(channel);
      throw error;
    }
  }

  /** Ends a subscription. Returns whether there was one. */
  unsubscribe(name: string, departure: Departure): boolean {
    const held = this.#held.get(name);
    if (held === undefined) return false;
    const { channel, subscription, member } = held;
    this.#held.delete(name);
    channel.remove(subscription);
    this.#context.catchUp.remove(subscription);
    this.#context.channels.release(channel);
    if (member !== undefined) this.#context.presence.leave(name, member, departure);
    return true;
  }

  /** Ends a subscription of the hub's own accord, and says why. */
  end(name: string, code: ErrorCode, message: string = errorCodes[code].message): void {
    if (!this.unsubscribe(name, 'left')) return;
    this.#outbox.tell({ type: 'ended', channel: name, code, message });
  }

  /** Ends all subscriptions: the connection is gone. */
  clear(departure: Departure): void {
    this.#isClosed = true;
    for (const name of [...this.#held.keys()]) this.unsubscribe(name, departure);
  }

  #hold(
    channel: Channel<Prepared>,
    namespace: Namespace,
    identity: Identity,
    position: Position,
    isRecovery: boolean,
  ): void {
    const { name } = channel;
    const subscription = new Subscription<Prepared>(this.#outbox, channel, this, position.offset);
    const member = namespace.presence && this.#isShown(name, identity) ? identity.user : undefined;
    this.#held.set(name, { subscription, channel, member });
    channel.add(subscription, isRecovery);
  }

  #isShown(name: string, { user, info }: Identity): boolean {
    return this.#context.presence.join(name, info === undefined ? { user } : { user, info });
  }
}

function subscribedReply<Prepared>(
  id: number,
  { name, policy }: Channel<Prepared>,
  position: Position,
  recovered: boolean,
): SubscribedReply {
  return { type: 'subscribed', id, channel: name, policy, position, recovered };
}
