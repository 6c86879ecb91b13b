/**
 * What holds for every connection, whatever a case is about (docs/wire.md, "Order"): one reply for each command, events
 * of subscriptions only, offsets that ascend, nothing skipped silently. `participant.ts` shows it all that comes.
 */

import type { Event, GapEvent, MessageEvent, Reply, SubscribedReply } from '@hawser/wire';
import { show } from './finding.ts';

interface FollowedSubscription {
  readonly policy: SubscribedReply['policy'];
  epoch: string;
  /** The offset of what was delivered last. */
  offset: number;
  /** Whether the next event has to be a gap. */
  owesGap: boolean;
}

/** Follows one connection. */
export class OrderRules {
  readonly #openIds = new Set<number>();
  readonly #subscriptions = new Map<string, FollowedSubscription>();
  readonly #violations: string[] = [];

  /** What was found, in sentences. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  sent(id: number): void {
    this.#openIds.add(id);
  }

  replied(reply: Reply): void {
    this.#hold(this.#openIds.delete(reply.id), `one reply for each command, received ${show(reply)} besides`);
    if (reply.type === 'subscribed') this.#begin(reply);
    if (reply.type === 'unsubscribed') this.#subscriptions.delete(reply.channel);
  }

  happened(event: Event): void {
    if (event.type === 'drain') return;
    const subscription = this.#subscriptions.get(event.channel);
    if (!subscription) {
      this.#hold(false, `no event outside of a subscription, received ${show(event)}`);
      return;
    }
    this.#hold(
      !subscription.owesGap || event.type === 'gap',
      `gap first where recovered is false, received ${show(event)}`,
    );
    subscription.owesGap = false;
    if (event.type === 'message') this.#deliver(subscription, event);
    if (event.type === 'gap') this.#skip(subscription, event);
    if (event.type === 'caught-up') this.#catchUp(subscription, event.offset);
    if (event.type === 'ended') this.#subscriptions.delete(event.channel);
  }

  #begin({ channel, policy, position, recovered }: SubscribedReply): void {
    this.#subscriptions.set(channel, { policy, ...position, owesGap: !recovered });
  }

  #deliver(subscription: FollowedSubscription, { offset }: MessageEvent): void {
    const last = subscription.offset;
    const follows = subscription.policy === 'every' ? offset === last + 1 : offset > last;
    const due = subscription.policy === 'every' ? `offset ${last + 1}` : `an offset greater than ${last}`;
    this.#hold(follows, `a message with ${due}, received one with ${offset}`);
    subscription.offset = offset;
  }

  #skip(subscription: FollowedSubscription, { to, reason }: GapEvent): void {
    const { epoch, offset: last } = subscription;
    const isAhead = reason === 'epoch' || (to.epoch === epoch && to.offset >= last);
    this.#hold(isAhead, `a gap from offset ${last} of ${epoch} onwards, received one to ${show(to)}`);
    subscription.epoch = to.epoch;
    subscription.offset = to.offset;
  }

  #catchUp({ policy, offset: last }: FollowedSubscription, offset: number): void {
    const isRight = policy === 'every' ? offset === last : offset >= last;
    this.#hold(isRight, `caught-up with the offset ${last} of what was delivered last, received ${offset}`);
  }

  #hold(condition: boolean, expected: string): void {
    if (!condition) this.#violations.push(`Expected ${expected}`);
  }
}
