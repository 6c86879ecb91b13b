/**
 * What one transaction brought, for the listeners of other processes: which messages are new, and the signals. Kept for some
 * seconds under the commit's number; the messages themselves are in the log.
 *
 *     committedAt 8 | channels 4 | (key length 2 | key | life 8 | first 6 | count 4)* | (length 4 | signal)*
 */

import { encodingOf } from './stored-text.ts';

/** Messages of one channel, with offsets without holes. */
export interface CommittedMessages {
  readonly channel: Buffer;
  readonly life: number;
  readonly first: number;
  readonly count: number;
}

/** What one transaction brought. */
export interface CommitRecord {
  readonly committedAt: number;
  readonly messages: readonly CommittedMessages[];
  readonly signals: readonly string[];
}

const MESSAGES_FIXED_BYTES = 20;
const HEAD_BYTES = 12;

/** A record as bytes. */
export function encodeCommitRecord({ committedAt, messages, signals }: CommitRecord): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeDoubleBE(committedAt, 0);
  head.writeUInt32BE(messages.length, 8);
  return Buffer.concat([head, ...messages.map(encodeMessages), ...signals.map(encodeSignal)]);
}

/** When a stored record was committed. */
export function committedAtOf(stored: Buffer): number {
  return stored.readDoubleBE(0);
}

/** A stored record. */
export function decodeCommitRecord(stored: Buffer): CommitRecord {
  const messages: CommittedMessages[] = [];
  const signals: string[] = [];
  let position = HEAD_BYTES;
  for (let left = stored.readUInt32BE(8); left > 0; left--) {
    const keyLength = stored.readUInt16BE(position);
    const rest = position + 2 + keyLength;
    messages.push({
      channel: stored.subarray(position + 2, rest),
      life: stored.readDoubleBE(rest),
      first: stored.readUIntBE(rest + 8, 6),
      count: stored.readUInt32BE(rest + 14),
    });
    position += MESSAGES_FIXED_BYTES + keyLength;
  }
  while (position < stored.length) {
    const length = stored.readUInt32BE(position);
    const end = position + 4 + (length >>> 1);
    signals.push(stored.toString(length & 1 ? 'utf16le' : 'utf8', position + 4, end));
    position = end;
  }
  return { committedAt: committedAtOf(stored), messages, signals };
}

function encodeMessages({ channel, life, first, count }: CommittedMessages): Buffer {
  const target = Buffer.allocUnsafe(MESSAGES_FIXED_BYTES + channel.length);
  target.writeUInt16BE(channel.length, 0);
  target.set(channel, 2);
  const rest = 2 + channel.length;
  target.writeDoubleBE(life, rest);
  target.writeUIntBE(first, rest + 8, 6);
  target.writeUInt32BE(count, rest + 14);
  return target;
}

function encodeSignal(signal: string): Buffer {
  const encoding = encodingOf(signal);
  const length = Buffer.byteLength(signal, encoding);
  const target = Buffer.allocUnsafe(4 + length);
  target.writeUInt32BE(length * 2 + (encoding === 'utf16le' ? 1 : 0), 0);
  target.write(signal, 4, encoding);
  return target;
}
