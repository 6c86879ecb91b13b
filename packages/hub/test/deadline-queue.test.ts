/** Deadlines under one timer: in order, on time, and gone when they are removed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Deadline, DeadlineQueue } from '../src/deadline-queue.ts';
import { FakeClock } from './fake-clock.ts';

describe('DeadlineQueue', () => {
  it('calls back when it is due, and not before', () => {
    const { clock, queue, called } = start();
    queue.add(1000, called('a'));
    clock.advance(999);
    assert.deepEqual(called.names, []);
    clock.advance(1);
    assert.deepEqual(called.names, ['a']);
    assert.equal(queue.size, 0);
  });

  it('calls back at once, in the next turn of the clock, what is due already', () => {
    const { clock, queue, called } = start();
    queue.add(-5, called('past'));
    assert.deepEqual(called.names, []);
    clock.advance(0);
    assert.deepEqual(called.names, ['past']);
  });

  it('runs one timer for a thousand deadlines, and none for none', () => {
    const { clock, queue } = start();
    const deadlines = Array.from({ length: 1000 }, (_, i) => queue.add(5000 - i, () => undefined));
    assert.equal(clock.timerCount, 1);
    for (const deadline of deadlines) queue.remove(deadline);
    assert.equal(clock.timerCount, 0);
  });

  it('lets a callback add and remove deadlines', () => {
    const { clock, queue, called } = start();
    const victim = queue.add(20, called('removed'));
    queue.add(10, () => {
      queue.remove(victim);
      queue.add(10, called('added'));
    });
    clock.advance(20);
    assert.deepEqual(called.names, ['added']);
  });

  it('does nothing when a deadline is removed twice, or after it was due', () => {
    const { clock, queue, called } = start();
    const first = queue.add(10, called('first'));
    clock.advance(10);
    queue.add(10, called('second'));
    queue.remove(first);
    queue.remove(first);
    clock.advance(10);
    assert.deepEqual(called.names, ['first', 'second']);
  });

  it('forgets everything when it is cleared', () => {
    const { clock, queue, called } = start();
    const deadline = queue.add(10, called('never'));
    queue.clear();
    queue.remove(deadline);
    clock.advance(100);
    assert.deepEqual(called.names, []);
    assert.equal(clock.timerCount, 0);
  });

  it('calls back in the order of time whatever is added and removed', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('add' as const), delayMs: fc.nat(100) }),
      fc.record({ type: fc.constant('remove' as const), which: fc.nat(50) }),
      fc.record({ type: fc.constant('advance' as const), ms: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { clock, queue } = start();
        const expected = new Map<Deadline, number>();
        const late: number[] = [];
        const add = (delayMs: number): void => {
          const deadline = queue.add(delayMs, () => {
            late.push(clock.now() - (expected.get(deadline) ?? Number.NaN));
            expected.delete(deadline);
          });
          expected.set(deadline, clock.now() + delayMs);
        };
        const remove = (which: number): void => {
          const victim = [...expected.keys()][which];
          if (victim === undefined) return;
          queue.remove(victim);
          expected.delete(victim);
        };
        for (const next of steps) {
          if (next.type === 'add') add(next.delayMs);
          else if (next.type === 'remove') remove(next.which);
          else clock.advance(next.ms);
          assert.equal(queue.size, expected.size);
        }
        clock.advance(100);
        assert.equal(expected.size, 0);
        assert.ok(late.every((ms) => ms === 0));
      }),
    );
  });
});

function start() {
  const clock = new FakeClock();
  const names: string[] = [];
  const called = Object.assign((name: string) => () => void names.push(name), { names });
  return { clock, queue: new DeadlineQueue(clock), called };
}
