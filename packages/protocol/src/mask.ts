/**
 * Masking (RFC 6455 §5.3): octet i of the payload is XORed with octet i mod 4 of the masking key. Short payloads go
 * byte by byte; from `WORDWISE_FROM` on, the aligned middle goes a 32-bit word at a time, without a copy; long ones go
 * through the kernel of `mask-kernel.ts`. The loops are unrolled because the check of the bounds, not the XOR, is what
 * costs.
 */

import { compileMaskKernel, type MaskInPlace } from './mask-kernel.ts';

/** Payloads shorter than this are masked byte by byte: making the view of words costs more than it saves. */
const WORDWISE_FROM = 96;
/** Payloads from this length on are worth the kernel's two copies. */
const KERNEL_FROM = 2 * 1024;

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Masks or unmasks `bytes` in place.
 *
 * @param key The masking key, the octet for `bytes[0]` lowest.
 * @returns The key turned so that masking goes on with the bytes that follow.
 */
export function applyMask(bytes: Uint8Array, key: number): number {
  if (bytes.length < WORDWISE_FROM) return maskBytes(bytes, 0, bytes.length, key);
  if (bytes.length < KERNEL_FROM) return maskAligned(bytes, key);
  kernel ??= compileMaskKernel() ?? maskAligned;
  kernel(bytes, key);
  return turn(key, bytes.length);
}

/** Compiled when the first long payload comes. */
let kernel: MaskInPlace | undefined;

function turn(key: number, count: number): number {
  const bits = (count & 3) * 8;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

function maskAligned(bytes: Uint8Array, key: number): number {
  const alignedStart = -bytes.byteOffset & 3;
  const wordCount = (bytes.length - alignedStart) >>> 2;
  const keyAtWords = maskBytes(bytes, 0, alignedStart, key);
  maskWords(new Int32Array(bytes.buffer, bytes.byteOffset + alignedStart, wordCount), keyAtWords);
  return maskBytes(bytes, alignedStart + wordCount * 4, bytes.length, keyAtWords);
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  const second = key >>> 8;
  const third = key >>> 16;
  const fourth = key >>> 24;
  let i = start;
  // The stores keep the low 8 bits, which are the octet whose turn it is.
  for (; i + 4 <= end; i += 4) {
    bytes[i] = (bytes[i] ?? 0) ^ key;
    bytes[i + 1] = (bytes[i + 1] ?? 0) ^ second;
    bytes[i + 2] = (bytes[i + 2] ?? 0) ^ third;
    bytes[i + 3] = (bytes[i + 3] ?? 0) ^ fourth;
  }
  let turned = key;
  for (; i < end; i++) {
    bytes[i] = (bytes[i] ?? 0) ^ turned;
    turned = (turned >>> 8) | (turned << 24);
  }
  return turned;
}

function maskWords(words: Int32Array, key: number): void {
  const wordKey = isLittleEndian ? key : swapBytes(key);
  const { length } = words;
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    words[i] = (words[i] ?? 0) ^ wordKey;
    words[i + 1] = (words[i + 1] ?? 0) ^ wordKey;
    words[i + 2] = (words[i + 2] ?? 0) ^ wordKey;
    words[i + 3] = (words[i + 3] ?? 0) ^ wordKey;
    words[i + 4] = (words[i + 4] ?? 0) ^ wordKey;
    words[i + 5] = (words[i + 5] ?? 0) ^ wordKey;
    words[i + 6] = (words[i + 6] ?? 0) ^ wordKey;
    words[i + 7] = (words[i + 7] ?? 0) ^ wordKey;
  }
  for (; i < length; i++) words[i] = (words[i] ?? 0) ^ wordKey;
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
