/** graphql-ws with `ws` replaced, on both sides. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Report, runProgram } from './program.ts';

describe('graphql-ws', () => {
  let report: Report;

  before(async () => {
    report = await runProgram('graphql-ws');
  });

  it('runs over ours, and agrees on its subprotocol by an option that it sets afterwards', () => {
    assert.deepEqual(report.whose, ['@hawser/ws']);
    assert.deepEqual(report.protocol, ['graphql-transport-ws', true]);
  });

  it('answers a query', () => {
    assert.deepEqual(report.query, [{ greeting: 'Hello Ana' }]);
  });

  it('serves a subscription to its end, and one that its client ends', () => {
    assert.deepEqual(report.counted, [{ count: 1 }, { count: 2 }, { count: 3 }]);
    assert.deepEqual(report.ticks, [{ ticks: 0 }, { ticks: 1 }]);
  });

  it('turns a stranger away with its own close code', () => {
    assert.deepEqual(report.refused, { code: 4403, reason: 'Forbidden' });
  });
});
