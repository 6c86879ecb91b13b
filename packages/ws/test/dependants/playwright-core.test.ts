/** playwright-core with its bundled `ws` replaced, driving Chromium. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { chromiumPath, missingChromium } from './chromium.ts';
import { type Report, runProgram } from './program.ts';

const driven = { greeting: 'Hello Ana', long: [300_000, 'ÉÉ'], picture: 'PNG' };

describe('playwright-core', { skip: missingChromium }, () => {
  let report: Report;

  before(async () => {
    report = await runProgram('playwright-core', chromiumPath);
  });

  it('has ours for its client and its server', () => {
    assert.deepEqual(report.isOurs, [true, true]);
  });

  it('drives Chromium over the DevTools protocol', () => {
    assert.deepEqual(report.overDevTools, driven);
  });

  it('drives a browser that it serves itself, and hears when that is gone', () => {
    assert.deepEqual(report.overServer, { ...driven, isConnected: false });
  });
});
