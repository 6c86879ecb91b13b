/** Vite's dev server with its bundled `ws` replaced, and a page of it in Chromium. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { chromiumPath, missingChromium } from './chromium.ts';
import { type Report, runProgram } from './program.ts';

describe('Vite', { skip: missingChromium }, () => {
  let report: Report;

  before(async () => {
    report = await runProgram('vite', chromiumPath);
  });

  it('accepts its pages with our server', () => {
    assert.equal(report.upgrades, 2);
    assert.deepEqual(report.clients, [true]);
  });

  it('puts an edited module into the page without loading it again', () => {
    assert.equal(report.before, 'Hello');
    assert.equal(report.after, 'Hello again');
    assert.equal(report.isSamePage, true);
  });

  it('carries events of plugins both ways', () => {
    assert.equal(report.answer, 'Tea? Yes');
  });

  it('loads the page again for what no module accepts', () => {
    assert.equal(report.reloaded, 'New');
  });
});
