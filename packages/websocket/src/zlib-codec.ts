/**
 * Raw DEFLATE by Node's zlib, synchronously and by its public API only: the Codec port of the protocol package. Each
 * call makes a zlib state and lets it go, so the memory that the state takes sets the price; it is kept as small as
 * the window allows.
 */

import { constants as bufferConstants } from 'node:buffer';
import { constants, deflateRawSync, type InflateRaw, inflateRawSync } from 'node:zlib';
import type { Codec, Inflated } from '@hawser/protocol';

const MIN_CHUNK_LENGTH = 1024;
const MAX_CHUNK_LENGTH = 64 * 1024;
/** Text and JSON inflate to about this many times their length; a wrong guess costs a second chunk. */
const USUAL_RATIO = 4;

const MAX_MEM_LEVEL = 8;
/** zlib's hash table fits the window when memLevel is this much below windowBits. */
const WINDOW_BITS_ABOVE_MEM_LEVEL = 6;

/**
 * What ends a message for the decoder: the four bytes that the sender left out (RFC 7692 §7.2.1), then a final block
 * of one byte, `END_MARK`. If that byte does not come out last, the message was cut short: zlib has seen no final
 * block, or the message's own has swallowed ours.
 */
const MESSAGE_END: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x4b, 0x04, 0x00);
const END_MARK = 0x61;

/** Final blocks inside a message (RFC 7692 §7.2.3.4) begin the decoder anew; a message of many is an attack. */
const MAX_FINAL_BLOCKS = 8;

/** DEFLATE at one level. */
export class ZlibCodec implements Codec {
  readonly #level: number;

  /** @param level zlib's, 1 (fast) to 9 (small). */
  constructor(level: number) {
    this.#level = level;
  }

  deflate(bytes: Uint8Array, windowBits: number, dictionary: Uint8Array | undefined): Uint8Array {
    return deflateRawSync(bytes, {
      level: this.#level,
      windowBits,
      memLevel: Math.min(MAX_MEM_LEVEL, windowBits - WINDOW_BITS_ABOVE_MEM_LEVEL),
      chunkSize: chunkSize(bytes.length),
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(dictionary === undefined ? {} : { dictionary }),
    });
  }

  inflate(bytes: Uint8Array, dictionary: Uint8Array | undefined, maxLength: number): Inflated {
    try {
      return inflateMessage(Buffer.concat([bytes, MESSAGE_END]), dictionary, maxLength);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return { type: 'too-long' };
      return { type: 'malformed', reason: error.message };
    }
  }
}

/** Inflates up to the end of the input, through final blocks. */
function inflateMessage(input: Uint8Array, dictionary: Uint8Array | undefined, maxLength: number): Inflated {
  const parts: Buffer[] = [];
  let rest = input;
  let room = maxLength + 1;
  let window = dictionary;
  for (let blocks = 0; rest.length > 0; blocks++) {
    if (blocks > MAX_FINAL_BLOCKS)
      return { type: 'malformed', reason: `more than ${MAX_FINAL_BLOCKS} final blocks` };
    const { buffer, engine } = inflateOnce(rest, window, room);
    if (buffer.length > room) return { type: 'too-long' };
    parts.push(buffer);
    room -= buffer.length;
    rest = rest.subarray(engine.bytesWritten);
    if (rest.length > 0) window = Buffer.concat(dictionary === undefined ? parts : [dictionary, ...parts]);
  }
  return withoutEndMark(parts);
}

function withoutEndMark(parts: readonly Buffer[]): Inflated {
  const [only, ...more] = parts;
  const marked = only !== undefined && more.length === 0 ? only : Buffer.concat(parts);
  if (marked.at(-1) !== END_MARK) return { type: 'malformed', reason: 'a message that is cut short' };
  return { type: 'bytes', bytes: marked.subarray(0, -1) };
}

interface InflateInfo {
  readonly buffer: Buffer;
  readonly engine: InflateRaw;
}

function inflateOnce(input: Uint8Array, dictionary: Uint8Array | undefined, room: number): InflateInfo {
  const result: unknown = inflateRawSync(input, {
    chunkSize: chunkSize(Math.min(input.length * USUAL_RATIO, room)),
    // What is more than any Buffer can hold, zlib does not take for a limit.
    maxOutputLength: Math.min(Math.max(1, room), bufferConstants.MAX_LENGTH),
    info: true,
    ...(dictionary === undefined ? {} : { dictionary }),
  });
  if (isInflateInfo(result)) return result;
  throw new TypeError(
    'Expected the output and the engine of zlib.inflateRawSync with info, received something else',
  );
}

/** The types of Node's zlib do not know what `info` returns; its documentation does. */
function isInflateInfo(result: unknown): result is InflateInfo {
  return typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result;
}

function chunkSize(length: number): number {
  return Math.min(MAX_CHUNK_LENGTH, Math.max(MIN_CHUNK_LENGTH, length));
}
