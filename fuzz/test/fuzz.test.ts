/** A short run of every fuzzer, from a seed that never changes; `npm run fuzz` takes longer and others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeFailure } from '../target.ts';
import { targets } from '../targets.ts';

const SEED = 1;
const RUNS = 1000;

describe('fuzz', () => {
  for (const target of targets) {
    it(target.name, () => {
      const failure = target.run(RUNS, SEED);
      if (failure !== undefined) assert.fail(describeFailure(failure));
    });
  }
});
