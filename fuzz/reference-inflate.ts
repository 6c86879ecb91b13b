/**
 * Inflate (RFC 1951, RFC 7692 §7.2.2), straightforward and slow: one bit after another, a code tried at each length.
 * It shares nothing with zlib, which is what it is compared with.
 */

/** What came of it; a malformed message says how much had been inflated before. */
export type ReferenceInflated =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'malformed'; readonly lengthBefore: number };

class Malformed extends Error {}

const TAIL = [0x00, 0x00, 0xff, 0xff];
const MAX_CODE_LENGTH = 15;
const END_OF_BLOCK = 256;
const MAX_LITERAL_CODES = 286;
const MAX_DISTANCE_CODES = 30;

const lengthBases = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const lengthExtraBits = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const distanceBases = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12_289, 16_385, 24_577,
];
const distanceExtraBits = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * Inflates one message, without its last four bytes, as they are sent.
 *
 * @param window What came before it.
 * @param maxFinalBlocks More blocks with BFINAL in one message count as malformed.
 */
export function referenceInflate(
  message: Uint8Array,
  window: Uint8Array,
  maxFinalBlocks: number,
): ReferenceInflated {
  const input = [...message, ...TAIL];
  const output = [...window];
  try {
    const bits = new BitReader(input);
    let finalBlocks = 0;
    while (!bits.atEnd) {
      if (inflateBlock(bits, output)) {
        finalBlocks += 1;
        // RFC 7692 §7.2.3.4: behind a final block the next one begins at a byte.
        bits.skipToByte();
      }
      if (finalBlocks > maxFinalBlocks) throw new Malformed();
    }
    return { type: 'bytes', bytes: Uint8Array.from(output.slice(window.length)) };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { type: 'malformed', lengthBefore: output.length - window.length };
  }
}

/** RFC 1951 §3.2.3. Returns whether the block was the final one. */
function inflateBlock(bits: BitReader, output: number[]): boolean {
  const isFinal = bits.read(1) === 1;
  const type = bits.read(2);
  if (type === 0) inflateStored(bits, output);
  else if (type === 1) inflateCoded(bits, output, fixedLiterals, fixedDistances);
  else if (type === 2) inflateDynamic(bits, output);
  else throw new Malformed();
  return isFinal;
}

function inflateStored(bits: BitReader, output: number[]): void {
  bits.skipToByte();
  const length = bits.read(16);
  if (bits.read(16) !== (length ^ 0xffff)) throw new Malformed();
  for (let i = 0; i < length; i++) output.push(bits.read(8));
}

function inflateDynamic(bits: BitReader, output: number[]): void {
  const literalCount = bits.read(5) + 257;
  const distanceCount = bits.read(5) + 1;
  const codeLengthCount = bits.read(4) + 4;
  if (literalCount > MAX_LITERAL_CODES || distanceCount > MAX_DISTANCE_CODES) throw new Malformed();
  const codeLengths = new Array<number>(codeLengthOrder.length).fill(0);
  for (const symbol of codeLengthOrder.slice(0, codeLengthCount)) codeLengths[symbol] = bits.read(3);
  const lengths = readLengths(bits, new Code(codeLengths, 'complete'), literalCount + distanceCount);
  if (lengths[END_OF_BLOCK] === 0) throw new Malformed();
  const literals = new Code(lengths.slice(0, literalCount), 'complete or single');
  const distances = new Code(lengths.slice(literalCount), 'complete or single');
  inflateCoded(bits, output, literals, distances);
}

/** RFC 1951 §3.2.7: code lengths, run-length encoded. */
function readLengths(bits: BitReader, code: Code, count: number): number[] {
  const lengths: number[] = [];
  while (lengths.length < count) {
    const symbol = code.decode(bits);
    if (symbol < 16) lengths.push(symbol);
    else lengths.push(...readRun(bits, symbol, lengths.at(-1)));
  }
  if (lengths.length > count) throw new Malformed();
  return lengths;
}

function readRun(bits: BitReader, symbol: number, previous: number | undefined): number[] {
  if (symbol === 16 && previous === undefined) throw new Malformed();
  if (symbol === 16) return new Array<number>(3 + bits.read(2)).fill(previous ?? 0);
  return new Array<number>(symbol === 17 ? 3 + bits.read(3) : 11 + bits.read(7)).fill(0);
}

function inflateCoded(bits: BitReader, output: number[], literals: Code, distances: Code): void {
  for (;;) {
    const symbol = literals.decode(bits);
    if (symbol === END_OF_BLOCK) return;
    if (symbol < END_OF_BLOCK) output.push(symbol);
    else copy(bits, output, symbol - END_OF_BLOCK - 1, distances);
  }
}

function copy(bits: BitReader, output: number[], lengthSymbol: number, distances: Code): void {
  const length = baseAndExtra(bits, lengthSymbol, lengthBases, lengthExtraBits);
  const distance = baseAndExtra(bits, distances.decode(bits), distanceBases, distanceExtraBits);
  if (distance > output.length) throw new Malformed();
  for (let i = 0; i < length; i++) output.push(output[output.length - distance] ?? 0);
}

function baseAndExtra(
  bits: BitReader,
  symbol: number,
  bases: readonly number[],
  extraBits: readonly number[],
): number {
  const base = bases[symbol];
  const extra = extraBits[symbol];
  if (base === undefined || extra === undefined) throw new Malformed();
  return base + bits.read(extra);
}

/** A Huffman code by the lengths of its symbols (RFC 1951 §3.2.2). */
class Code {
  /** Symbols by their code, written as its bits with a 1 in front. */
  readonly #symbols = new Map<number, number>();

  /** @param kind A code that leaves bits without meaning is refused, unless it is a single one of one bit or empty. */
  constructor(lengths: readonly number[], kind: 'complete' | 'complete or single') {
    let code = 0;
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      code *= 2;
      lengths.forEach((each, symbol) => {
        if (each !== length) return;
        if (code >= 2 ** length) throw new Malformed();
        this.#symbols.set(2 ** length + code, symbol);
        code += 1;
      });
    }
    const isComplete = code === 2 ** MAX_CODE_LENGTH;
    const isSingle = this.#symbols.size === 0 || (this.#symbols.size === 1 && this.#symbols.has(2));
    if (!isComplete && (kind === 'complete' || !isSingle)) throw new Malformed();
  }

  decode(bits: BitReader): number {
    let code = 1;
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      code = code * 2 + bits.read(1);
      const symbol = this.#symbols.get(code);
      if (symbol !== undefined) return symbol;
    }
    throw new Malformed();
  }
}

class BitReader {
  readonly #bytes: readonly number[];
  #position = 0;

  constructor(bytes: readonly number[]) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length * 8;
  }

  /** Reads a number, its least significant bit first. */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#position >>> 3];
      if (byte === undefined) throw new Malformed();
      value += ((byte >>> (this.#position & 7)) & 1) * 2 ** i;
      this.#position += 1;
    }
    return value;
  }

  skipToByte(): void {
    this.#position = Math.ceil(this.#position / 8) * 8;
  }
}

/** RFC 1951 §3.2.6. */
const fixedLiterals = new Code(
  Array.from({ length: 288 }, (_, symbol) => {
    if (symbol < 144) return 8;
    if (symbol < 256) return 9;
    return symbol < 280 ? 7 : 8;
  }),
  'complete',
);
const fixedDistances = new Code(new Array<number>(32).fill(5), 'complete');
