/**
 * UTF-8 validation as the bytes arrive (RFC 6455 §8.1, RFC 3629 §4): a message in pieces is refused at the first
 * piece that holds a bad byte. Overlong forms, surrogates and code points above U+10FFFF are refused by the range of
 * the byte after the first, so the state is: how many continuation bytes are due, and the range of the next.
 */

/** Validates a stream of bytes piece by piece. */
export class Utf8Validator {
  /** Continuation bytes that the code point under way still needs. */
  #due = 0;
  /** The range of the next continuation byte. */
  #low = 0x80;
  #high = 0xbf;

  /** Whether the bytes so far end between two code points. */
  get isComplete(): boolean {
    return this.#due === 0;
  }

  /** Begins anew. */
  reset(): void {
    this.#due = 0;
    this.#low = 0x80;
    this.#high = 0xbf;
  }

  /** Takes the next bytes. Returns false at the first byte that no UTF-8 text can have there. */
  push(bytes: Uint8Array): boolean {
    let i = 0;
    while (i < bytes.length) {
      const byte = bytes[i] ?? 0;
      if (byte < 0x80 && this.#due === 0) i = endOfAscii(bytes, i);
      else if (!this.#accept(byte)) return false;
      else i++;
    }
    return true;
  }

  #accept(byte: number): boolean {
    if (this.#due === 0) return this.#begin(byte);
    if (byte < this.#low || byte > this.#high) return false;
    this.#due -= 1;
    this.#low = 0x80;
    this.#high = 0xbf;
    return true;
  }

  #begin(byte: number): boolean {
    if (byte < 0x80) return true;
    // 0xc0 and 0xc1 could only begin overlong forms of ASCII; above 0xf4 lies beyond U+10FFFF.
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#due = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte === 0xe0)
      this.#low = 0xa0; // below: overlong
    else if (byte === 0xed)
      this.#high = 0x9f; // above: surrogates
    else if (byte === 0xf0)
      this.#low = 0x90; // below: overlong
    else if (byte === 0xf4) this.#high = 0x8f; // above: beyond U+10FFFF
    return true;
  }
}

/** The high bits of four bytes: 0x80808080 as a signed integer. */
const HIGH_BITS = -0x7f7f7f80;

/** How far a run of ASCII is followed four bytes at a time, and must still go on, to be worth a view of words. */
const WORDWISE_AFTER = 64;

/** The index of the first byte from `start` on that is not ASCII, or the length. */
function endOfAscii(bytes: Uint8Array, start: number): number {
  const wordsFrom = start + WORDWISE_AFTER;
  let i = skipAsciiQuads(bytes, start, Math.min(bytes.length, wordsFrom));
  if (i === wordsFrom) {
    if (bytes.length - i >= WORDWISE_AFTER) i = skipAsciiWords(bytes, i);
    i = skipAsciiQuads(bytes, i, bytes.length);
  }
  while (i < bytes.length && (bytes[i] ?? 0) < 0x80) i++;
  return i;
}

function skipAsciiQuads(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const four = (bytes[i] ?? 0) | (bytes[i + 1] ?? 0) | (bytes[i + 2] ?? 0) | (bytes[i + 3] ?? 0);
    if (four >= 0x80) break;
  }
  return i;
}

function skipAsciiWords(bytes: Uint8Array, start: number): number {
  const alignedStart = start + (-(bytes.byteOffset + start) & 3);
  for (let i = start; i < alignedStart; i++) if ((bytes[i] ?? 0x80) >= 0x80) return i;
  const wordCount = Math.max(0, (bytes.length - alignedStart) >>> 2);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + alignedStart, wordCount);
  let word = 0;
  while (word + 4 <= wordCount && areAscii(words, word)) word += 4;
  while (word < wordCount && ((words[word] ?? 0) & HIGH_BITS) === 0) word++;
  return alignedStart + word * 4;
}

/** Whether four words hold nothing but ASCII. */
function areAscii(words: Int32Array, at: number): boolean {
  const four = (words[at] ?? 0) | (words[at + 1] ?? 0) | (words[at + 2] ?? 0) | (words[at + 3] ?? 0);
  return (four & HIGH_BITS) === 0;
}
