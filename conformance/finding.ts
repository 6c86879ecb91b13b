/** What a case finds wrong, and the comparisons that find it. */

import { isDeepStrictEqual } from 'node:util';

const longestValue = 300;

/** The server did something else than docs/wire.md says. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** Finds values that differ. */
export function expectEqual(received: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(received, expected)) {
    throw new Finding(`Expected ${show(expected)} as ${what}, received ${show(received)}`);
  }
}

/** Finds a condition that does not hold. */
export function expectTrue(condition: boolean, expected: string, received: unknown): asserts condition {
  if (!condition) throw new Finding(`Expected ${expected}, received ${show(received)}`);
}

/** A value as a finding shows it. */
export function show(value: unknown): string {
  const text =
    value instanceof Uint8Array ? `${value.length} bytes` : (JSON.stringify(value) ?? String(value));
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
