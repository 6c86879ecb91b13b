/** Token buckets, and what a connection may do with them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { defaultRateLimits, RateMeter, resolveRateLimits } from '../src/rate-limits.ts';
import { TokenBucket } from '../src/token-bucket.ts';

const unlimited = { perSecond: Infinity, burst: Infinity };

describe('TokenBucket', () => {
  const rate = { perSecond: 10, burst: 5 };

  it('lets a burst pass at once, then what flows in', () => {
    const bucket = new TokenBucket();
    bucket.take(5, rate, 0);
    assert.equal(bucket.waitFor(1, rate, 0), 100);
    assert.equal(bucket.waitFor(1, rate, 99), 1);
    assert.equal(bucket.waitFor(1, rate, 100), 0);
  });

  it('holds no more than a burst, however long nobody takes', () => {
    const bucket = new TokenBucket();
    bucket.take(5, rate, 1e9);
    assert.ok(bucket.waitFor(1, rate, 1e9) > 0);
  });

  it('lets more than a burst pass when it is full, and takes longer to fill again', () => {
    const bucket = new TokenBucket();
    assert.equal(bucket.waitFor(20, rate, 0), 0);
    bucket.take(20, rate, 0);
    assert.equal(bucket.waitFor(1, rate, 0), 1600);
  });

  it('never lets more pass than the burst and what has flowed in, and keeps its word', () => {
    const attempts = fc.array(fc.record({ afterMs: fc.nat(500), amount: fc.integer({ min: 1, max: 5 }) }));
    fc.assert(
      fc.property(attempts, (list) => {
        const bucket = new TokenBucket();
        let now = 0;
        let passed = 0;
        for (const { afterMs, amount } of list) {
          now += afterMs;
          const waitMs = bucket.waitFor(amount, rate, now);
          if (waitMs > 0) {
            now += waitMs;
            assert.equal(bucket.waitFor(amount, rate, now), 0);
          }
          bucket.take(amount, rate, now);
          passed += amount;
          assert.ok(passed <= rate.burst + (now * rate.perSecond) / 1000 + 1e-6);
        }
      }),
    );
  });
});

describe('the rates of a connection', () => {
  it('refuse the command after the burst, and say when it would pass', () => {
    const meter = new RateMeter(resolveRateLimits({ commands: { perSecond: 2, burst: 3 } }));
    assert.deepEqual(
      [1, 2, 3].map(() => meter.admitCommand(10, 0)),
      [0, 0, 0],
    );
    assert.equal(meter.admitCommand(10, 0), 500);
    assert.equal(meter.admitCommand(10, 500), 0);
  });

  it('count bytes as well as commands', () => {
    const meter = new RateMeter(resolveRateLimits({ bytes: { perSecond: 1000, burst: 1000 } }));
    assert.equal(meter.admitCommand(900, 0), 0);
    assert.equal(meter.admitCommand(600, 0), 500);
    assert.equal(meter.admitCommand(100, 0), 0);
  });

  it('do not charge a command that was refused', () => {
    const limits = { commands: { perSecond: 1, burst: 1 }, bytes: { perSecond: 100, burst: 100 } };
    const meter = new RateMeter(resolveRateLimits(limits));
    meter.admitCommand(100, 0);
    for (let i = 0; i < 50; i++) assert.equal(meter.admitCommand(100, 0), 1000);
    assert.equal(meter.admitCommand(100, 1000), 0);
  });

  it('count subscriptions by themselves', () => {
    const meter = new RateMeter(resolveRateLimits({ subscriptions: { perSecond: 1, burst: 2 } }));
    assert.deepEqual(
      [1, 2, 3].map(() => meter.admitSubscription(0)),
      [0, 0, 1000],
    );
    assert.equal(meter.admitCommand(1, 0), 0);
  });

  it('call it flooding when somebody goes on after all refusals, and not before', () => {
    const limits = { commands: { perSecond: 1, burst: 1 }, refusals: { perSecond: 1, burst: 10 } };
    const meter = new RateMeter(resolveRateLimits(limits));
    meter.admitCommand(1, 0);
    for (let i = 0; i < 10; i++) meter.admitCommand(1, 0);
    assert.equal(meter.isFlooding, false);
    meter.admitCommand(1, 0);
    assert.equal(meter.isFlooding, true);
  });

  it('never call it flooding when a client waits as it is told', () => {
    const limits = { commands: { perSecond: 7, burst: 3 }, refusals: { perSecond: 8, burst: 1 } };
    const meter = new RateMeter(resolveRateLimits(limits));
    let now = 0;
    for (let i = 0; i < 1000; i++) now += meter.admitCommand(1, now);
    assert.equal(meter.isFlooding, false);
  });

  it('can be switched off', () => {
    const limits = { commands: unlimited, bytes: unlimited, subscriptions: unlimited };
    const meter = new RateMeter(resolveRateLimits(limits));
    for (let i = 0; i < 10_000; i++) assert.equal(meter.admitCommand(1e9, 0) + meter.admitSubscription(0), 0);
  });

  it('have finite defaults', () => {
    for (const rate of Object.values(defaultRateLimits))
      assert.ok(rate.perSecond < Infinity && rate.burst < Infinity);
  });

  for (const rate of [
    { perSecond: 0, burst: 1 },
    { perSecond: 1, burst: 0 },
    { perSecond: Number.NaN, burst: 1 },
  ]) {
    it(`refuse ${JSON.stringify(rate)}, which lets nothing pass`, () => {
      assert.throws(() => resolveRateLimits({ bytes: rate }), /RangeError: Expected rateLimits\.bytes\./);
    });
  }
});
