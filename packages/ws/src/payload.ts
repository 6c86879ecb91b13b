/**
 * The data of messages between what users hand in or want to get and bytes: `binaryType` on the way in, everything
 * that `Buffer.from` takes on the way out.
 */

import { Blob } from 'node:buffer';
import { isAnyArrayBuffer } from 'node:util/types';

/** How binary messages are handed to listeners. */
export type BinaryType = 'nodebuffer' | 'arraybuffer' | 'fragments' | 'blob';

/** What a listener of `message` gets. */
export type RawData = Buffer | ArrayBuffer | Buffer[] | Blob;

/** What can be sent. */
export type SendableData =
  | string
  | number
  | Blob
  | ArrayBufferLike
  | NodeJS.ArrayBufferView
  | ArrayLike<number>
  | undefined
  | null;

/** What has been converted, so that its length is known. */
export type OutgoingData = string | Buffer | Blob;

/** No bytes. */
export const emptyBuffer: Buffer = Buffer.alloc(0);

const binaryTypes: readonly string[] = ['nodebuffer', 'arraybuffer', 'fragments', 'blob'];

/** Whether it is one of the values that `binaryType` can have. */
export function isBinaryType(value: string): value is BinaryType {
  return binaryTypes.includes(value);
}

/** A binary message as `binaryType` asks for it. */
export function toRawData(payload: Buffer, binaryType: BinaryType): RawData {
  switch (binaryType) {
    case 'nodebuffer':
      return payload;
    case 'arraybuffer':
      return toArrayBuffer(payload);
    case 'fragments':
      return payload.length === 0 ? [] : [payload];
    case 'blob':
      return new Blob([payload]);
  }
}

/** The same bytes as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) return emptyBuffer;
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Converts what is to be sent. Nothing, in any of its forms, is an empty message. */
export function toOutgoing(data: SendableData): OutgoingData {
  if (typeof data === 'string') return data;
  if (typeof data === 'number') return String(data);
  if (!data) return emptyBuffer;
  return isBlob(data) ? data : toBuffer(data);
}

/** How many bytes it has. */
export function byteLength(data: OutgoingData): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  return isBlob(data) ? data.size : data.length;
}

/** Bytes of whatever `Buffer.from` takes, without a copy where there are bytes already. */
export function toBuffer(
  data: string | ArrayBufferLike | NodeJS.ArrayBufferView | ArrayLike<number>,
): Buffer {
  if (Buffer.isBuffer(data)) return data;
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return isAnyArrayBuffer(data) ? Buffer.from(data) : Buffer.from(data);
}

/** Whether it is a Blob, of whichever library. */
export function isBlob(value: unknown): value is Blob {
  if (value instanceof Blob) return true;
  if (typeof value !== 'object' || value === null || !(Symbol.toStringTag in value)) return false;
  const tag = value[Symbol.toStringTag];
  return (tag === 'Blob' || tag === 'File') && 'arrayBuffer' in value && 'stream' in value;
}

function toArrayBuffer(payload: Buffer): ArrayBuffer {
  const { buffer, byteLength: length } = payload;
  if (buffer.byteLength === length && buffer instanceof ArrayBuffer) return buffer;
  return new Uint8Array(payload).buffer;
}
