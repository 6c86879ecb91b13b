/**
 * The subscriptions that are at the head of a channel, in an order that is the same for every message: connections that
 * are sent the same messages in the same order share one write. Their transports stand in a row of their own, so that a
 * fan-out touches nothing else that is theirs. Whoever leaves meanwhile leaves a hole: nobody is passed over, and nobody is
 * met twice. Used by `channel.ts`.
 */

import type { Subscriber, Subscription } from './subscription.ts';

/** Fewer holes than this are not worth closing between two fan-outs. */
const MIN_HOLES = 32;

/** Subscriptions to push to; none of their connections is full. */
export class HeadList<Prepared> {
  #subscriptions: (Subscription<Prepared> | undefined)[] = [];
  #transports: (Subscriber<Prepared>['transport'] | undefined)[] = [];
  #holes = 0;
  /** While something is sent: who is next, and behind whom nobody gets it. */
  #next = 0;
  #end = 0;

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
  }

  /** Returns whether it was there. */
  delete(subscription: Subscription<Prepared>): boolean {
    const { place } = subscription;
    if (this.#subscriptions[place] !== subscription) return false;
    this.#subscriptions[place] = undefined;
    this.#transports[place] = undefined;
    this.#holes += 1;
    const isWorthIt = this.#holes >= MIN_HOLES && this.#holes * 2 > this.#subscriptions.length;
    if (isWorthIt && !this.isSending) this.#closeHoles();
    return true;
  }

  /** Whether it has yet to get what is being sent. */
  isDue({ place }: Subscription<Prepared>): boolean {
    return place >= this.#next && place < this.#end;
  }

  /** Sends a message to all; returns to how many. Must not be called while it runs. */
  send(message: Prepared): number {
    if (this.#holes > 0) this.#closeHoles();
    const transports = this.#transports;
    const end = transports.length;
    this.#end = end;
    let sent = 0;
    for (let place = 0; place < end; place++) {
      const transport = transports[place];
      if (transport === undefined) continue;
      this.#next = place + 1;
      sent += 1;
      if (!transport.send(message)) this.#subscriptions[place]?.subscriber.becomeFull();
    }
    this.#next = 0;
    this.#end = 0;
    return sent;
  }

  /** All subscriptions, as they are now. */
  all(): readonly Subscription<Prepared>[] {
    return this.#subscriptions.filter((subscription) => subscription !== undefined);
  }

  #closeHoles(): void {
    const present = this.all();
    this.#subscriptions = [];
    this.#transports = [];
    this.#holes = 0;
    for (const subscription of present) this.add(subscription);
  }
}
