/**
 * One channel within a transaction or a reading: where it stands, which of its messages are still kept, and what can be
 * deleted. Trimming moves one number; the messages are deleted some at a time, once all processes have heard of them.
 */

import type { LogEntry, Publication, ReadLimits } from '@hawser/hub';
import type { PublicationSize } from '@hawser/hub/broker-parts';
import {
  type ChannelRecord,
  decodeChannelRecord,
  encodeChannelRecord,
  newChannelRecord,
} from './channel-record.ts';
import { decodeHead, type EntryHead, encodeEntry } from './entry-format.ts';
import type { Storage } from './storage.ts';
import { entryKey, offsetIn } from './storage-key.ts';

/** A channel, as a transaction or a reading sees it. */
export class ChannelLog {
  readonly key: Buffer;
  readonly record: ChannelRecord;
  /** Whether it is stored at all. */
  readonly isStored: boolean;
  readonly #storage: Storage;

  constructor(storage: Storage, key: Buffer) {
    const stored = storage.channels.get(key);
    this.#storage = storage;
    this.key = key;
    this.isStored = stored !== undefined;
    this.record = stored === undefined ? newChannelRecord(storage.forgotten) : decodeChannelRecord(stored);
  }

  get epoch(): string {
    return this.#storage.epochOf(this.record.life);
  }

  /** Puts a message behind the newest. */
  append(publication: Publication, size: PublicationSize, now: number): LogEntry {
    const { record } = this;
    record.head += 1;
    record.usedAt = now;
    // A publisher whose clock is ahead must not keep all that follows from growing old.
    record.bornAt = Math.max(record.bornAt, Math.min(publication.at, now));
    const head = { bornAt: record.bornAt, bytesBefore: record.bytes };
    record.bytes += size.total;
    this.#storage.entries.putSync(entryKey(this.key, record.head), encodeEntry(publication, head));
    return { ...publication, offset: record.head };
  }

  /** Drops what is beyond the retention by now. */
  trim(now: number): void {
    this.record.oldest = this.oldestAt(now);
  }

  /** The offset of the oldest message that the retention still allows. */
  oldestAt(now: number): number {
    const { head, oldest, maxMessages } = this.record;
    // Searched in leaps from the oldest on: mostly none is beyond, or one.
    let allowed = Math.max(oldest, head - Math.min(maxMessages, head) + 1);
    let leap = 1;
    while (this.#isBeyond(allowed + leap - 1, now)) {
      allowed += leap;
      leap *= 2;
    }
    for (; leap > 1; leap /= 2) if (this.#isBeyond(allowed + leap / 2 - 1, now)) allowed += leap / 2;
    return Math.min(allowed, head + 1);
  }

  /** Deletes messages that nobody needs any more, at most so many. Returns how many. */
  deleteDisposable(most: number, graceMs: number, now: number): number {
    const { record } = this;
    if (Math.abs(now - record.trimmedAt) >= graceMs) {
      record.disposableBelow = record.trimmedBelow;
      record.trimmedBelow = record.oldest;
      record.trimmedAt = now;
    }
    const end = Math.min(record.disposableBelow, record.floor + most);
    const count = end - record.floor;
    for (; record.floor < end; record.floor++)
      this.#storage.entries.removeSync(entryKey(this.key, record.floor));
    return count;
  }

  /** Stores where the channel stands. */
  write(): void {
    this.#storage.channels.putSync(this.key, encodeChannelRecord(this.record));
  }

  /** The stored messages from one offset to another, whether they are kept or not. */
  storedBetween(first: number, last: number): LogEntry[] {
    const range = { start: entryKey(this.key, first), end: entryKey(this.key, last + 1) };
    return this.#collect(range, { messages: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY });
  }

  /** The messages after an offset, as far as the limits go. */
  read(first: number, limits: ReadLimits): LogEntry[] {
    const { head } = this.record;
    if (first > head || limits.messages < 1) return [];
    return this.#collect({ start: entryKey(this.key, first), end: entryKey(this.key, head + 1) }, limits);
  }

  /** The messages from an offset backwards, as far as the limits go; newest first. */
  readBackwards(last: number, oldest: number, limits: ReadLimits): LogEntry[] {
    if (last < oldest || limits.messages < 1) return [];
    const range = { start: entryKey(this.key, last), end: entryKey(this.key, oldest - 1), reverse: true };
    return this.#collect(range, limits);
  }

  #collect(range: { start: Buffer; end: Buffer; reverse?: boolean }, limits: ReadLimits): LogEntry[] {
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (const { key, value } of this.#storage.decodedEntries.getRange(range)) {
      const { entry, contentBytes } = value;
      bytes += contentBytes;
      if (entries.length > 0 && bytes > limits.bytes) break;
      entry.offset = offsetIn(key);
      entries.push(entry);
      if (entries.length >= limits.messages) break;
    }
    return entries;
  }

  #isBeyond(offset: number, now: number): boolean {
    const { head, bytes, maxBytes, maxAgeMs } = this.record;
    if (offset > head) return false;
    const { bytesBefore, bornAt } = this.#head(offset);
    return bytes - bytesBefore > maxBytes || now - bornAt > maxAgeMs;
  }

  #head(offset: number): EntryHead {
    const stored = this.#storage.entries.getBinaryFast(entryKey(this.key, offset));
    // A message that is missing is beyond every retention.
    return stored === undefined ? { bytesBefore: -Infinity, bornAt: -Infinity } : decodeHead(stored);
  }
}
