/** Chance that can be had again: the same seed gives the same numbers in the same order (a linear congruential generator). */

const MULTIPLIER = 1_664_525;
const INCREMENT = 1_013_904_223;
const MODULUS = 2 ** 32;

/** A source of numbers. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed % MODULUS;
  }

  /** From 0 up to, but not including, 1. */
  fraction(): number {
    // Exact: the product has 53 bits at most.
    this.#state = (this.#state * MULTIPLIER + INCREMENT) % MODULUS;
    return this.#state / MODULUS;
  }

  /** A whole number from `least` up to, but not including, `bound`. */
  between(least: number, bound: number): number {
    return least + Math.floor(this.fraction() * (bound - least));
  }

  /** Whether something happens that happens so often, from 0 to 1. */
  happens(probability: number): boolean {
    return this.fraction() < probability;
  }
}
