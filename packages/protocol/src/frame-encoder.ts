/**
 * Frames → bytes (RFC 6455 §5.2). The layout of a header stands in `writeHeader` and nowhere else. Before:
 * `connection.ts` and `prepared-message.ts`; after: `output-queue.ts`.
 */

import { MAX_7_BIT_LENGTH, MAX_16_BIT_LENGTH, type Opcode } from './frame.ts';

const FIN = 0x80;
const RSV1 = 0x40;
const MASKED = 0x80;
const LENGTH_IS_16_BIT = 126;
const LENGTH_IS_64_BIT = 127;

/**
 * Writes a frame's header at `offset`; `headerLength` of `frame.ts` says how long it is.
 *
 * @param maskingKey The key, its first octet lowest; undefined for an unmasked frame.
 */
export function writeHeader(
  target: Uint8Array,
  offset: number,
  fin: boolean,
  rsv1: boolean,
  opcode: Opcode,
  payloadLength: number,
  maskingKey: number | undefined,
): void {
  target[offset] = (fin ? FIN : 0) | (rsv1 ? RSV1 : 0) | opcode;
  const maskedBit = maskingKey === undefined ? 0 : MASKED;
  const keyAt = writeLength(target, offset + 1, payloadLength, maskedBit);
  if (maskingKey !== undefined) writeMaskingKey(target, keyAt, maskingKey);
}

/** Writes the length in its shortest form and returns where it ends. */
function writeLength(target: Uint8Array, offset: number, length: number, maskedBit: number): number {
  if (length <= MAX_7_BIT_LENGTH) {
    target[offset] = maskedBit | length;
    return offset + 1;
  }
  if (length <= MAX_16_BIT_LENGTH) {
    target[offset] = maskedBit | LENGTH_IS_16_BIT;
    target[offset + 1] = length >>> 8;
    target[offset + 2] = length;
    return offset + 3;
  }
  target[offset] = maskedBit | LENGTH_IS_64_BIT;
  writeUint32(target, offset + 1, Math.floor(length / 2 ** 32));
  writeUint32(target, offset + 5, length);
  return offset + 9;
}

function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}

function writeMaskingKey(target: Uint8Array, offset: number, key: number): void {
  target[offset] = key;
  target[offset + 1] = key >>> 8;
  target[offset + 2] = key >>> 16;
  target[offset + 3] = key >>> 24;
}
