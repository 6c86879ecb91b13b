import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backoffDelayMs, firstBoundMs, lastBoundMs, shortestDelayMs } from '../web/backoff.ts';

describe('backoffDelayMs', () => {
  it('doubles its bound with each failure, up to the last bound', () => {
    const bounds = [1, 2, 3, 4, 5, 50].map((failures) => backoffDelayMs(failures, () => 1));
    assert.deepEqual(bounds, [1_000, 2_000, 4_000, 8_000, lastBoundMs, lastBoundMs]);
    assert.equal(bounds[0], firstBoundMs);
  });

  it('is anywhere below the bound, and never at once', () => {
    assert.equal(
      backoffDelayMs(4, () => 0.5),
      4_000,
    );
    assert.equal(
      backoffDelayMs(4, () => 0),
      shortestDelayMs,
    );
  });
});
