/** The cases of slow subscribers catch a hub that is wrong about them: ours, with one of its messages changed. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slowSubscriberCases } from '../cases/5-slow-subscribers.ts';
import { type EditFrame, startOwnHub } from '../own-hub.ts';
import { runCases } from '../runner.ts';

const flaws: readonly {
  readonly name: string;
  readonly edit: EditFrame;
  readonly title: RegExp;
  readonly finding: RegExp;
}[] = [
  {
    name: 'gives one message the place of another',
    edit: replacing('"offset":3000,', '"offset":3001,'),
    title: /every message, in order/,
    finding: /Expected a message with offset 3000, received one with 3001/,
  },
  {
    name: 'gives an old value of a key for the newest',
    edit: replacing('"data":[3999,', '"data":[3989,'),
    title: /the newest of each key/,
    finding: /the newest of each key/,
  },
  {
    name: 'counts a message that it has not dropped',
    edit: replacing(/("type":"dropped".*"count":)\d+/, '$19999'),
    title: /the count of what it missed/,
    finding: /messages and dropped ones/,
  },
];

describe('the cases of slow subscribers', () => {
  for (const { name, edit, title, finding } of flaws) {
    it(`catch a hub that ${name}`, async () => {
      const hub = await startOwnHub(edit);
      try {
        const cases = slowSubscriberCases.filter((each) => title.test(each.title));
        const results = await runCases(cases, hub);
        const findings = results.flatMap((result) => result.findings);
        assert.ok(
          findings.some((found) => finding.test(found)),
          `Expected ${finding}, received ${findings.join('\n')}`,
        );
      } finally {
        await hub.close();
      }
    });
  }
});

function replacing(pattern: string | RegExp, replacement: string): EditFrame {
  return (frame) => (typeof frame === 'string' ? frame.replace(pattern, replacement) : frame);
}
