/**
 * Messages and control frames → the output queue, framed and (for a client) masked. Short ones are encoded straight
 * into the slab; the payload of long ones goes by reference, or as one masked copy. Before: `connection.ts`; after:
 * `output-queue.ts`.
 */

import { headerLength, Opcode } from './frame.ts';
import { writeHeader } from './frame-encoder.ts';
import { applyMask } from './mask.ts';
import { MAX_COPIED_LENGTH, type OutputQueue } from './output-queue.ts';

const MAX_HEADER_LENGTH = headerLength(Number.MAX_SAFE_INTEGER, true);
const MAX_UTF8_BYTES_PER_UNIT = 3;
/** Longest text, in UTF-16 code units, that is sure to fit the slab with its header. */
export const MAX_SHORT_TEXT_LENGTH: number = Math.floor(
  (MAX_COPIED_LENGTH - MAX_HEADER_LENGTH) / MAX_UTF8_BYTES_PER_UNIT,
);

const textEncoder = new TextEncoder();

/** Writes the frames of one connection. */
export class FrameWriter {
  readonly #output: OutputQueue;
  readonly #randomMaskingKey: (() => number) | undefined;

  /** @param randomMaskingKey A client's source of masking keys (RFC 6455 §5.3); undefined for a server. */
  constructor(output: OutputQueue, randomMaskingKey: (() => number) | undefined) {
    this.#output = output;
    this.#randomMaskingKey = randomMaskingKey;
  }

  /** A writer of the same connection's frames to another queue. */
  writingTo(output: OutputQueue): FrameWriter {
    return new FrameWriter(output, this.#randomMaskingKey);
  }

  /** Writes a frame; a long payload of an unmasked one must not change until it has left. */
  writeFrame(fin: boolean, rsv1: boolean, opcode: Opcode, payload: Uint8Array): void {
    const maskingKey = this.#randomMaskingKey?.();
    const payloadAt = headerLength(payload.length, maskingKey !== undefined);
    const isShort = payloadAt + payload.length <= MAX_COPIED_LENGTH;
    const slab = this.#output.slab;
    slab.reserve(isShort ? payloadAt + payload.length : payloadAt);
    writeHeader(slab.block, slab.position, fin, rsv1, opcode, payload.length, maskingKey);
    if (!isShort) {
      this.#output.commit(payloadAt);
      this.#output.append(maskingKey === undefined ? payload : maskedCopy(payload, maskingKey));
      return;
    }
    const start = slab.position + payloadAt;
    slab.block.set(payload, start);
    if (maskingKey !== undefined) applyMask(slab.block.subarray(start, start + payload.length), maskingKey);
    this.#output.commit(payloadAt + payload.length);
  }

  /** Writes a text of at most `MAX_SHORT_TEXT_LENGTH` as a message, encoded straight behind the place of its header. */
  writeShortText(text: string): void {
    const maskingKey = this.#randomMaskingKey?.();
    const isMasked = maskingKey !== undefined;
    const slab = this.#output.slab;
    slab.reserve(MAX_HEADER_LENGTH + text.length * MAX_UTF8_BYTES_PER_UNIT);
    const { block, position } = slab;
    const guessedAt = position + headerLength(text.length, isMasked);
    const length = writeText(text, block, guessedAt);
    // The guess is that the text is ASCII; if it is not, its length may need a longer header.
    const payloadAt = position + headerLength(length, isMasked);
    if (payloadAt !== guessedAt) block.copyWithin(payloadAt, guessedAt, guessedAt + length);
    writeHeader(block, position, true, false, Opcode.Text, length, maskingKey);
    if (maskingKey !== undefined) applyMask(block.subarray(payloadAt, payloadAt + length), maskingKey);
    this.#output.commit(payloadAt + length - position);
  }

  /** Writes a frame that is encoded already and that other connections write too. */
  writeShared(frame: Uint8Array): void {
    this.#output.appendShared(frame);
  }

  /** Writes a frame that is encoded already. */
  writeEncoded(frame: Uint8Array): void {
    if (frame.length > MAX_COPIED_LENGTH) {
      this.#output.append(frame);
      return;
    }
    const slab = this.#output.slab;
    slab.reserve(frame.length);
    slab.block.set(frame, slab.position);
    this.#output.commit(frame.length);
  }
}

/** The longest text that is encoded here rather than by TextEncoder, whose call costs more than so few characters. */
const MAX_TINY_TEXT_LENGTH = 32;

/** Writes a text as UTF-8 and returns its length in bytes. */
function writeText(text: string, target: Uint8Array, offset: number): number {
  if (text.length > MAX_TINY_TEXT_LENGTH)
    return textEncoder.encodeInto(text, target.subarray(offset)).written;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return textEncoder.encodeInto(text, target.subarray(offset)).written;
    target[offset + i] = unit;
  }
  return text.length;
}

/** A copy in memory of its own. (Not `slice`, which on Node's Buffer is a view.) */
function maskedCopy(payload: Uint8Array, maskingKey: number): Uint8Array {
  const copy = new Uint8Array(payload);
  applyMask(copy, maskingKey);
  return copy;
}
