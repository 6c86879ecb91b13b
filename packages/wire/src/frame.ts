/**
 * Frames (docs/wire.md, "Frames"): a text frame is one JSON object; a binary frame is the length of its head in four bytes,
 * big-endian, the head, which is one JSON object in UTF-8, and raw bytes that are what the head calls its data. WebSocket
 * messages come in here, and the decoders take objects out.
 */

import { WireError } from './wire-error.ts';

/** A JSON object as it came. Read it through `ownValue`: its prototype is no part of a message. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A frame, taken apart. */
export interface OpenFrame {
  readonly head: JsonObject;
  /** What follows the head of a binary frame, a view of the frame; undefined for a text frame. */
  readonly bytes: Uint8Array | undefined;
}

/** How many bytes say how long the head is. */
const prefixLength = 4;

const decoder: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder: TextEncoder = new TextEncoder();

/**
 * Takes a frame apart.
 *
 * @param frame A string for a text frame, bytes for a binary frame.
 * @throws WireError `malformed-frame`
 */
export function openFrame(frame: string | Uint8Array): OpenFrame {
  if (typeof frame === 'string') return { head: parseObject(frame), bytes: undefined };
  const end = endOfHead(frame);
  return { head: parseObject(decodeText(frame.subarray(prefixLength, end))), bytes: frame.subarray(end) };
}

/** Puts a binary frame together. */
export function binaryFrame(head: string, chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const headBytes = encoder.encode(head);
  const start = prefixLength + headBytes.length;
  const frame = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, start));
  new DataView(frame.buffer).setUint32(0, headBytes.length);
  frame.set(headBytes, prefixLength);
  let offset = start;
  for (const chunk of chunks) {
    frame.set(chunk, offset);
    offset += chunk.length;
  }
  return frame;
}

/** The object's own property of this name, or undefined. */
export function ownValue(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether a value that came as JSON is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function endOfHead(frame: Uint8Array): number {
  if (frame.length < prefixLength) throw malformed('the length of a head', `${frame.length} bytes`);
  const view = new DataView(frame.buffer, frame.byteOffset, prefixLength);
  const end = prefixLength + view.getUint32(0);
  if (end > frame.length) throw malformed(`a head of ${end - prefixLength} bytes`, `${frame.length} bytes`);
  return end;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed('a head in UTF-8', 'other bytes');
  }
}

function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw malformed('a JSON object', 'another JSON value');
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The language's own message quotes the text, which may hold a token.
    throw malformed('a JSON object', 'text that is not JSON');
  }
}

function malformed(expected: string, received: string): WireError {
  return new WireError({ code: 'malformed-frame', path: '', expected, received });
}
