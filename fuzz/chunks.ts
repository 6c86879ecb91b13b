/** Bytes in the pieces in which a transport might bring them. */
import fc from 'fast-check';

/** Lengths of pieces, used one after another; what is left comes at last, in one piece. */
export const cuts: fc.Arbitrary<number[]> = fc.array(
  fc.oneof({ weight: 1, arbitrary: fc.integer({ min: 1, max: 8 }) }, { weight: 1, arbitrary: fc.nat(300) }),
  { maxLength: 30 },
);

/** Cuts bytes into chunks, each in memory of its own. */
export function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (const length of lengths) {
    chunks.push(bytes.slice(start, start + length));
    start += length;
  }
  return [...chunks, bytes.slice(start)];
}

/** Puts chunks together. */
export function concat(...chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}
