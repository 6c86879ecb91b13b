/**
 * Bytes → frames (RFC 6455 §5.2, §5.5). A header is consumed when it is all there, else nothing is; whatever can be
 * refused is refused on the header, before a byte of the payload is kept. Payload leaves in pieces, unmasked, as it
 * arrives. Before: `bytes.ts`; after: `message-assembler.ts` (data frames) and `connection.ts` (control frames).
 */

import { type Allocate, ByteQueue } from './bytes.ts';
import { LimitError, ProtocolError } from './errors.ts';
import {
  type FrameHeader,
  isControl,
  MASKING_KEY_LENGTH,
  MAX_7_BIT_LENGTH,
  MAX_16_BIT_LENGTH,
  MAX_CONTROL_PAYLOAD_LENGTH,
  Opcode,
  type Role,
} from './frame.ts';
import type { Limits } from './limits.ts';
import { applyMask } from './mask.ts';

const FIN = 0x80;
const RSV1 = 0x40;
const RSV2_RSV3 = 0x30;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
const LENGTH_IS_16_BIT = 126;
const LENGTH_IS_64_BIT = 127;

/** Reads frames from the chunks of one connection. */
export class FrameParser {
  readonly #expectsMask: boolean;
  readonly #allowsRsv1: boolean;
  readonly #maxPayloadLength: number;
  readonly #queue: ByteQueue;
  /** One header, filled anew for each frame: a small frame costs no allocation beyond its payload. */
  readonly #header: FrameHeader = {
    fin: true,
    rsv1: false,
    opcode: Opcode.Continuation,
    payloadLength: 0,
    maskingKey: 0,
  };
  #insideFrame = false;
  #remaining = 0;

  /**
   * @param role Our own role: a server expects masked frames, a client unmasked ones (§5.1).
   * @param allowsRsv1 Whether an extension gives RSV1 a meaning on the first frame of a message.
   */
  constructor(role: Role, allowsRsv1: boolean, limits: Limits, allocate: Allocate) {
    this.#expectsMask = role === 'server';
    this.#allowsRsv1 = allowsRsv1;
    this.#maxPayloadLength = limits.maxFramePayloadLength;
    this.#queue = new ByteQueue(allocate);
  }

  /** Payload bytes of the current frame that have not been read. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Takes ownership of a received chunk: its payloads are unmasked in place. */
  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /** Keeps no more memory than what has arrived and cannot be read yet. */
  compact(): void {
    this.#queue.compact();
  }

  /** Forgets what has not been read. */
  clear(): void {
    this.#queue.clear();
    this.#insideFrame = false;
  }

  /**
   * The header of the current frame; undefined while it is not all there. The object serves the next frame too.
   *
   * @throws ProtocolError, LimitError as soon as the header shows a violation.
   */
  readHeader(): Readonly<FrameHeader> | undefined {
    if (!this.#insideFrame && !this.#parseHeader()) return undefined;
    return this.#header;
  }

  /** Takes what has arrived of the current frame's payload and lies in one piece, unmasked. */
  readPiece(): Uint8Array {
    const piece = this.#queue.takeAvailable(this.#remaining);
    return this.#unmask(piece);
  }

  /** Takes the current frame's payload, unmasked; undefined while it is not all there. */
  readPayload(): Uint8Array | undefined {
    if (this.#queue.length < this.#remaining) return undefined;
    return this.#unmask(this.#queue.take(this.#remaining));
  }

  #unmask(piece: Uint8Array): Uint8Array {
    const header = this.#header;
    if (this.#expectsMask) header.maskingKey = applyMask(piece, header.maskingKey);
    this.#remaining -= piece.length;
    this.#insideFrame = this.#remaining > 0;
    return piece;
  }

  #parseHeader(): boolean {
    const queue = this.#queue;
    if (queue.length < 2) return false;
    const first = queue.byteAt(0);
    const second = queue.byteAt(1);
    const header = this.#header;
    header.fin = (first & FIN) !== 0;
    header.opcode = readOpcode(first);
    header.rsv1 = (first & RSV1) !== 0;
    this.#checkReservedBits(header, first);
    this.#checkSecondByte(header, second);

    const lengthEnd = lengthFieldEnd(second & LENGTH);
    const headerLength = lengthEnd + (this.#expectsMask ? MASKING_KEY_LENGTH : 0);
    if (queue.length < lengthEnd) return false;
    header.payloadLength = readPayloadLength(queue, second & LENGTH);
    this.#checkPayloadLength(header.payloadLength);
    if (queue.length < headerLength) return false;

    header.maskingKey = this.#expectsMask ? readMaskingKey(queue, lengthEnd) : 0;
    queue.skip(headerLength);
    this.#remaining = header.payloadLength;
    this.#insideFrame = true;
    return true;
  }

  /** RFC 6455 §5.2, RFC 7692 §6: reserved bits are 0, but RSV1 may mark the first frame of a message. */
  #checkReservedBits(header: FrameHeader, first: number): void {
    const marksMessage =
      this.#allowsRsv1 && (header.opcode === Opcode.Text || header.opcode === Opcode.Binary);
    if ((first & RSV2_RSV3) === 0 && (!header.rsv1 || marksMessage)) return;
    throw new ProtocolError('reserved-bit-set', `first byte ${hex(first)}`);
  }

  #checkSecondByte(header: FrameHeader, second: number): void {
    const masked = (second & MASKED) !== 0;
    if (masked !== this.#expectsMask) throw maskError(masked);
    if (!isControl(header.opcode)) return;
    // RFC 6455 §5.5: control frames have a payload of 125 bytes or less and are not fragmented.
    if (!header.fin)
      throw new ProtocolError('fragmented-control-frame', `opcode ${hex(header.opcode)} without FIN`);
    if ((second & LENGTH) > MAX_CONTROL_PAYLOAD_LENGTH) {
      throw new ProtocolError('control-frame-too-long', `a length field of ${second & LENGTH}`);
    }
  }

  #checkPayloadLength(payloadLength: number): void {
    if (payloadLength > this.#maxPayloadLength) {
      throw new LimitError(
        'frame-too-long',
        `${payloadLength} bytes, the limit is ${this.#maxPayloadLength}`,
      );
    }
  }
}

