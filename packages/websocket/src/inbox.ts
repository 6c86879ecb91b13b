/**
 * What a peer has received, for an application that reads at its own pace: the messages as an async iteration, or each
 * message part by part. Both hold the sender back. It is made when it is first needed, which for most peers is never.
 * Below: `message-iterator.ts` and `incoming-message.ts`; above: `peer.ts`.
 */

import type { PieceEvent } from '@hawser/protocol';
import { ConnectionEndedError } from './connection-ended-error.ts';
import { IncomingMessage } from './incoming-message.ts';
import { MessageIterator, type Pausable } from './message-iterator.ts';

/** Where messages come from. */
export interface InboxSource extends Pausable {
  readonly isPaused: boolean;
  readonly isOpen: boolean;
}

/** The messages of one peer that wait to be read. */
export class Inbox {
  readonly #source: InboxSource;
  readonly #onMessage: (message: IncomingMessage) => void;
  /** The iteration under way; undefined while there is none. */
  #iterator: MessageIterator | undefined;
  /** The message that arrives in parts; undefined between messages. */
  #incoming: IncomingMessage | undefined;

  /** @param onMessage Called when a message begins to arrive in parts. */
  constructor(source: InboxSource, onMessage: (message: IncomingMessage) => void) {
    this.#source = source;
    this.#onMessage = onMessage;
  }

  /** The messages from now on, for one consumer. */
  iterate(): MessageIterator {
    this.#iterator ??= new MessageIterator(this.#source, () => {
      this.#iterator = undefined;
    });
    return this.#iterator;
  }

  /** A whole message came. Returns whether somebody iterates, who has it now. */
  push(message: string | Uint8Array): boolean {
    this.#iterator?.push(message);
    return this.#iterator !== undefined;
  }

  /** A part of a message came. */
  pushPiece({ opcode, payload, isLast }: PieceEvent): void {
    // Asked before the message begins, for that pauses its source.
    const isUnwanted = this.#isUnwanted;
    const isFirst = this.#incoming === undefined;
    this.#incoming ??= new IncomingMessage(opcode, this.#source);
    const message = this.#incoming;
    if (isUnwanted) message.fail(new ConnectionEndedError('an incoming message'));
    else if (isFirst) this.#onMessage(message);
    message.push(payload);
    if (!isLast) return;
    this.#incoming = undefined;
    message.end();
  }

  /** The connection was failed. */
  fail(error: Error): void {
    this.#incoming?.fail(error);
    this.#incoming = undefined;
    this.#iterator?.fail(error);
  }

  /** The connection has ended. */
  end(): void {
    this.#iterator?.end();
    this.#incoming?.fail(new ConnectionEndedError('an incoming message'));
  }

  /** A peer that is closing is read on, to find the Close frame, even if its reader has paused it. */
  get #isUnwanted(): boolean {
    return this.#source.isPaused && !this.#source.isOpen;
  }
}
