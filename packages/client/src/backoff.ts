/**
 * How long to wait before the next attempt: exponential backoff with full jitter, so that the clients of a server that
 * comes back do not come all at once.
 */

/** The bounds of the waits. */
export interface Backoff {
  /** Longest wait before the first attempt, in ms; it doubles with each. Default 1,000. */
  readonly baseMs: number;
  /** Longest wait of all, in ms. A small one makes many clients a burden for a server that starts. Default 30,000. */
  readonly maxMs: number;
}

export const defaultBackoff: Backoff = { baseMs: 1_000, maxMs: 30_000 };

/**
 * Draws a wait.
 *
 * @param attempt How many attempts have failed in a row.
 * @param fraction At random, from 0 to 1.
 */
export function drawDelay(attempt: number, fraction: number, { baseMs, maxMs }: Backoff): number {
  return fraction * Math.min(maxMs, baseMs * 2 ** attempt);
}
