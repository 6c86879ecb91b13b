/**
 * A DEFLATE decoder (RFC 1951) of our own. zlib would decode as well, but it does not say what has to be judged: how
 * far back a match reached, and whether it reached into an earlier message (RFC 7692 §7.1.1, §7.1.2).
 * After: `deflate-context.ts`.
 */

/** What a message was made of. */
export interface Inflated {
  readonly bytes: Buffer;
  /** The longest distance of a match; 0 if there was none. */
  readonly maxDistance: number;
  /** Whether a match reached behind the beginning of this message. */
  readonly usesEarlierMessages: boolean;
}

const MAX_BITS = 15;
const END_OF_BLOCK = 256;
const lengthBases = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const lengthExtraBits = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const distanceBases = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
const distanceExtraBits = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * Decodes the blocks up to the end of the bytes.
 *
 * @param window What went before this message.
 * @throws Error if the bytes are no DEFLATE.
 */
export function inflate(compressed: Uint8Array, window: Uint8Array): Inflated {
  const bits = new BitReader(compressed);
  const output = new Output(window);
  // RFC 7692 §7.2.3.4: a block with BFINAL set may be followed by others.
  while (!bits.isAtEnd) {
    const isFinal = bits.read(1) === 1;
    const type = bits.read(2);
    if (type === 0) copyStored(bits, output);
    else if (type === 1) decodeBlock(bits, output, fixedCodes());
    else if (type === 2) decodeBlock(bits, output, readCodes(bits));
    else throw new Error('a block of the reserved type');
    if (isFinal) bits.align();
  }
  return output.finish();
}

class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether only padding is left: fewer bits than a block's header has. */
  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length && this.#count < 3;
  }

  read(count: number): number {
    while (this.#count < count) {
      const byte = this.#bytes[this.#position];
      if (byte === undefined) throw new Error('a block cut short');
      this.#position += 1;
      this.#bits |= byte << this.#count;
      this.#count += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#count -= count;
    return value;
  }

  /** Skips to the next byte; never more than 7 bits wait. */
  align(): void {
    this.#bits = 0;
    this.#count = 0;
  }

  takeBytes(length: number): Uint8Array {
    this.align();
    const end = length + this.#position;
    if (end > this.#bytes.length) throw new Error('a stored block cut short');
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return bytes;
  }
}

class Output {
  readonly #start: number;
  #bytes: Buffer;
  #length: number;
  #maxDistance = 0;
  #usesEarlierMessages = false;

  constructor(window: Uint8Array) {
    this.#start = window.length;
    this.#length = window.length;
    this.#bytes = Buffer.alloc(Math.max(1024, 2 * window.length));
    this.#bytes.set(window);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  literal(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  copy(distance: number, length: number): void {
    if (distance > this.#length) throw new Error(`a match ${distance} bytes back, where there is nothing`);
    if (distance > this.#length - this.#start) this.#usesEarlierMessages = true;
    this.#maxDistance = Math.max(this.#maxDistance, distance);
    this.#reserve(length);
    for (let i = 0; i < length; i++) {
      this.#bytes[this.#length] = this.#bytes[this.#length - distance] ?? 0;
      this.#length += 1;
    }
  }

  finish(): Inflated {
    return {
      bytes: this.#bytes.subarray(this.#start, this.#length),
      maxDistance: this.#maxDistance,
      usesEarlierMessages: this.#usesEarlierMessages,
    };
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const grown = Buffer.alloc(2 * (this.#length + length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** A canonical Huffman code: how many symbols each length has, and the symbols in order (RFC 1951 §3.2.2). */
class HuffmanCode {
  readonly #counts: number[] = new Array<number>(MAX_BITS + 1).fill(0);
  readonly #symbols: number[];

  constructor(lengths: readonly number[]) {
    for (const length of lengths) this.#counts[length] = (this.#counts[length] ?? 0) + 1;
    this.#counts[0] = 0;
    this.#symbols = lengths
      .map((length, symbol) => ({ length, symbol }))
      .filter(({ length }) => length > 0)
      .sort((a, b) => a.length - b.length || a.symbol - b.symbol)
      .map(({ symbol }) => symbol);
  }

  read(bits: BitReader): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= bits.read(1);
      const count = this.#counts[length] ?? 0;
      const symbol = code - first < count ? this.#symbols[index + code - first] : undefined;
      if (symbol !== undefined) return symbol;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error('a code that no symbol has');
  }
}

interface Codes {
  readonly literals: HuffmanCode;
  readonly distances: HuffmanCode;
}

function copyStored(bits: BitReader, output: Output): void {
  const [low = 0, high = 0, notLow = 0, notHigh = 0] = bits.takeBytes(4);
  const length = low | (high << 8);
  if ((length ^ 0xffff) !== (notLow | (notHigh << 8))) throw new Error('a stored block with a broken length');
  output.append(bits.takeBytes(length));
}

function decodeBlock(bits: BitReader, output: Output, { literals, distances }: Codes): void {
  for (;;) {
    const symbol = literals.read(bits);
    if (symbol === END_OF_BLOCK) return;
    if (symbol < END_OF_BLOCK) {
      output.literal(symbol);
      continue;
    }
    const length = readExtra(bits, symbol - 257, lengthBases, lengthExtraBits);
    const distance = readExtra(bits, distances.read(bits), distanceBases, distanceExtraBits);
    output.copy(distance, length);
  }
}

function readExtra(
  bits: BitReader,
  symbol: number,
  bases: readonly number[],
  extraBits: readonly number[],
): number {
  const base = bases[symbol];
  if (base === undefined) throw new Error('a reserved symbol');
  return base + bits.read(extraBits[symbol] ?? 0);
}

let fixed: Codes | undefined;

/** RFC 1951 §3.2.6. */
function fixedCodes(): Codes {
  const lengths = (symbol: number): number => {
    if (symbol < 144) return 8;
    if (symbol < 256) return 9;
    return symbol < 280 ? 7 : 8;
  };
  fixed ??= {
    literals: new HuffmanCode(Array.from({ length: 288 }, (_, symbol) => lengths(symbol))),
    distances: new HuffmanCode(new Array<number>(30).fill(5)),
  };
  return fixed;
}

/** RFC 1951 §3.2.7. */
function readCodes(bits: BitReader): Codes {
  const literalCount = bits.read(5) + 257;
  const distanceCount = bits.read(5) + 1;
  const codeLengthCount = bits.read(4) + 4;
  const codeLengths = new Array<number>(19).fill(0);
  for (const symbol of codeLengthOrder.slice(0, codeLengthCount)) codeLengths[symbol] = bits.read(3);
  const lengths = readLengths(bits, new HuffmanCode(codeLengths), literalCount + distanceCount);
  return {
    literals: new HuffmanCode(lengths.slice(0, literalCount)),
    distances: new HuffmanCode(lengths.slice(literalCount)),
  };
}

function readLengths(bits: BitReader, code: HuffmanCode, count: number): number[] {
  const lengths: number[] = [];
  const repeat = (length: number, times: number): void => {
    for (let i = 0; i < times; i++) lengths.push(length);
  };
  while (lengths.length < count) {
    const symbol = code.read(bits);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) repeat(lengths.at(-1) ?? 0, 3 + bits.read(2));
    else if (symbol === 17) repeat(0, 3 + bits.read(3));
    else repeat(0, 11 + bits.read(7));
  }
  return lengths;
}
