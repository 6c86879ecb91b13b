/**
 * When a client that reads its messages part by part reads on: for the reader of a message while there is one, and
 * between two messages once the next is asked for. Above: `message-streams.ts`; below: `inbox.ts` and the session.
 */

import type { PieceEvent } from '@hawser/protocol';
import { Inbox, type InboxSource } from './inbox.ts';
import type { IncomingMessage } from './incoming-message.ts';

/** Lets the parts of messages through, as they are asked for. */
export class MessageGate {
  readonly #session: InboxSource;
  readonly #inbox: Inbox;
  /** Whether the next message is asked for. */
  #isAsked = false;
  /** Whether the last part of a message is still to come. */
  #isArriving = false;
  /** Whether a message was handed out that has neither been read to its end nor left. */
  #isBeingRead = false;

  /** @param onMessage Called when a message begins to arrive. It was asked for. */
  constructor(session: InboxSource, onMessage: (message: IncomingMessage) => void) {
    this.#session = session;
    this.#inbox = new Inbox(this.#sourceOfMessages(), (message) => {
      this.#isAsked = false;
      this.#isBeingRead = true;
      onMessage(message);
    });
  }

  /** Asks for the next message: it comes once the one before it has been read or left. */
  resume(): void {
    this.#isAsked = true;
    if (!this.#isBeingRead) this.#session.resume();
  }

  /** A part of a message came. */
  push(piece: PieceEvent): void {
    // No message begins once the connection is closing.
    if (!this.#isArriving && !this.#session.isOpen) return;
    this.#isArriving = !piece.isLast;
    this.#inbox.pushPiece(piece);
    // Not paused, the reader waited for what comes behind the last part, and has heard that nothing does.
    if (piece.isLast && !this.#session.isPaused) this.#readToEnd();
  }

  /** The connection is closed: cleanly, or with an error. */
  end(error: Error | undefined): void {
    if (error === undefined) this.#inbox.end();
    else this.#inbox.fail(error);
  }

  #sourceOfMessages(): InboxSource {
    const session = this.#session;
    return {
      get isPaused() {
        return session.isPaused;
      },
      get isOpen() {
        return session.isOpen;
      },
      pause: () => session.pause(),
      resume: () => (this.#isArriving ? session.resume() : this.#readToEnd()),
    };
  }

  #readToEnd(): void {
    this.#isBeingRead = false;
    if (this.#isAsked) this.#session.resume();
    else this.#session.pause();
  }
}
