/** Where a channel stands, as LMDB stores it: numbers only, in a fixed order. */

import type { Retention } from '@hawser/hub';

/** Where a channel stands. Changed within a transaction, and written at its end. */
export interface ChannelRecord {
  /** Which of the channels of this name it is: the count of those that had been forgotten when it began. */
  life: number;
  /** The offset of the newest message. */
  head: number;
  /** The offset of the oldest message that is kept. */
  oldest: number;
  /** The offset of the oldest message that is still stored, for those who have not heard of it yet. */
  floor: number;
  /** Below this offset nobody needs a message any more. */
  disposableBelow: number;
  /** What `disposableBelow` will be, once enough time has passed since `trimmedAt`. */
  trimmedBelow: number;
  trimmedAt: number;
  /** The bytes of all messages that there ever were, as the retention counts them. */
  bytes: number;
  /** When the age of the newest message began. */
  bornAt: number;
  /** When it was last published to. */
  usedAt: number;
  maxMessages: number;
  maxBytes: number;
  maxAgeMs: number;
}

/** The order of the fields in the format. */
const fields = [
  'life',
  'head',
  'oldest',
  'floor',
  'disposableBelow',
  'trimmedBelow',
  'trimmedAt',
  'bytes',
  'bornAt',
  'usedAt',
  'maxMessages',
  'maxBytes',
  'maxAgeMs',
] as const;

const FIELD_BYTES = 8;

/** A channel that nobody has published to. */
export function newChannelRecord(life: number): ChannelRecord {
  return {
    life,
    head: 0,
    oldest: 1,
    floor: 1,
    disposableBelow: 1,
    trimmedBelow: 1,
    trimmedAt: 0,
    bytes: 0,
    bornAt: 0,
    usedAt: 0,
    maxMessages: 0,
    maxBytes: 0,
    maxAgeMs: 0,
  };
}

/** A record as bytes. */
export function encodeChannelRecord(record: ChannelRecord): Buffer {
  const target = Buffer.allocUnsafe(fields.length * FIELD_BYTES);
  for (const [index, field] of fields.entries()) target.writeDoubleBE(record[field], index * FIELD_BYTES);
  return target;
}

/** A stored record. */
export function decodeChannelRecord(stored: Buffer): ChannelRecord {
  const record = newChannelRecord(0);
  for (const [index, field] of fields.entries()) record[field] = stored.readDoubleBE(index * FIELD_BYTES);
  return record;
}

/** Takes over how much of the channel is to be kept. */
export function setRetention(record: ChannelRecord, { messages, bytes, ageMs }: Retention): void {
  record.maxMessages = messages;
  record.maxBytes = bytes;
  record.maxAgeMs = ageMs;
}
