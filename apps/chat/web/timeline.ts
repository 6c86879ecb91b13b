/**
 * The conversation as the page knows it: what the server has put in order, notices between, and at the end what this page has
 * written and not yet got back. A message that comes twice stands here once, and what has been shown stays although the server
 * may have forgotten it.
 */

import type { Accepted, ChatMessage, Person, Position, Welcome } from '../contract/messages.ts';
import type { OutgoingMessage } from './outbox.ts';

export type Delivery =
  | { readonly status: 'sent' }
  | { readonly status: 'pending' }
  | { readonly status: 'failed'; readonly reason: string };

export interface TimelineMessage {
  readonly kind: 'message';
  readonly key: string;
  readonly author: Person;
  /** Written by this person, on this page or another. */
  readonly own: boolean;
  readonly text: string;
  readonly at: number;
  readonly delivery: Delivery;
}

export type NoticeReason = 'gap' | 'restarted';

export interface TimelineNotice {
  readonly kind: 'notice';
  readonly key: string;
  readonly reason: NoticeReason;
}

export type TimelineEntry = TimelineMessage | TimelineNotice;

/** Older messages are taken off the page; nobody scrolls back so far. */
export const maxEntries = 2_000;

export class Timeline {
  #settled: Settled[] = [];
  #unsettled: TimelineMessage[] = [];
  readonly #keys = new Set<string>();
  #position: Position | undefined;
  #you: string | undefined;

  /** The last place in the server's log that has been seen. */
  get position(): Position | undefined {
    return this.#position;
  }

  get entries(): readonly TimelineEntry[] {
    return [...this.#settled.map(({ entry }) => entry), ...this.#unsettled];
  }

  /** Written here, and not sent or not answered yet. */
  write({ id, text, writtenAt }: OutgoingMessage, name: string): void {
    const author: Person = { id: this.#you ?? '', name };
    const delivery: Delivery = { status: 'pending' };
    this.#unsettled.push({
      kind: 'message',
      key: ownKey(id),
      author,
      own: true,
      text,
      at: writtenAt,
      delivery,
    });
  }

  welcome({ you, epoch, recovery, messages }: Welcome): void {
    this.#you = you;
    if (recovery !== 'complete') this.#addNotice(recovery, epoch);
    this.#position = { epoch, sequence: this.#position?.epoch === epoch ? this.#position.sequence : 0 };
    for (const message of messages) this.receive(message);
  }

  receive(message: ChatMessage): void {
    const { id, author, text, sentAt, sequence } = message;
    const own = author.id === this.#you;
    const key = own ? ownKey(id) : `${author.id}/${id}`;
    this.#advance(sequence);
    const delivery: Delivery = { status: 'sent' };
    this.#settle({ kind: 'message', key, author, own, text, at: sentAt, delivery }, sequence);
  }

  /** The server has the message, perhaps since before the connection broke, when it will not come as others do. */
  accept({ id, sequence, sentAt }: Accepted): void {
    const written = this.#unsettled.find(({ key }) => key === ownKey(id));
    if (written === undefined) return;
    this.#settle({ ...written, at: sentAt, delivery: { status: 'sent' } }, sequence);
  }

  fail(id: string, reason: string): void {
    const delivery: Delivery = { status: 'failed', reason };
    this.#unsettled = this.#unsettled.map((entry) =>
      entry.key === ownKey(id) ? { ...entry, delivery } : entry,
    );
  }

  #advance(sequence: number): void {
    if (this.#position === undefined || sequence <= this.#position.sequence) return;
    this.#position = { ...this.#position, sequence };
  }

  #settle(entry: TimelineMessage, sequence: number): void {
    this.#unsettled = this.#unsettled.filter(({ key }) => key !== entry.key);
    // Seen before the server restarted: its author sent it again, because the answer was lost.
    if (this.#keys.has(entry.key)) return;
    this.#keys.add(entry.key);
    this.#insert({ entry, place: { epoch: this.#position?.epoch ?? '', sequence } });
  }

  #insert(settled: Settled): void {
    let index = this.#settled.length;
    while (isAfter(this.#settled[index - 1]?.place, settled.place)) index -= 1;
    this.#settled.splice(index, 0, settled);
    while (this.#settled.length > maxEntries) this.#keys.delete(this.#settled.shift()?.entry.key ?? '');
  }

  #addNotice(reason: NoticeReason, epoch: string): void {
    const key = `notice/${epoch}/${this.#position?.sequence ?? 0}/${reason}`;
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#settled.push({ entry: { kind: 'notice', key, reason }, place: undefined });
  }
}

interface Settled {
  readonly entry: TimelineEntry;
  /** Undefined for a notice: it stays where it was put, and nothing moves past it. */
  readonly place: Position | undefined;
}

function ownKey(id: string): string {
  return `own/${id}`;
}

function isAfter(one: Position | undefined, other: Position | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.epoch === other.epoch && one.sequence > other.sequence;
}