function readOpcode(first: number): Opcode {
  const opcode = first & OPCODE;
  switch (opcode) {
    case Opcode.Continuation:
    case Opcode.Text:
    case Opcode.Binary:
    case Opcode.Close:
    case Opcode.Ping:
    case Opcode.Pong:
      return opcode;
    default:
      throw new ProtocolError('reserved-opcode', hex(opcode));
  }
}

function maskError(masked: boolean): ProtocolError {
  return masked
    ? new ProtocolError('masked-frame', 'a masked one')
    : new ProtocolError('unmasked-frame', 'an unmasked one');
}

/** Where the length field ends in a header whose second byte holds this length. */
function lengthFieldEnd(length: number): number {
  if (length === LENGTH_IS_16_BIT) return 4;
  return length === LENGTH_IS_64_BIT ? 10 : 2;
}

function readPayloadLength(queue: ByteQueue, length: number): number {
  if (length === LENGTH_IS_16_BIT) return readLength16(queue);
  return length === LENGTH_IS_64_BIT ? readLength64(queue) : length;
}

function readLength16(queue: ByteQueue): number {
  const length = (queue.byteAt(2) << 8) | queue.byteAt(3);
  if (length <= MAX_7_BIT_LENGTH) throw nonMinimalLength(length, '16-bit');
  return length;
}

function readLength64(queue: ByteQueue): number {
  if ((queue.byteAt(2) & 0x80) !== 0) {
    throw new ProtocolError('length-bit-63-set', `a first length byte of ${hex(queue.byteAt(2))}`);
  }
  // Multiplied, not shifted: from 2^53 on the number is rounded, and still far beyond any limit.
  let length = 0;
  for (let i = 2; i < 10; i++) length = length * 256 + queue.byteAt(i);
  if (length <= MAX_16_BIT_LENGTH) throw nonMinimalLength(length, '64-bit');
  return length;
}

function nonMinimalLength(length: number, form: string): ProtocolError {
  return new ProtocolError('non-minimal-length', `${length} in the ${form} form`);
}

function readMaskingKey(queue: ByteQueue, at: number): number {
  return (
    queue.byteAt(at) |
    (queue.byteAt(at + 1) << 8) |
    (queue.byteAt(at + 2) << 16) |
    (queue.byteAt(at + 3) << 24)
  );
}

function hex(byte: number): string {
  return `0x${byte.toString(16)}`;
}
