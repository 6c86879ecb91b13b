/**
 * How bytes are cut into TCP writes. A receiver must not care, so the same bytes are sent cut in many ways.
 * Before: `frame.ts`; after: `channel.ts`.
 */

/** A way to cut. */
export type Cut =
  /** All in one write. */
  | { readonly type: 'whole' }
  /** One write for each frame. */
  | { readonly type: 'frames' }
  /** Pieces of one length. */
  | { readonly type: 'pieces'; readonly length: number }
  /** Pieces of random lengths, the same for the same seed. */
  | { readonly type: 'random'; readonly seed: number; readonly maxLength: number };

/** One octet a write. */
export const octetWise: Cut = { type: 'pieces', length: 1 };
/** All in one write. */
export const whole: Cut = { type: 'whole' };
/** One write for each frame. */
export const frameWise: Cut = { type: 'frames' };

/** What to write, one write after the other. */
export function* cutBytes(frames: readonly Buffer[], cut: Cut): Generator<Buffer> {
  if (cut.type === 'frames') {
    yield* frames;
    return;
  }
  const bytes = Buffer.concat(frames);
  const nextLength = lengthsOf(cut, bytes.length);
  for (let position = 0; position < bytes.length; ) {
    const end = position + nextLength();
    yield bytes.subarray(position, end);
    position = end;
  }
}

function lengthsOf(cut: Exclude<Cut, { readonly type: 'frames' }>, total: number): () => number {
  if (cut.type === 'whole') return () => total;
  if (cut.type === 'pieces') return () => cut.length;
  const random = randomIntegers(cut.seed);
  return () => 1 + (random() % cut.maxLength);
}

/** Integers from 0 to 2^32 - 1 that look random and depend on the seed alone (Marsaglia's xorshift). */
export function randomIntegers(seed: number): () => number {
  // A multiplier spreads small seeds over the bits; 0 is the one state that xorshift cannot leave.
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
