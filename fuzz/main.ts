/**
 * `npm run fuzz`: tries random inputs on all targets, or those that are named, for a minute or as long as it is told.
 *
 *     npm run fuzz -- --target connection --seconds 600
 *     npm run fuzz -- --target connection --seed 7 --path 12:0:3
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { describeFailure, type Target } from './target.ts';
import { targets } from './targets.ts';

const DEFAULT_SECONDS = 60;
const RUNS_PER_ROUND = 500;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: String(DEFAULT_SECONDS) },
    target: { type: 'string', multiple: true },
    path: { type: 'string' },
  },
});
const firstSeed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const chosen = targets.filter(({ name }) => values.target?.includes(name) ?? true);

if (chosen.length === 0) {
  console.error(`Expected one of the targets ${targets.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
if (values.path === undefined) fuzz(Number(values.seconds));
else for (const target of chosen) attempt(target, firstSeed, values.path);

/** Goes round the targets until the time is over, each round with the next seed. */
function fuzz(seconds: number): void {
  console.log(`Fuzzing ${chosen.map(({ name }) => name).join(', ')} for ${seconds} s from seed ${firstSeed}`);
  const end = Date.now() + seconds * 1000;
  let rounds = 0;
  for (; Date.now() < end; rounds++) {
    for (const target of chosen) attempt(target, firstSeed + rounds);
  }
  console.log(`${rounds * RUNS_PER_ROUND} cases of each, no failure`);
}

function attempt(target: Target, seed: number, path?: string): void {
  const failure = target.run(RUNS_PER_ROUND, seed, path);
  if (failure === undefined) return;
  console.error(describeFailure(failure));
  process.exit(1);
}
