/**
 * What a publication counts for in a channel's retention and in the limits of a reading. Every broker counts alike, so that
 * a channel keeps the same messages wherever its log is.
 */

import { utf8Length } from '@hawser/wire';
import type { Publication, ReadLimits, Retention } from './broker.ts';

/** What a publication counts for, in bytes: texts as UTF-8, bytes as they are. */
export interface PublicationSize {
  /** Of the content: counts in a reading. */
  readonly content: number;
  /** Of content, key, user and ids: counts in a retention. */
  readonly total: number;
}

/** Measures a publication. */
export function sizeOf(publication: Publication): PublicationSize {
  const { content: data, key, user, messageId, publicationId } = publication;
  const content = typeof data === 'string' ? utf8Length(data) : data.byteLength;
  return {
    content,
    total: content + textBytes(key) + textBytes(user) + textBytes(messageId) + textBytes(publicationId),
  };
}

/** Refuses what is no bound: a retention that means nothing would keep everything, or nothing, silently. */
export function checkRetention({ messages, bytes, ageMs }: Retention): void {
  // What is NaN is not at least 0 either.
  if (messages >= 0 && bytes >= 0 && ageMs >= 0) return;
  throw new RangeError(
    `Expected a retention of bounds from 0 on, received ${messages} messages, ${bytes} bytes, ${ageMs} ms`,
  );
}

/** Refuses what is no place in a channel, and limits that bound nothing. */
export function checkReading(offset: number, { messages, bytes }: ReadLimits): void {
  if (offset >= 0 && messages >= 0 && bytes >= 0) return;
  throw new RangeError(
    `Expected an offset and limits from 0 on, received ${offset}, ${messages} messages and ${bytes} bytes`,
  );
}

function textBytes(text: string | undefined): number {
  return text === undefined ? 0 : utf8Length(text);
}
