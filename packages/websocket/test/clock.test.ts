/** The machine's clock, as far as Node's timers need help. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../src/clock.ts';

describe('systemClock', () => {
  it('does not run at once what is later than Node’s timers can count', (t) => {
    const { mock } = t.mock.method(globalThis, 'setTimeout');
    for (const delayMs of [100, 2 ** 31 - 1, 2 ** 31, Number.POSITIVE_INFINITY]) {
      systemClock.schedule(() => undefined, delayMs)();
    }
    const delays = mock.calls.map((call) => call.arguments[1]);
    assert.deepEqual(delays, [100, 2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1]);
  });
});
