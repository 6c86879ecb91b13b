/**
 * What goes to one client, within its budget. Messages of channels stop at the transport's high-water mark, from where the
 * largest of them still fits into the budget; replies and events pass, and when the budget is spent with them, no more
 * commands are read (`command-queue.ts`). Below: `transport.ts`; above: `channel.ts`, `connection.ts`.
 */

import { type Event, encodeServerMessage, type Reply } from '@hawser/wire';
import type { CatchUp } from './catch-up.ts';
import type { Subscriber, Subscription } from './subscription.ts';
import type { Transport } from './transport.ts';

/** Who has to know when there is no room: the connection. */
export interface OutboxOwner<Prepared> {
  readonly subscriptions: Iterable<Subscription<Prepared>>;
}

/** What is written to one connection. */
export class Outbox<Prepared> implements Subscriber<Prepared> {
  readonly transport: Transport<Prepared>;
  readonly #catchUp: CatchUp<Prepared>;
  readonly #owner: OutboxOwner<Prepared>;
  #isFull = false;

  constructor(transport: Transport<Prepared>, catchUp: CatchUp<Prepared>, owner: OutboxOwner<Prepared>) {
    this.transport = transport;
    this.#catchUp = catchUp;
    this.#owner = owner;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Bytes that the kernel has not taken yet. */
  get bufferedAmount(): number {
    return this.transport.bufferedAmount;
  }

  push(message: Prepared | string | Uint8Array): void {
    if (!this.transport.send(message)) this.becomeFull();
  }

  tell(message: Event | Reply): void {
    this.push(encodeServerMessage(message));
  }

  becomeFull(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    for (const subscription of this.#owner.subscriptions) subscription.source.pause(subscription);
  }

  fellBehind(subscription: Subscription<Prepared>): void {
    if (!this.#isFull) this.#catchUp.add(subscription);
  }

  /** The kernel has taken everything. */
  drained(): void {
    this.#isFull = false;
    for (const subscription of this.#owner.subscriptions) {
      if (this.#isFull) return;
      subscription.source.resume(subscription);
    }
  }
}
