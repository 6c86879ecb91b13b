/** y-websocket and its server with `ws` replaced. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Report, runProgram } from './program.ts';

describe('y-websocket', () => {
  let report: Report;

  before(async () => {
    report = await runProgram('y-websocket');
  });

  it('runs over ours, on both sides', () => {
    assert.deepEqual(report.whose, ['@hawser/ws']);
    assert.deepEqual(report.isOurs, [true, true]);
    assert.deepEqual(report.peers, [true, true]);
  });

  it('gives a document what was there, and the other what is added', () => {
    assert.equal(report.before, 'Hello');
    assert.equal(report.after, 'Hello world');
  });

  it('tells who is there and who left', () => {
    assert.equal(report.seen, 'Ana');
    assert.equal(report.gone, true);
  });

  it('merges what both wrote while one was away', () => {
    assert.equal(report.merged, '> Hello world!');
  });
});
