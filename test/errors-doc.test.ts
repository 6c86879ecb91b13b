/** docs/errors.md is written from the table of violations; this keeps the two equal. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { errorsPage, errorsPagePath } from '../scripts/errors-doc.ts';

describe(errorsPagePath, () => {
  it('is what `npm run docs:errors` writes', () => {
    assert.equal(readFileSync(errorsPagePath, 'utf8'), errorsPage());
  });
});
