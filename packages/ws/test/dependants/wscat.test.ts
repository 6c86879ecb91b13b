/** wscat with `ws` replaced. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Report, runProgram } from './program.ts';

describe('wscat', () => {
  let report: Report;

  before(async () => {
    report = await runProgram('wscat');
  });

  it('runs over ours', () => {
    assert.deepEqual(report.whose, ['@hawser/ws']);
  });

  it('sends headers, lines and control frames, and prints what comes', () => {
    assert.deepEqual(report.conversation, {
      protocol: 'two',
      headers: ['Ana', 'Basic YW5hOnRlYQ=='],
      received: ['hello'],
      lines: [
        'Received ping (data: "are you there")',
        'welcome',
        'You said hello',
        'Received pong (data: "now")',
      ],
      closed: [4001, 'good bye'],
      exitCode: 0,
    });
  });

  it('sends what its command line says', () => {
    assert.deepEqual(report.executed, { received: ['first', 'second'], exitCode: 0 });
  });

  it('prints why it was refused, and fails', () => {
    assert.deepEqual(report.refused, { exitCode: 255, error: 'error: Unexpected server response: 403\n' });
  });
});
