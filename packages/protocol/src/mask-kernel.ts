/**
 * Masking of long payloads in WebAssembly (RFC 6455 §5.3): 64 bytes a step where JavaScript does 4, fast enough to pay for
 * copying them into the kernel's memory and back. Where there is no WebAssembly, or no memory for it, nobody gets a
 * kernel, and `mask.ts` masks in JavaScript.
 */

/** Bytes that are masked at a time: with both copies they stay in the fastest cache. A multiple of the kernel's step. */
const BLOCK_LENGTH = 16 * 1024;

/** Masks `bytes` in place; the lowest octet of `key` is for the first of them. */
export type MaskInPlace = (bytes: Uint8Array, key: number) => void;

/** Compiles the kernel; undefined where that cannot be. */
export function compileMaskKernel(): MaskInPlace | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module));
    const { memory, mask } = exports;
    if (!(memory instanceof WebAssembly.Memory) || typeof mask !== 'function') return undefined;
    const block = new Uint8Array(memory.buffer, 0, BLOCK_LENGTH);
    return (bytes, key) => maskBlocks(bytes, block, (length) => mask(length, key));
  } catch {
    return undefined;
  }
}

function maskBlocks(bytes: Uint8Array, block: Uint8Array, mask: (length: number) => void): void {
  for (let start = 0; start < bytes.length; start += BLOCK_LENGTH) {
    const part = bytes.subarray(start, start + BLOCK_LENGTH);
    block.set(part);
    mask(part.length);
    bytes.set(part.length === BLOCK_LENGTH ? block : block.subarray(0, part.length), start);
  }
}

const I32 = 0x7f;
const V128 = 0x7b;
const END = 0x0b;
const LENGTH = 0;
const KEY = 1;
const POSITION = 2;
const MASK = 3;

/** `mask(length, key)`: masks the memory from 0 on, in steps of 64 bytes, until at least `length` bytes are done. */
const body: readonly number[] = [
  ...[2, 1, I32, 1, V128], // two more locals: position, mask
  ...[...getLocal(KEY), 0xfd, 0x11, ...setLocal(MASK)], // mask = i32x4.splat(key)
  ...[0x03, 0x40], // loop
  ...[0, 16, 32, 48].flatMap(maskLane),
  ...[...getLocal(POSITION), 0x41, 0xc0, 0x00, 0x6a, 0x22, POSITION], // position = position + 64
  ...[...getLocal(LENGTH), 0x49, 0x0d, 0], // again if position < length (unsigned)
  ...[END, END],
];

/** A binary module (WebAssembly 2.0 §5): sections of a number, a length and what they hold. */
const module: Uint8Array<ArrayBuffer> = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
  ...section(1, [1, 0x60, 2, I32, I32, 0]), // types: (i32, i32) → ()
  ...section(3, [1, 0]), // functions: one, of type 0
  ...section(5, [1, 0, 1]), // memories: one, of one page
  ...section(7, [2, ...name('memory'), 2, 0, ...name('mask'), 0, 0]), // exports: memory 0, function 0
  ...section(10, [1, body.length, ...body]), // code
]);

/** memory[position + offset] ^= mask, 16 bytes of it. */
function maskLane(offset: number): readonly number[] {
  const [align, load, store, xor] = [4, 0x00, 0x0b, 0x51];
  return [
    ...getLocal(POSITION),
    ...[...getLocal(POSITION), 0xfd, load, align, offset],
    ...[...getLocal(MASK), 0xfd, xor],
    ...[0xfd, store, align, offset],
  ];
}

function getLocal(index: number): readonly number[] {
  return [0x20, index];
}

function setLocal(index: number): readonly number[] {
  return [0x21, index];
}

/** All lengths here are below 128, and so one byte of LEB128. */
function section(id: number, content: readonly number[]): readonly number[] {
  return [id, content.length, ...content];
}

function name(text: string): readonly number[] {
  return [text.length, ...Array.from(text, (character) => character.charCodeAt(0))];
}
