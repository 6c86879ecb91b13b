/**
 * What has been said, as far as the room remembers: messages in the order in which they were accepted, the newest of them kept
 * for who comes later, and the receipts of accepted posts, so that a post that comes twice is added once.
 * Everything is bounded, in counts and in bytes. It lives in memory and ends with the process, which the epoch tells the pages.
 */

import { Buffer } from 'node:buffer';
import type { ChatMessage, Person, Position, Recovery } from '../contract/messages.ts';

export interface ChatLogLimits {
  /** Messages kept for who comes later. */
  readonly maxMessages: number;
  /** Bytes of those messages, as they go over the wire. */
  readonly maxBytes: number;
  /** Posts whose repetition is recognised. It is more than the messages kept, because a page may be away for long. */
  readonly maxReceipts: number;
}

export const defaultChatLogLimits: ChatLogLimits = {
  maxMessages: 500,
  maxBytes: 256 * 1024,
  maxReceipts: 10_000,
};

export interface Draft {
  readonly id: string;
  readonly author: Person;
  readonly text: string;
  readonly sentAt: number;
}

export interface Receipt {
  readonly sequence: number;
  readonly sentAt: number;
}

export interface Recovered {
  readonly recovery: Recovery;
  readonly messages: readonly ChatMessage[];
}

export class ChatLog {
  readonly epoch: string;
  readonly #limits: ChatLogLimits;
  readonly #receipts = new Map<string, Receipt>();
  #kept: Kept[] = [];
  #bytes = 0;
  #sequence = 0;

  constructor(epoch: string, limits: ChatLogLimits = defaultChatLogLimits) {
    this.epoch = epoch;
    this.#limits = limits;
  }

  append(draft: Draft): ChatMessage {
    this.#sequence += 1;
    const message: ChatMessage = { ...draft, sequence: this.#sequence };
    this.#keep(message);
    this.#remember(message);
    return message;
  }

  /** The receipt of a post that was accepted before. */
  receiptOf(authorId: string, id: string): Receipt | undefined {
    return this.#receipts.get(receiptKey(authorId, id));
  }

  /** What came after a position, or everything that is kept for a page that has none. */
  since(position: Position | undefined): Recovered {
    const messages = this.#kept.map((kept) => kept.message);
    if (position === undefined) return { recovery: this.#hasAllSince(0) ? 'complete' : 'gap', messages };
    if (position.epoch !== this.epoch) return { recovery: 'restarted', messages };
    return {
      recovery: this.#hasAllSince(position.sequence) ? 'complete' : 'gap',
      messages: messages.filter((message) => message.sequence > position.sequence),
    };
  }

  #hasAllSince(sequence: number): boolean {
    const oldest = this.#kept[0]?.message.sequence ?? this.#sequence + 1;
    return oldest <= sequence + 1;
  }

  #keep(message: ChatMessage): void {
    const bytes = Buffer.byteLength(JSON.stringify(message));
    this.#kept.push({ message, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > this.#limits.maxMessages || this.#bytes > this.#limits.maxBytes) {
      this.#bytes -= this.#kept.shift()?.bytes ?? 0;
    }
  }

  #remember({ author, id, sequence, sentAt }: ChatMessage): void {
    this.#receipts.set(receiptKey(author.id, id), { sequence, sentAt });
    // A Map iterates in the order of insertion, so the first key is the oldest.
    for (const oldest of this.#receipts.keys()) {
      if (this.#receipts.size <= this.#limits.maxReceipts) break;
      this.#receipts.delete(oldest);
    }
  }
}

interface Kept {
  readonly message: ChatMessage;
  readonly bytes: number;
}

/** Ids are made by pages, so one person's must not stand in the way of another's. */
function receiptKey(authorId: string, id: string): string {
  return `${authorId}/${id}`;
}
