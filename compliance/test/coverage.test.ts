/** docs/rfc-coverage.md is what the requirements and the cases say, and what it names exists. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { casesByRequirement, coveragePage, formatCoverage } from '../coverage.ts';
import type { Requirement } from '../requirements/requirement.ts';
import { requirementTables } from '../requirements/requirements.ts';

const requirements: readonly (readonly [id: string, requirement: Requirement])[] = requirementTables.flatMap(
  (table) => Object.entries(table.requirements),
);

describe(coveragePage, () => {
  it('is up to date: npm run docs:coverage', () => {
    assert.equal(readFileSync(coveragePage, 'utf8'), formatCoverage());
  });

  it('names files that exist', () => {
    const files = new Set(requirements.flatMap(([, { files = [], tests = [] }]) => [...files, ...tests]));
    assert.deepEqual(
      [...files].filter((file) => !existsSync(file)),
      [],
    );
  });

  it('says of every requirement what tests it, or why nothing does', () => {
    const cases = casesByRequirement();
    const bare = requirements.filter(([id, { tests = [], untested }]) => {
      const isTested = tests.length > 0 || cases.has(id);
      return isTested === (untested !== undefined);
    });
    assert.deepEqual(
      bare.map(([id]) => id),
      [],
    );
  });

  it('says of every tested requirement where it is obeyed', () => {
    const homeless = requirements.filter(([, { files = [], untested }]) => files.length === 0 && !untested);
    assert.deepEqual(
      homeless.map(([id]) => id),
      [],
    );
  });

  it('names a requirement once in both RFCs together', () => {
    const ids = requirements.map(([id]) => id);
    assert.equal(new Set(ids).size, ids.length);
  });
});
