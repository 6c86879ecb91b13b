/**
 * Sends what is in the outbox, one message after the other: the next only when the one before is answered, so that none
 * overtakes another, whatever the server puts off. Between `chat.ts`, which hears the answers, and `outbox.ts`.
 */

import type { Outbox, OutgoingMessage } from './outbox.ts';
import type { Schedule } from './schedule.ts';

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly schedule: Schedule;
  readonly post: (message: OutgoingMessage) => void;
  /** A post got no answer in time. */
  readonly unanswered: () => void;
}

/** A connection on which a post gets no answer for so long is broken, whatever the browser thinks of it. */
export const answerTimeoutMs = 10_000;

export class Delivery {
  readonly #options: DeliveryOptions;
  #isOpen = false;
  /** Ends the wait for an answer, or for the time to post again. While there is one, nothing else is sent. */
  #cancelTurn: (() => void) | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** There is a connection to send on. */
  open(): void {
    this.#isOpen = true;
    this.sendNext();
  }

  /** The connection is gone, and whatever was not answered is to be sent again. */
  close(): void {
    this.#isOpen = false;
    this.#endTurn();
  }

  sendNext(): void {
    const { outbox, schedule, post, unanswered } = this.#options;
    if (!this.#isOpen || this.#cancelTurn !== undefined || outbox.first === undefined) return;
    this.#cancelTurn = schedule(answerTimeoutMs, unanswered);
    post(outbox.first);
  }

  /** The server has taken or refused a message: either way it is done with. */
  answered(id: string): void {
    this.#options.outbox.remove(id);
    this.#endTurn();
    this.sendNext();
  }

  /** The server wants the same message again, but later. */
  postponed(delayMs: number): void {
    this.#endTurn();
    this.#cancelTurn = this.#options.schedule(delayMs, () => {
      this.#endTurn();
      this.sendNext();
    });
  }

  #endTurn(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
  }
}
