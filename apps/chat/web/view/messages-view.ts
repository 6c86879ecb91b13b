/**
 * The list of messages. An element is made once for each row and stays with it: a screen reader hears what is new and nothing
 * twice, and whoever selects text while others write keeps the selection. What people write enters the page as text only.
 */

import { assertNever } from '../../contract/assert-never.ts';
import { dayLabel, timeLabel } from '../labels.ts';
import type { DayRow, MessageRow, Row } from '../rows.ts';
import type { Delivery, NoticeReason, TimelineNotice } from '../timeline.ts';
import { paintAvatar } from './avatar.ts';
import { find, stamp, write } from './dom.ts';

export class MessagesView {
  readonly #list = find(document, '#messages', HTMLOListElement);
  readonly #log = find(document, '#log', HTMLElement);
  readonly #empty = find(document, '#empty', HTMLElement);
  readonly #items = new Map<string, HTMLLIElement>();

  /** Returns how many messages of others are new on the page. */
  render(rows: readonly Row[], now: number): number {
    this.#removeAllBut(new Set(rows.map((row) => row.key)));
    let fromOthers = 0;
    let next = this.#list.firstElementChild;
    for (const row of rows) {
      const known = this.#items.get(row.key);
      const item = known ?? this.#create(row);
      paint(item, row, now);
      if (item === next) next = next.nextElementSibling;
      else this.#list.insertBefore(item, next);
      if (known === undefined && row.kind === 'message' && !row.message.own) fromOthers += 1;
    }
    return fromOthers;
  }

  showEmpty(isEmpty: boolean): void {
    this.#empty.hidden = !isEmpty;
  }

  /** From now on a screen reader says what is added. A whole history it would read to the end. */
  announceAdditions(): void {
    this.#log.setAttribute('aria-busy', 'false');
  }

  #removeAllBut(keys: ReadonlySet<string>): void {
    for (const [key, item] of this.#items) {
      if (keys.has(key)) continue;
      item.remove();
      this.#items.delete(key);
    }
  }

  #create(row: Row): HTMLLIElement {
    const item = stamp(`#${row.kind}-template`, HTMLLIElement);
    this.#items.set(row.key, item);
    return item;
  }
}

function paint(item: HTMLLIElement, row: Row, now: number): void {
  switch (row.kind) {
    case 'message':
      return paintMessage(item, row);
    case 'day':
      return paintDay(item, row, now);
    case 'notice':
      return paintNotice(item, row);
    default:
      return assertNever(row);
  }
}

function paintMessage(item: HTMLLIElement, { message, leads }: MessageRow): void {
  const { author, own, text, at, delivery } = message;
  // A message changes in nothing but these, so most of the list is left alone.
  const look = `${leads} ${delivery.status} ${at}`;
  if (item.dataset.look === look) return;
  item.dataset.look = look;
  item.dataset.delivery = delivery.status;
  item.classList.toggle('own', own);
  item.classList.toggle('leads', leads);
  paintAvatar(find(item, '.avatar', HTMLElement), author);
  find(item, '.author', HTMLElement).textContent = own ? 'You' : author.name;
  find(item, '.bubble', HTMLElement).textContent = text;
  find(item, '.delivery', HTMLElement).textContent = deliveryLabel(delivery);
  paintTime(find(item, '.time', HTMLTimeElement), at);
}

function paintTime(time: HTMLTimeElement, at: number): void {
  time.dateTime = new Date(at).toISOString();
  time.title = new Date(at).toLocaleString();
  time.textContent = timeLabel(at);
}

function paintDay(item: HTMLLIElement, { at }: DayRow, now: number): void {
  write(find(item, '.day-text', HTMLElement), dayLabel(at, now));
}

function paintNotice(item: HTMLLIElement, { reason }: TimelineNotice): void {
  write(item, noticeLabels[reason]);
}

function deliveryLabel(delivery: Delivery): string {
  switch (delivery.status) {
    case 'sent':
      return '';
    case 'pending':
      return 'Waiting to be sent';
    case 'failed':
      return `Not sent. ${delivery.reason}`;
    default:
      return assertNever(delivery);
  }
}

const noticeLabels: Readonly<Record<NoticeReason, string>> = {
  gap: 'Earlier messages are no longer kept',
  restarted: 'The server was restarted. What stands above is kept on this page only',
};
