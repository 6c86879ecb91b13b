/**
 * From the conversation to the lines of the list that shows it: a separator where a day begins, and messages that one person
 * wrote shortly after each other under one heading. Pure; `view/messages-view.ts` makes elements of it.
 */

import type { TimelineEntry, TimelineMessage, TimelineNotice } from './timeline.ts';

export interface MessageRow {
  readonly kind: 'message';
  readonly key: string;
  readonly message: TimelineMessage;
  /** Shows who wrote it and when. */
  readonly leads: boolean;
}

export interface DayRow {
  readonly kind: 'day';
  readonly key: string;
  readonly at: number;
}

export type Row = MessageRow | DayRow | TimelineNotice;

/** A pause after which the name and the time are shown again. */
export const groupPauseMs = 300_000;

export function rowsOf(entries: readonly TimelineEntry[]): readonly Row[] {
  const rows: Row[] = [];
  let day: string | undefined;
  let previous: TimelineMessage | undefined;
  for (const entry of entries) {
    if (entry.kind === 'notice') {
      rows.push(entry);
      previous = undefined;
      continue;
    }
    if (dayOf(entry.at) !== day) {
      day = dayOf(entry.at);
      rows.push({ kind: 'day', key: `day/${entry.key}`, at: entry.at });
      previous = undefined;
    }
    rows.push({ kind: 'message', key: entry.key, message: entry, leads: !continues(previous, entry) });
    previous = entry;
  }
  return rows;
}

function continues(previous: TimelineMessage | undefined, entry: TimelineMessage): boolean {
  if (previous === undefined || previous.own !== entry.own) return false;
  const sameAuthor = entry.own || previous.author.id === entry.author.id;
  return sameAuthor && previous.author.name === entry.author.name && entry.at - previous.at < groupPauseMs;
}

/** By the reader's calendar. */
function dayOf(at: number): string {
  return new Date(at).toDateString();
}
