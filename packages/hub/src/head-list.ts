/**
 * The subscriptions that are at the head of a channel, in an order that is the same for every message: connections that
 * are sent the same messages in the same order share one write. Messages are queued, and go together to one connection
 * after the other, while its state is at hand; the transports stand in a row of their own, so that nothing else of a
 * subscription is touched. Whoever leaves meanwhile leaves a hole: nobody is passed over, and nobody is met twice. Used by
 * `channel.ts`.
 */

import type { Subscriber, Subscription } from './subscription.ts';

/** Fewer holes than this are not worth closing between two fan-outs. */
const MIN_HOLES = 32;

/** Subscriptions to push to; none of their connections is full. */
export class HeadList<Prepared> {
  #subscriptions: (Subscription<Prepared> | undefined)[] = [];
  #transports: (Subscriber<Prepared>['transport'] | undefined)[] = [];
  #holes = 0;
  /** Messages of the channel that nobody has got yet, one offset after the other. */
  #queued: Prepared[] = [];
  #firstOffset = 0;
  /** Whether somebody was added since the first of them was queued, and may have had some of them. */
  #hasNewcomers = false;
  /** While something is sent: whose turn it is, behind whom nobody gets it, … */
  #turn = 0;
  #end = 0;
  /** … how many messages of the channel it is, and how many of them were sent in this turn. */
  #due = 0;
  #sent = 0;

  /** How many there are. */
  get size(): number {
    return this.#subscriptions.length - this.#holes;
  }

  /** Whether something is being sent. */
  get isSending(): boolean {
    return this.#end > 0;
  }

  add(subscription: Subscription<Prepared>): void {
    subscription.place = this.#subscriptions.length;
    this.#subscriptions.push(subscription);
    this.#transports.push(subscription.subscriber.transport);
    this.#hasNewcomers = true;
  }

  /** Returns whether it was there. */
  delete(subscription: Subscription<Prepared>): boolean {
    const { place } = subscription;
    if (this.#subscriptions[place] !== subscription) return false;
    this.#subscriptions[place] = undefined;
    this.#transports[place] = undefined;
    this.#holes += 1;
    if (this.size === 0) this.#queued = [];
    const isWorthIt = this.#holes >= MIN_HOLES && this.#holes * 2 > this.#subscriptions.length;
    if (isWorthIt && !this.isSending) this.#closeHoles();
    return true;
  }

  /** How many messages of the channel it has yet to get that are queued or being sent. */
  missing({ place }: Subscription<Prepared>): number {
    const queued = this.#queued.length;
    if (place < this.#turn || place >= this.#end) return queued;
    return queued + this.#due - (place === this.#turn ? this.#sent : 0);
  }

  /** Has a message of the channel sent with the next `flush`; its offset follows the one before. */
  queue(message: Prepared, offset: number): void {
    if (this.#queued.length === 0) {
      this.#firstOffset = offset;
      this.#hasNewcomers = false;
    }
    this.#queued.push(message);
  }

  /** Sends what is queued, to each all that its cursor does not pass; returns how many messages that was. Not while it sends. */
  flush(): number {
    const messages = this.#queued;
    if (messages.length === 0) return 0;
    this.#queued = [];
    this.#due = messages.length;
    return this.#sendAll(messages, this.#hasNewcomers ? this.#firstOffset : Infinity);
  }

  /** Sends what is no message of the channel. Not while something is queued, or it sends. */
  send(event: Prepared): void {
    this.#due = 0;
    this.#sendAll([event], Infinity);
  }

  /** All subscriptions, as they are now. */
  all(): readonly Subscription<Prepared>[] {
    return this.#subscriptions.filter((subscription) => subscription !== undefined);
  }

  /** @param firstOffset The offset of the first message; `Infinity` if all are for everybody. */
  #sendAll(messages: readonly Prepared[], firstOffset: number): number {
    if (this.#holes > 0) this.#closeHoles();
    const end = this.#transports.length;
    this.#end = end;
    let count = 0;
    for (let place = 0; place < end; place++) {
      this.#turn = place;
      const first = firstOffset === Infinity ? 0 : this.#countPassed(place, firstOffset);
      for (let i = first; i < messages.length; i++) {
        const transport = this.#transports[place];
        const message = messages[i];
        if (transport === undefined || message === undefined) break;
        this.#sent = i + 1;
        count += 1;
        if (!transport.send(message)) this.#subscriptions[place]?.subscriber.becomeFull();
      }
      this.#sent = 0;
    }
    this.#turn = 0;
    this.#end = 0;
    this.#due = 0;
    return count;
  }

  /** How many of the messages from an offset on a subscription's cursor has passed. */
  #countPassed(place: number, firstOffset: number): number {
    const cursor = this.#subscriptions[place]?.cursor ?? 0;
    return Math.max(0, cursor + 1 - firstOffset);
  }

  #closeHoles(): void {
    const present = this.all();
    const hadNewcomers = this.#hasNewcomers;
    this.#subscriptions = [];
    this.#transports = [];
    this.#holes = 0;
    for (const subscription of present) this.add(subscription);
    this.#hasNewcomers = hadNewcomers;
  }
}
