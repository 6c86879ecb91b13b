import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBucket } from '../server/token-bucket.ts';

describe('TokenBucket', () => {
  it('lets a burst through and then one message for each refill', () => {
    const bucket = new TokenBucket({ capacity: 3, refillMs: 100, now: 0 });
    assert.deepEqual([take(bucket, 0), take(bucket, 0), take(bucket, 0)], [0, 0, 0]);
    assert.equal(take(bucket, 0), 100);
    assert.equal(take(bucket, 40), 60);
    assert.equal(take(bucket, 100), 0);
    assert.equal(take(bucket, 100), 100);
  });

  it('holds no more than a burst, however long nothing came', () => {
    const bucket = new TokenBucket({ capacity: 2, refillMs: 100, now: 0 });
    assert.deepEqual([take(bucket, 1e9), take(bucket, 1e9)], [0, 0]);
    assert.equal(take(bucket, 1e9), 100);
  });

  it('neither gives nor takes when the clock is set back', () => {
    const bucket = new TokenBucket({ capacity: 1, refillMs: 100, now: 1_000 });
    assert.equal(take(bucket, 1_000), 0);
    assert.equal(take(bucket, 0), 100);
    assert.equal(take(bucket, 100), 0);
  });
});

function take(bucket: TokenBucket, now: number): number {
  return bucket.take(now);
}
