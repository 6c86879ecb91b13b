/**
 * Randomness, injected: when to come back, and names for messages that nobody else gives.
 */

/** Gives whole numbers from 0 to 2^32 - 1 that nobody can foresee. */
export type Random = () => number;

/** How many values a `Random` has. */
const RANGE = 2 ** 32;

/** The platform's generator for cryptography. */
export const systemRandom: Random = () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

/** A number from 0 up to, but not including, 1. */
export function randomFraction(random: Random): number {
  return random() / RANGE;
}

/** A name of 128 random bits. */
export function randomName(random: Random): string {
  return [random(), random(), random(), random()].join('-');
}
