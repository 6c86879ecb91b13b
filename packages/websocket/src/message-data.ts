/**
 * The data of messages, between JavaScript's types and bytes: the one place that decodes received payloads, and the
 * conversions of Web IDL that the argument of `WebSocket.send` goes through. Used by `websocket.ts`.
 */

import { isAnyArrayBuffer, isSharedArrayBuffer } from 'node:util/types';
import { toDomString } from './web-idl.ts';

/** What can be sent, converted: text, bytes of the caller, which may still change, or a Blob. */
export type SendableData = string | Uint8Array | Blob;

/** The text of a payload that is known to be UTF-8. A byte order mark is a character like any other. */
export function decodeText(payload: Uint8Array): string {
  return asBuffer(payload).toString();
}

/** An ArrayBuffer that holds the payload and nothing else: the payload's own if it fills it, or else a copy. */
export function toArrayBuffer(payload: Uint8Array): ArrayBuffer {
  const { buffer } = payload;
  if (buffer.byteLength === payload.length && buffer instanceof ArrayBuffer) return buffer;
  return new Uint8Array(payload).buffer;
}

/**
 * Converts a value to `(BufferSource or Blob or USVString)`, as Web IDL says: what is neither bytes nor a Blob is
 * made a string.
 *
 * @throws TypeError for shared or resizable memory, and for what cannot be made a string.
 */
export function toSendableData(value: unknown): SendableData {
  if (typeof value === 'string') return value;
  if (value instanceof Blob) return value;
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(fixedBuffer(value.buffer), value.byteOffset, value.byteLength);
  }
  if (isAnyArrayBuffer(value)) return new Uint8Array(fixedBuffer(value));
  return toDomString(value);
}

/** How many bytes the data has as a message's payload. */
export function payloadLength(data: SendableData): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  return data instanceof Blob ? data.size : data.length;
}

/** Web IDL: neither [AllowShared] nor [AllowResizable]. */
function fixedBuffer(buffer: ArrayBufferLike): ArrayBufferLike {
  if (isSharedArrayBuffer(buffer)) throw new TypeError('Expected memory that is not shared');
  if ('resizable' in buffer && buffer.resizable === true) {
    throw new TypeError('Expected an ArrayBuffer of fixed length, received a resizable one');
  }
  return buffer;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
