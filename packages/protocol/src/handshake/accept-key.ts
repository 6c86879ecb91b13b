/**
 * Sec-WebSocket-Accept (RFC 6455 §4.2.2): base64 of the SHA-1 of the key and a fixed GUID. SHA-1 (FIPS 180-4 §6.1)
 * stands here because the engine imports nothing and may not wait for the web's asynchronous digest; it protects
 * nothing, it only shows that the server speaks WebSocket. Every handshake passes through it, so it works in memory
 * that is used again.
 */

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The value of Sec-WebSocket-Accept that answers this Sec-WebSocket-Key. */
export function acceptKey(key: string): string {
  return encodeBase64(sha1(key + GUID));
}

const WORDS_PER_BLOCK = 16;
/** A message ends with a byte 0x80 and its length in 64 bits. */
const TRAILER_LENGTH = 9;
const DIGEST_LENGTH = 20;
const ROUNDS = 80;

/** The message schedule of one block. */
const schedule = new Int32Array(ROUNDS);
const state = new Int32Array(DIGEST_LENGTH / 4);

/** SHA-1 of a text whose characters are bytes. */
function sha1(text: string): Uint8Array {
  state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const blockCount = Math.ceil((text.length + TRAILER_LENGTH) / (4 * WORDS_PER_BLOCK));
  for (let block = 0; block < blockCount; block++) {
    readBlock(text, block);
    if (block === blockCount - 1) schedule[WORDS_PER_BLOCK - 1] = text.length * 8;
    expand();
    compress();
  }
  return digest();
}

/** Reads 16 big-endian words of the padded text. */
function readBlock(text: string, block: number): void {
  for (let i = 0; i < WORDS_PER_BLOCK; i++) {
    const at = (block * WORDS_PER_BLOCK + i) * 4;
    schedule[i] =
      (byteAt(text, at) << 24) |
      (byteAt(text, at + 1) << 16) |
      (byteAt(text, at + 2) << 8) |
      byteAt(text, at + 3);
  }
}

function byteAt(text: string, at: number): number {
  if (at < text.length) return text.charCodeAt(at);
  return at === text.length ? 0x80 : 0;
}

function expand(): void {
  for (let t = WORDS_PER_BLOCK; t < ROUNDS; t++) {
    const mixed = word(t - 3) ^ word(t - 8) ^ word(t - 14) ^ word(t - 16);
    schedule[t] = rotateLeft(mixed, 1);
  }
}

function word(t: number): number {
  return schedule[t] ?? 0;
}

function compress(): void {
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  for (let t = 0; t < ROUNDS; t++) {
    const next = (rotateLeft(a, 5) + mix(t, b, c, d) + e + roundConstant(t) + word(t)) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  add(0, a);
  add(1, b);
  add(2, c);
  add(3, d);
  add(4, e);
}

function add(index: number, value: number): void {
  state[index] = (state[index] ?? 0) + value;
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

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function digest(): Uint8Array {
  const bytes = new Uint8Array(DIGEST_LENGTH);
  for (let i = 0; i < DIGEST_LENGTH; i++) bytes[i] = (state[i >>> 2] ?? 0) >>> (24 - 8 * (i & 3));
  return bytes;
}

const BASE64_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 (RFC 4648 §4), with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += BASE64_ALPHABET.charAt(group >>> 18) + BASE64_ALPHABET.charAt((group >>> 12) & 63);
    text += i + 1 < bytes.length ? BASE64_ALPHABET.charAt((group >>> 6) & 63) : '=';
    text += i + 2 < bytes.length ? BASE64_ALPHABET.charAt(group & 63) : '=';
  }
  return text;
}
