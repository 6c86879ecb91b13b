/** isomorphic-ws with `ws` replaced. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Report, runProgram } from './program.ts';

describe('isomorphic-ws', () => {
  let report: Report;

  before(async () => {
    report = await runProgram('isomorphic-ws');
  });

  it('hands on our WebSocket', () => {
    assert.deepEqual(report.whose, ['@hawser/ws']);
    assert.equal(report.isSame, true);
  });

  it('echoes text and bytes, and closes cleanly', () => {
    assert.deepEqual(report.echoes, ['hello', [1, 2, 3]]);
    assert.deepEqual(report.closing, { code: 1000, reason: 'done', wasClean: true });
  });
});
