/** The time by which a case has to be over. */

/** A point in time to wait until. */
export class Deadline {
  readonly #at: number;

  constructor(afterMs: number) {
    this.#at = performance.now() + afterMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.#at - performance.now());
  }
}
