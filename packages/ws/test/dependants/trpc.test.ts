/** tRPC with its adapter for `ws` on our server, and its `wsLink` on our client. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Report, runProgram } from './program.ts';

describe('tRPC', () => {
  let report: Report;

  before(async () => {
    report = await runProgram('trpc');
  });

  it('runs over ours', () => {
    assert.equal(report.isOurs, true);
  });

  it('answers a query in the context of its connection', () => {
    assert.equal(report.query, 'Ana at /trpc');
  });

  it('tells a subscriber of mutations, until the subscription ends', () => {
    assert.deepEqual(report.heard, ['begin', 'one', 'end']);
    assert.deepEqual(report.posts, ['one', 'end']);
  });

  it('reports a mistake of the caller', () => {
    assert.equal(report.mistake, 'BAD_REQUEST');
  });

  it('connects again when the server asks for it', () => {
    assert.equal(report.opened, 2);
    assert.equal(report.again, 'Ana at /trpc');
  });
});
