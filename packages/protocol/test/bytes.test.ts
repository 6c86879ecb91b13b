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
    const step = fc.record({
      kind: fc.constantFrom('push', 'push', 'take', 'takeAvailable', 'skip', 'byteAt'),
      count: fc.oneof(fc.nat(9), fc.nat(3000)),
    });
    const behaves = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = queueOf();
      let model: Uint8Array = new Uint8Array(0);
      for (const { kind, count } of steps) {
        model = act(queue, kind, kind === 'push' ? count % 10 : Math.min(count, model.length), model);
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
    // A minute and more, if each chunk that comes or leaves moved all that wait.
    const count = 300_000;
    for (let i = 0; i < count; i++) queue.push(Uint8Array.of(i));
    for (let i = 0; i < count; i++) {
      const [byte] = queue.takeAvailable(1);
      assert.equal(byte, i & 0xff);
    }
    assert.equal(queue.length, 0);
  });
});

/** Does one thing with the queue, compares it with the model, and returns what the model is then. */
function act(queue: ByteQueue, kind: string, count: number, model: Uint8Array): Uint8Array {
  switch (kind) {
    case 'push': {
      // Now and then a chunk that is too long to be copied.
      const chunk = Uint8Array.from({ length: count < 9 ? count : 1500 }, (_, i) => model.length + i);
      queue.push(chunk);
      return concat(model, chunk);
    }
    case 'take':
      assert.deepEqual(queue.take(count), model.slice(0, count));
      return model.slice(count);
    case 'takeAvailable': {
      const bytes = queue.takeAvailable(count);
      assert.deepEqual(bytes, model.slice(0, bytes.length));
      assert.ok(bytes.length > 0 || count === 0);
      return model.slice(bytes.length);
    }
    case 'skip':
      queue.skip(count);
      return model.slice(count);
    default:
      if (count < model.length) assert.equal(queue.byteAt(count), model[count]);
      return model;
  }
}
