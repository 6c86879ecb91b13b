/**
 * The subscriptions that are at the head of a channel, in an order that is the same for every message: connections that
 * are sent the same messages in the same order share one write. Whoever leaves during a fan-out leaves a hole, so nobody is
 * passed over and nobody is met twice. Used by `channel.ts`.
 */

import type { Subscription } from './subscription.ts';

/** Fewer holes than this are not worth closing between two fan-outs. */
const MIN_HOLES = 32;

/** Subscriptions to push to. */
export class HeadList<Prepared> {
  #places: (Subscription<Prepared> | undefined)[] = [];
  #holes = 0;
  #isRunning = false;

  /** How many there are. */
  get size(): number {
    return this.#places.length - this.#holes;
  }

  add(subscription: Subscription<Prepared>): void {
    subscription.place = this.#places.length;
    this.#places.push(subscription);
  }

  delete(subscription: Subscription<Prepared>): void {
    if (this.#places[subscription.place] !== subscription) return;
    this.#places[subscription.place] = undefined;
    subscription.place = -1;
    this.#holes += 1;
    const isWorthIt = this.#holes >= MIN_HOLES && this.#holes * 2 > this.#places.length;
    if (isWorthIt && !this.#isRunning) this.#closeHoles();
  }

  /**
   * Begins a fan-out: from here to `finish` the list may be walked by index, and `delete` leaves holes. Whoever is added
   * meanwhile stands behind the length that it has now.
   */
  begin(): readonly (Subscription<Prepared> | undefined)[] {
    if (this.#holes > 0) this.#closeHoles();
    this.#isRunning = true;
    return this.#places;
  }

  finish(): void {
    this.#isRunning = false;
  }

  #closeHoles(): void {
    const present: Subscription<Prepared>[] = [];
    for (const subscription of this.#places) {
      if (subscription === undefined) continue;
      subscription.place = present.length;
      present.push(subscription);
    }
    this.#places = present;
    this.#holes = 0;
  }
}
