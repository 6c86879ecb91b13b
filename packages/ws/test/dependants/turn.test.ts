/** Turns: what two ask for at once is done one after the other. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { inTurn } from './turn.ts';

describe('a turn', () => {
  it('begins when the other is over', async () => {
    const name = randomUUID();
    const steps: string[] = [];
    const take = (who: string): Promise<void> =>
      inTurn(name, async () => {
        steps.push(`${who} begins`);
        await setImmediate();
        steps.push(`${who} ends`);
      });
    await Promise.all([take('one'), take('two'), take('three')]);
    const order = steps.filter((_, index) => index % 2 === 0).map((step) => step.split(' ')[0]);
    assert.deepEqual([...order].sort(), ['one', 'three', 'two']);
    assert.deepEqual(
      steps,
      order.flatMap((who) => [`${who} begins`, `${who} ends`]),
    );
  });

  it('is over when it fails', async () => {
    const name = randomUUID();
    await assert.rejects(
      inTurn(name, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    await inTurn(name, () => Promise.resolve());
  });
});
