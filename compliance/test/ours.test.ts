/** Our server and our client against the quick part of the compliance cases. `npm run compliance` runs them all. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { families, selectCases } from '../cases/families.ts';
import { startOwnClient, startOwnServer } from '../peers/own-peers.ts';
import { runCases } from '../runner.ts';
import type { Subject } from '../subject.ts';

/**
 * What we leave undone on purpose. A window of 8 bits is never promised for sending, since zlib would use one of 9;
 * and our client always offers client_max_window_bits.
 */
const unimplemented = {
  server: /server_max_window_bits=8/,
  client: /client_max_window_bits if it has not offered it/,
} as const;

describe('compliance', () => {
  it('has cases by the hundred, each with an id and a title of its own', () => {
    const cases = families.flatMap((family) => family.cases);
    assert.ok(cases.length >= 500);
    assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
    for (const { title, cases } of families) {
      const names = cases.map((each) => `${each.role}: ${each.title}`);
      const repeated = names.filter((name, index) => names.indexOf(name) !== index);
      assert.deepEqual(repeated, [], `Expected titles that differ in ${title}`);
    }
  });

  for (const start of [startOwnServer, startOwnClient]) {
    const role = start === startOwnServer ? 'server' : 'client';

    it(`our ${role} passes every quick case`, async () => {
      assert.deepEqual(await differencesOf(await start()), []);
    });
  }
});

/** The cases that were not passed, with what was found. */
async function differencesOf(subject: Subject): Promise<readonly string[]> {
  try {
    const { results, role } = await runCases(selectCases({ quick: true }), subject);
    return [...results.values()]
      .filter(({ verdict }) => verdict !== 'pass')
      .filter(
        (result) => !(result.verdict === 'unimplemented' && unimplemented[role].test(result.case.title)),
      )
      .map(
        (result) => `${result.case.id} ${result.case.title}: ${result.verdict}, ${result.notes.join('; ')}`,
      );
  } finally {
    await subject.close();
  }
}
