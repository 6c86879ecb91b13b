/** Whether masking keys look as if they were random (RFC 6455 §5.3, §10.3): enough to catch counters and constants. */

/** A byte of the difference between two keys has the same value in this many of 200 pairs once in ages. */
const MAX_SHARE = 0.2;

/** What is wrong with a sequence of keys, given as hex; undefined if nothing is seen. */
export function maskingKeysFault(keys: readonly string[]): string | undefined {
  // Of a few hundred random 32-bit numbers two are equal about once in a hundred thousand runs.
  if (new Set(keys).size < keys.length) return 'used a masking key twice';
  const numbers = keys.map((key) => Number.parseInt(key, 16));
  const steps = numbers.slice(1).map((key, i) => (key - (numbers[i] ?? 0)) >>> 0);
  const toggles = numbers.slice(1).map((key, i) => (key ^ (numbers[i] ?? 0)) >>> 0);
  for (const shift of [0, 8, 16, 24]) {
    for (const differences of [numbers, steps, toggles]) {
      if (largestShare(differences.map((each) => (each >>> shift) & 0xff)) > MAX_SHARE)
        return 'used masking keys that follow a pattern';
    }
  }
  return undefined;
}

function largestShare(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(...counts.values()) / values.length;
}
