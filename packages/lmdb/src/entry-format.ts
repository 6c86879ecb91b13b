/**
 * A message as LMDB stores it: a head of fixed size, which trimming looks at, the attributes with their lengths, and the
 * content as the rest. Reading it parses nothing and copies the content once.
 *
 *     flags 1 | at 8 | bornAt 8 | bytesBefore 8 | (length 4 | text)* | content
 *
 * A length counts bytes, times two, plus one if they are UTF-16. Numbers are big-endian, times are floating-point.
 */

import type { Content, LogEntry, Publication } from '@hawser/hub';
import { encodingOf, type TextEncoding } from './stored-text.ts';

const Flag = {
  contentIsBytes: 1,
  contentIsUtf16: 2,
  publicationId: 4,
  messageId: 8,
  key: 16,
  user: 32,
} as const;

const AT_PLACE = 1;
const BORN_AT = 9;
const BYTES_BEFORE = 17;
const HEAD_BYTES = 25;
const LENGTH_BYTES = 4;

/** The order of the attributes in the format. */
const attributes = ['publicationId', 'messageId', 'key', 'user'] as const;

/** A message that was read. Who reads it knows the offset by its key, and puts it in. */
export interface DecodedEntry {
  readonly entry: { -readonly [name in keyof LogEntry]: LogEntry[name] };
  readonly contentBytes: number;
}

/** What trimming needs to know of a message. */
export interface EntryHead {
  /** When its age begins, in ms since 1970; never less than its predecessor's. */
  readonly bornAt: number;
  /** The bytes of all messages before it in the channel, as the retention counts them. */
  readonly bytesBefore: number;
}

/** A message as bytes. */
export function encodeEntry(publication: Publication, { bornAt, bytesBefore }: EntryHead): Buffer {
  const target = Buffer.allocUnsafe(encodedLength(publication));
  target.writeDoubleBE(publication.at, AT_PLACE);
  target.writeDoubleBE(bornAt, BORN_AT);
  target.writeDoubleBE(bytesBefore, BYTES_BEFORE);
  let flags = 0;
  let position = HEAD_BYTES;
  for (const name of attributes) {
    const text = publication[name];
    if (text === undefined) continue;
    flags |= Flag[name];
    position = writeText(target, position, text);
  }
  target[0] = flags | writeContent(target, position, publication.content);
  return target;
}

/** What trimming needs to know of a stored message. */
export function decodeHead(stored: Buffer): EntryHead {
  return { bornAt: stored.readDoubleBE(BORN_AT), bytesBefore: stored.readDoubleBE(BYTES_BEFORE) };
}

/**
 * A stored message, which begins a buffer and has this many bytes of it. Nothing of the buffer is kept: LMDB puts the next
 * message into the same one.
 */
export function decodeEntry(stored: Buffer, size: number): DecodedEntry {
  const flags = stored[0] ?? 0;
  const entry: DecodedEntry['entry'] = { content: '', at: stored.readDoubleBE(AT_PLACE), offset: 0 };
  let position = HEAD_BYTES;
  for (const name of attributes) {
    if ((flags & Flag[name]) === 0) continue;
    const length = stored.readUInt32BE(position);
    const start = position + LENGTH_BYTES;
    position = start + (length >>> 1);
    entry[name] = stored.toString(length & 1 ? 'utf16le' : 'utf8', start, position);
  }
  entry.content = readContent(stored, position, size, flags);
  return { entry, contentBytes: size - position };
}

function encodedLength(publication: Publication): number {
  let length = HEAD_BYTES + contentLength(publication.content);
  for (const name of attributes) {
    const text = publication[name];
    if (text !== undefined) length += LENGTH_BYTES + Buffer.byteLength(text, encodingOf(text));
  }
  return length;
}

function contentLength(content: Content): number {
  return typeof content === 'string' ? Buffer.byteLength(content, encodingOf(content)) : content.byteLength;
}

/** Writes a text behind its length, and gives the position behind it. */
function writeText(target: Buffer, position: number, text: string): number {
  const encoding: TextEncoding = encodingOf(text);
  const start = position + LENGTH_BYTES;
  const length = target.write(text, start, encoding);
  target.writeUInt32BE(length * 2 + (encoding === 'utf16le' ? 1 : 0), position);
  return start + length;
}

/** Writes a content as the rest, and gives the flags that say what it is. */
function writeContent(target: Buffer, position: number, content: Content): number {
  if (typeof content !== 'string') {
    target.set(content, position);
    return Flag.contentIsBytes;
  }
  const encoding = encodingOf(content);
  target.write(content, position, encoding);
  return encoding === 'utf16le' ? Flag.contentIsUtf16 : 0;
}

function readContent(stored: Buffer, position: number, size: number, flags: number): Content {
  if (flags & Flag.contentIsBytes) return new Uint8Array(stored.subarray(position, size));
  return stored.toString(flags & Flag.contentIsUtf16 ? 'utf16le' : 'utf8', position, size);
}
