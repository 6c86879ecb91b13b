/**
 * What was written and is not yet known to have arrived, in the order in which it was written. It outlives a reload of the page,
 * and each message keeps its id, so that sending it again after a broken connection never makes two of it.
 */

import { parseJsonObject, readInteger, readObjects, readString } from '../contract/json-object.ts';
import type { TextStorage } from './storage.ts';

export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  readonly writtenAt: number;
}

/** A browser keeps some five million characters for a page; this stays far below. */
export const maxOutgoingMessages = 100;
export const maxOutgoingLength = 500_000;

export class Outbox {
  readonly #storage: TextStorage;
  #messages: readonly OutgoingMessage[];

  constructor(storage: TextStorage) {
    this.#storage = storage;
    this.#messages = decode(storage.read(storageKey));
  }

  get messages(): readonly OutgoingMessage[] {
    return this.#messages;
  }

  /** The one whose turn it is. */
  get first(): OutgoingMessage | undefined {
    return this.#messages[0];
  }

  /** Whether there is room for a text. */
  fits(text: string): boolean {
    const length = this.#messages.reduce((sum, message) => sum + message.text.length, text.length);
    return this.#messages.length < maxOutgoingMessages && length <= maxOutgoingLength;
  }

  add(message: OutgoingMessage): void {
    this.#replace([...this.#messages, message]);
  }

  remove(id: string): void {
    this.#replace(this.#messages.filter((message) => message.id !== id));
  }

  #replace(messages: readonly OutgoingMessage[]): void {
    this.#messages = messages;
    this.#storage.write(storageKey, JSON.stringify({ messages }));
  }
}

const storageKey = 'hawser.outbox';

/** What cannot be read was written by another version, or by somebody else, and is left behind. */
function decode(stored: string | undefined): readonly OutgoingMessage[] {
  if (stored === undefined) return [];
  try {
    return readObjects(parseJsonObject(stored), 'messages').map((message) => ({
      id: readString(message, 'id'),
      text: readString(message, 'text'),
      writtenAt: readInteger(message, 'writtenAt'),
    }));
  } catch {
    return [];
  }
}
