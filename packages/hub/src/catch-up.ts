/**
 * Lets the subscriptions that are behind read on, in turns: so many at a time, whoever they belong to, so that what is read
 * and not yet sent is bounded however many connections drain at once. Below: `channel.ts`; above: `connection.ts`, `hub.ts`.
 */

import type { Clock } from './clock.ts';
import type { Subscription } from './subscription.ts';

/** How many read at a time. */
export interface CatchUpOptions<Prepared> {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly maxReaders: number;
  /** The log could not be read. Must not throw. */
  readonly onError: (subscription: Subscription<Prepared>, error: unknown) => void;
}

/** The subscriptions that want to read on. */
export class CatchUp<Prepared> {
  readonly #options: CatchUpOptions<Prepared>;
  /** In the order in which they have their turn. */
  readonly #waiting = new Set<Subscription<Prepared>>();
  readonly #reading = new Set<Subscription<Prepared>>();
  #turns = 0;
  #isResting = false;
  #isAboutToRun = false;

  constructor(options: CatchUpOptions<Prepared>) {
    this.#options = options;
  }

  /** Lets a subscription read on until it is at the head or its connection is full. */
  add(subscription: Subscription<Prepared>): void {
    if (this.#reading.has(subscription)) return;
    this.#waiting.add(subscription);
    void this.#runSoon();
  }

  /** It has ended. */
  remove(subscription: Subscription<Prepared>): void {
    this.#waiting.delete(subscription);
  }

  /** Not at once: whoever lets a subscription read on may be in the middle of something that concerns it. */
  async #runSoon(): Promise<void> {
    if (this.#isAboutToRun) return;
    this.#isAboutToRun = true;
    await undefined;
    this.#isAboutToRun = false;
    this.#run();
  }

  #run(): void {
    const { maxReaders } = this.#options;
    for (const subscription of this.#waiting) {
      if (this.#isResting || this.#reading.size >= maxReaders) return;
      if (this.#turns >= maxReaders) return this.#rest();
      this.#waiting.delete(subscription);
      // It comes back when its connection drains.
      if (subscription.subscriber.isFull) continue;
      this.#turns += 1;
      void this.#read(subscription);
    }
  }

  /** A log in memory answers in the same turn of the event loop: without a rest nobody else would have theirs. */
  #rest(): void {
    this.#isResting = true;
    this.#options.clock.schedule(() => {
      this.#isResting = false;
      this.#turns = 0;
      this.#run();
    }, 0);
  }

  async #read(subscription: Subscription<Prepared>): Promise<void> {
    this.#reading.add(subscription);
    try {
      await subscription.source.readOn(subscription);
    } catch (error) {
      this.#options.onError(subscription, error);
    }
    this.#reading.delete(subscription);
    const { state, subscriber } = subscription;
    if (state === 'behind' && !subscriber.isFull) this.#waiting.add(subscription);
    this.#run();
  }
}
