/** The queue of received chunks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from '../src/bytes.ts';
import { concat } from './frames.ts';

function queueOf(...chunks: readonly Uint8Array[]): ByteQueue {
  const queue = new ByteQueue((length) => new Uint8Array(length).fill(0xaa));
  for (const chunk of chunks) queue.push(chunk);
  return queue;
}

describe('ByteQueue', () => {
  it('takes what lies in one chunk by reference', () => {
    const chunk = Uint8Array.of(1, 2, 3, 4);
    const queue = queueOf(chunk);
    assert.equal(queue.take(3).buffer, chunk.buffer);
    assert.equal(queue.takeAvailable(9).buffer, chunk.buffer);
    assert.equal(queue.length, 0);
  });

  it('joins what lies in several chunks, and only that', () => {
    const queue = queueOf(Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5));
    assert.deepEqual(queue.take(4), Uint8Array.of(1, 2, 3, 4));
    assert.deepEqual(queue.take(1), Uint8Array.of(5));
    assert.deepEqual(queue.take(0), new Uint8Array(0));
  });

  it('does what an array of all the bytes would do', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), count: fc.nat(6) }),
      fc.record({ kind: fc.constantFrom('take', 'takeAvailable', 'skip', 'byteAt'), count: fc.nat(9) }),
    );
    const behaves = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = queueOf();
      let model = new Uint8Array(0);
      let pushed = 0;
      for (const { kind, count } of steps) {
        const possible = Math.min(count, model.length);
        if (kind === 'push') {
          const chunk = Uint8Array.from({ length: count }, () => pushed++);
          queue.push(chunk);
          model = concat(model, chunk);
        } else if (kind === 'byteAt') {
          if (count < model.length) assert.equal(queue.byteAt(count), model[count]);
        } else {
          model = model.slice(assertTaken(queue, kind, possible, model));
        }
        assert.equal(queue.length, model.length);
      }
    });
    fc.assert(behaves, { numRuns: 500 });
  });

  it('refuses to look beyond its end', () => {
    assert.throws(() => queueOf(Uint8Array.of(1)).byteAt(1), RangeError);
  });

  it('is empty once it is cleared', () => {
    const queue = queueOf(Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3));
    queue.skip(1);
    queue.clear();
    assert.equal(queue.length, 0);
    queue.push(Uint8Array.of(4));
    assert.deepEqual(queue.take(1), Uint8Array.of(4));
  });

  it('holds many tiny chunks, in time that grows with their number', () => {
    const queue = queueOf();
    // A minute and more, if each chunk that leaves moved all that wait behind it.
    const count = 300_000;
    for (let i = 0; i < count; i++) queue.push(Uint8Array.of(i));
    for (let i = 0; i < count; i++) {
      const [byte] = queue.takeAvailable(1);
      assert.equal(byte, i & 0xff);
    }
    assert.equal(queue.length, 0);
  });
});

/** Takes `count` bytes in one of the ways, compares them with the model, and returns how many have gone. */
function assertTaken(queue: ByteQueue, kind: string, count: number, model: Uint8Array): number {
  if (kind === 'skip') {
    queue.skip(count);
    return count;
  }
  const bytes = kind === 'take' ? queue.take(count) : queue.takeAvailable(count);
  assert.deepEqual(Array.from(bytes), Array.from(model.subarray(0, bytes.length)));
  if (kind === 'take') assert.equal(bytes.length, count);
  else assert.ok(bytes.length > 0 || count === 0);
  return bytes.length;
}
