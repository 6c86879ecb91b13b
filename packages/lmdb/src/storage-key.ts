/**
 * The keys of the databases. All of a channel's begin with the length of its name and the name, so that no channel's keys
 * lie among another's; LMDB orders keys byte by byte, so offsets are big-endian.
 */

import { createHash } from 'node:crypto';
import { BrokerError } from '@hawser/hub';
import { encodingOf } from './stored-text.ts';

/** Far below LMDB's limit for a key, with room for an offset or an id behind it. */
const MAX_NAME_BYTES = 1024;
/** Longer ids are stored as their digest. */
const MAX_ID_BYTES = 64;
const OFFSET_BYTES = 6;
const NAME_LENGTH_BYTES = 2;

/** Says what the bytes behind it are, so that no two texts have the same key. */
const Kind = { utf8: 0, utf16le: 1, digest: 2 } as const;

/** The key of a channel, and how its other keys begin. */
export function channelKey(name: string): Buffer {
  const text = textKey(name);
  if (text.length > MAX_NAME_BYTES) {
    throw new BrokerError(
      'too-large',
      `Expected a channel's name of at most ${MAX_NAME_BYTES} bytes, received ${text.length}`,
    );
  }
  const key = Buffer.allocUnsafe(NAME_LENGTH_BYTES + text.length);
  key.writeUInt16BE(text.length, 0);
  key.set(text, NAME_LENGTH_BYTES);
  return key;
}

/** The name that a channel's key was made of. */
export function channelName(key: Buffer): string {
  const encoding = key[NAME_LENGTH_BYTES] === Kind.utf8 ? 'utf8' : 'utf16le';
  return key.toString(encoding, NAME_LENGTH_BYTES + 1);
}

/** The key of a message: in order of offsets within its channel. */
export function entryKey(channel: Buffer, offset: number): Buffer {
  const key = Buffer.allocUnsafe(channel.length + OFFSET_BYTES);
  key.set(channel, 0);
  key.writeUIntBE(offset, channel.length, OFFSET_BYTES);
  return key;
}

/** The offset in a message's key. */
export function offsetIn(key: Buffer): number {
  return key.readUIntBE(key.length - OFFSET_BYTES, OFFSET_BYTES);
}

/** The key of a publication's id. */
export function publicationIdKey(channel: Buffer, publicationId: string): Buffer {
  const text = textKey(publicationId);
  return Buffer.concat([channel, text.length <= MAX_ID_BYTES ? text : digest(text)]);
}

/** The channel in the key of a publication's id. */
export function channelKeyIn(idKey: Buffer): Buffer {
  return idKey.subarray(0, NAME_LENGTH_BYTES + idKey.readUInt16BE(0));
}

/** The key of a number in a sequence. */
export function sequenceKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(OFFSET_BYTES);
  key.writeUIntBE(number, 0, OFFSET_BYTES);
  return key;
}

function textKey(text: string): Buffer {
  const encoding = encodingOf(text);
  const key = Buffer.allocUnsafe(1 + Buffer.byteLength(text, encoding));
  key[0] = Kind[encoding];
  key.write(text, 1, encoding);
  return key;
}

function digest(text: Buffer): Buffer {
  const hash = createHash('sha256').update(text).digest();
  return Buffer.concat([Buffer.of(Kind.digest), hash]);
}
