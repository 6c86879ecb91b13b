/**
 * Sec-WebSocket-Accept (RFC 6455 §4.2.2): base64 of the SHA-1 of the key and a fixed GUID. SHA-1 (FIPS 180-4 §6.1)
 * stands here because the engine imports nothing and may not wait for the web's asynchronous digest; it protects
 * nothing, it only shows that the server speaks WebSocket.
 */

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The value of Sec-WebSocket-Accept that answers this Sec-WebSocket-Key. */
export function acceptKey(key: string): string {
  return encodeBase64(sha1(new TextEncoder().encode(key + GUID)));
}

const BLOCK_LENGTH = 64;
/** A block ends with the message's length in bits, after at least one byte of padding. */
const PADDING_LENGTH = 9;
const ROUNDS = 80;

function sha1(message: Uint8Array): Uint8Array {
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const padded = pad(message);
  const words = new Uint32Array(ROUNDS);
  for (let offset = 0; offset < padded.length; offset += BLOCK_LENGTH) {
    expand(padded, offset, words);
    compress(state, words);
  }
  return bigEndianBytes(state);
}

function pad(message: Uint8Array): Uint8Array {
  const length = Math.ceil((message.length + PADDING_LENGTH) / BLOCK_LENGTH) * BLOCK_LENGTH;
  const padded = new Uint8Array(length);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.set(bigEndianBytes(Uint32Array.of(message.length * 8)), length - 4);
  return padded;
}

function expand(block: Uint8Array, offset: number, words: Uint32Array): void {
  const view = new DataView(block.buffer, block.byteOffset + offset, BLOCK_LENGTH);
  for (let t = 0; t < 16; t++) words[t] = view.getUint32(t * 4);
  for (let t = 16; t < ROUNDS; t++) {
    const mixed = (words[t - 3] ?? 0) ^ (words[t - 8] ?? 0) ^ (words[t - 14] ?? 0) ^ (words[t - 16] ?? 0);
    words[t] = rotateLeft(mixed, 1);
  }
}

function compress(state: Uint32Array, words: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let t = 0; t < ROUNDS; t++) {
    const next = (rotateLeft(a, 5) + mix(t, b, c, d) + e + roundConstant(t) + (words[t] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  [a, b, c, d, e].forEach((value, i) => {
    state[i] = (state[i] ?? 0) + value;
  });
}

function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return (b & c) | (~b & d);
  if (t < 40 || t >= 60) return b ^ c ^ d;
  return (b & c) | (b & d) | (c & d);
}

function roundConstant(t: number): number {
  if (t < 20) return 0x5a827999;
  if (t < 40) return 0x6ed9eba1;
  return t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function bigEndianBytes(words: Uint32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, i) => {
    view.setUint32(i * 4, word);
  });
  return new Uint8Array(view.buffer);
}

const BASE64_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 (RFC 4648 §4), with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digits = [18, 12, 6, 0].map((shift) => BASE64_ALPHABET.charAt((group >>> shift) & 63));
    const missing = Math.max(0, i + 3 - bytes.length);
    text += digits.slice(0, 4 - missing).join('') + '='.repeat(missing);
  }
  return text;
}
