/** The pool of compression windows: its limit, the process's budget, and who gives way. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Budget } from '../src/index.ts';
import { type PooledWindow, slideWindow, WindowPool } from '../src/permessage-deflate/window-pool.ts';

/** A sending window that holds nothing yet. */
const empty = (): PooledWindow => ({ bytes: undefined });

describe('WindowPool', () => {
  it('keeps sending windows up to its limit, and drops the least recently used', () => {
    const pool = new WindowPool(30);
    const [a, b, c] = [empty(), empty(), empty()];
    pool.keep(a, new Uint8Array(10));
    pool.keep(b, new Uint8Array(10));
    pool.keep(c, new Uint8Array(10));
    pool.keep(a, new Uint8Array(10));
    assert.equal(pool.used, 30);
    pool.keep(a, new Uint8Array(15));
    assert.deepEqual(
      [a, b, c].map(({ bytes }) => bytes?.length),
      [15, undefined, 10],
    );
    assert.equal(pool.used, 25);
  });

  it('keeps nothing that is larger than itself, and drops nothing for it', () => {
    const pool = new WindowPool(30);
    const [a, b] = [empty(), empty()];
    pool.keep(a, new Uint8Array(10));
    pool.keep(b, new Uint8Array(31));
    assert.equal(pool.reserve(31), false);
    assert.deepEqual([a.bytes?.length, b.bytes, pool.used], [10, undefined, 10]);
  });

  it('reserves receiving windows at the cost of sending ones, and never the other way round', () => {
    const pool = new WindowPool(30);
    const [a, b] = [empty(), empty()];
    pool.keep(a, new Uint8Array(20));
    assert.equal(pool.reserve(20), true);
    assert.deepEqual([a.bytes, pool.used], [undefined, 20]);
    pool.keep(b, new Uint8Array(20));
    assert.deepEqual([b.bytes, pool.used], [undefined, 20]);
    assert.equal(pool.reserve(20), false);
    pool.release(20);
    assert.equal(pool.reserve(20), true);
  });

  it('takes its bytes from the budget of the process, and gives them back', () => {
    const budget = new Budget(25);
    const pool = new WindowPool(1000, budget);
    const window = empty();
    pool.keep(window, new Uint8Array(20));
    assert.equal(budget.used, 20);
    pool.drop(window);
    pool.drop(window);
    assert.deepEqual([budget.used, pool.used, window.bytes], [0, 0, undefined]);
    assert.equal(pool.reserve(10), true);
    pool.release(10);
    assert.equal(budget.used, 0);
  });

  it('drops sending windows for a receiving one when it is the budget that has no room', () => {
    const budget = new Budget(25);
    const pool = new WindowPool(1000, budget);
    const window = empty();
    pool.keep(window, new Uint8Array(20));
    assert.equal(pool.reserve(10), true);
    assert.deepEqual([window.bytes, pool.used, budget.used], [undefined, 10, 10]);
    assert.equal(pool.reserve(20), false);
  });
});

describe('slideWindow', () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));

  for (const [window, added, length, slid] of [
    [undefined, 'abc', 8, 'abc'],
    ['abc', 'def', 8, 'abcdef'],
    ['abcdef', 'ghij', 8, 'cdefghij'],
    ['abc', '', 8, 'abc'],
    ['abc', 'defghijk', 8, 'defghijk'],
    ['abc', 'defghijklm', 8, 'fghijklm'],
    [undefined, 'abcdefghij', 8, 'cdefghij'],
  ] as const) {
    it(`${window ?? 'nothing'}, then ${added || 'nothing'}: ${slid}`, () => {
      const before = window === undefined ? undefined : bytes(window);
      assert.deepEqual(slideWindow(before, bytes(added), length), bytes(slid));
    });
  }

  it('keeps nothing of the memory that the bytes lay in', () => {
    const large = new Uint8Array(100_000);
    assert.equal(slideWindow(undefined, large.subarray(0, 10), 8).buffer.byteLength, 8);
  });
});
