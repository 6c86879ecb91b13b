/** The command line: `--quick`, `--rounds 3`, `--only echo-64,fan`, `--peers ws,bun`. */
import { parseArgs } from 'node:util';
import { goals } from './goals.mjs';
import { ourHub, ours, peers } from './peers.mjs';
import { workloads } from './workloads.mjs';

const thorough = {
  rounds: 3,
  /** Of the workloads without a goal, which show curves and the like, unless they are asked for. */
  roundsWithoutGoal: 1,
  timing: { warmUpMs: 800, durationMs: 1500 },
  deadlineMs: Number.POSITIVE_INFINITY,
};
/** A quick run is for a look, and ends in time: its figures are not for quoting. */
const quick = {
  rounds: 1,
  roundsWithoutGoal: 1,
  timing: { warmUpMs: 250, durationMs: 500 },
  deadlineMs: 165_000,
};

/** What to run. @throws TypeError if the command line asks for what there is not. */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      peers: { type: 'string' },
    },
  });
  const chosen = values.quick ? quick : thorough;
  const rounds = values.rounds === undefined ? chosen.rounds : readCount(values.rounds);
  const isAsked = values.rounds !== undefined || values.only !== undefined;
  return {
    timing: chosen.timing,
    rounds,
    roundsOf: ({ name }) => (isAsked || name in goals ? rounds : chosen.roundsWithoutGoal),
    deadlineMs: chosen.deadlineMs,
    isWhole: Object.values(values).every((value) => value === undefined || value === false),
    workloads: choose(
      values.quick ? workloads.filter(({ name }) => name in goals) : workloads,
      workloads,
      values.only,
    ),
    peers: choose(
      values.quick ? peers.filter(({ isRival }) => isRival) : peers,
      peers,
      values.peers && `${ours},${ourHub},${values.peers}`,
    ),
  };
}

function readCount(word) {
  const count = Number(word);
  if (Number.isInteger(count) && count > 0) return count;
  throw new TypeError(`Expected a number of rounds of at least 1, received ${word}`);
}

/** Those of the names given, or, for a word that is no name, those whose names contain it. */
function choose(preset, list, words) {
  if (words === undefined) return preset;
  const chosen = new Set(words.split(',').flatMap((word) => matching(list, word)));
  return list.filter((item) => chosen.has(item));
}

function matching(list, word) {
  const exact = list.filter(({ name }) => name === word);
  const found = exact.length > 0 ? exact : list.filter(({ name }) => name.includes(word));
  if (found.length > 0) return found;
  throw new TypeError(`Expected one of ${list.map(({ name }) => name).join(', ')}, received ${word}`);
}
