/**
 * How long to wait before the next try: "full jitter", any time up to a bound that doubles with each failure. When a server
 * comes back, its pages come back spread over time and not all at once.
 */

/** The bound after the first failure. */
export const firstBoundMs = 1_000;
/** The bound never grows beyond this. */
export const lastBoundMs = 15_000;
/** Never at once: a server that accepts and closes must not be hammered. */
export const shortestDelayMs = 200;

/** @param failures tries since it last worked, at least 1 */
export function backoffDelayMs(failures: number, random: () => number): number {
  const bound = Math.min(lastBoundMs, firstBoundMs * 2 ** (failures - 1));
  return Math.max(shortestDelayMs, Math.round(random() * bound));
}
