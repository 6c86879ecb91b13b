/**
 * Masking (RFC 6455 §5.3): octet i of the payload is XORed with octet i mod 4 of the masking key. Tiny payloads go
 * byte by byte; from `WORDWISE_FROM` on, the aligned middle goes a 32-bit word at a time, without a copy.
 */

/** Payloads shorter than this are masked byte by byte: making the view of words costs more than it saves. */
const WORDWISE_FROM = 64;

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Masks or unmasks `bytes` in place.
 *
 * @param key The masking key, the octet for `bytes[0]` lowest.
 * @returns The key turned so that masking goes on with the bytes that follow.
 */
export function applyMask(bytes: Uint8Array, key: number): number {
  if (bytes.length < WORDWISE_FROM) return maskBytes(bytes, 0, bytes.length, key);
  const alignedStart = -bytes.byteOffset & 3;
  const wordCount = (bytes.length - alignedStart) >>> 2;
  const keyAtWords = maskBytes(bytes, 0, alignedStart, key);
  maskWords(new Int32Array(bytes.buffer, bytes.byteOffset + alignedStart, wordCount), keyAtWords);
  return maskBytes(bytes, alignedStart + wordCount * 4, bytes.length, keyAtWords);
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  let turned = key;
  for (let i = start; i < end; i++) {
    // The store keeps the low 8 bits, which are the octet whose turn it is.
    bytes[i] = (bytes[i] ?? 0) ^ turned;
    turned = (turned >>> 8) | (turned << 24);
  }
  return turned;
}

function maskWords(words: Int32Array, key: number): void {
  const wordKey = isLittleEndian ? key : swapBytes(key);
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ wordKey;
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
