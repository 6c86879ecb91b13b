/** Our hub passes every case. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { allCases } from '../cases/all-cases.ts';
import { type OwnHub, startOwnHub } from '../own-hub.ts';
import { runCases } from '../runner.ts';

describe('our hub', () => {
  let hub: OwnHub;
  before(async () => {
    hub = await startOwnHub();
  });
  after(() => hub.close());

  it('does what docs/wire.md says, section by section', async () => {
    const results = await runCases(allCases, hub);
    const failures = results.flatMap(({ case: { section, title }, findings }) =>
      findings.map((finding) => `§${section} ${title}: ${finding}`),
    );
    assert.deepEqual(failures, []);
    assert.equal(results.length, allCases.length);
  });
});
