/** The command line: `--quick`, `--rounds 3`, `--only echo-64,fan`, `--peers ws,bun`. */
import { parseArgs } from 'node:util';
import { ours, peers } from './peers.mjs';
import { workloads } from './workloads.mjs';

/** A quick run is for a look: its figures are not for quoting. */
const quick = { rounds: 1, timing: { warmUpMs: 250, durationMs: 600 } };
const thorough = { rounds: 5, timing: { warmUpMs: 1000, durationMs: 3000 } };

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
  return {
    isQuick: values.quick,
    isWhole: values.only === undefined && values.peers === undefined && !values.quick,
    timing: chosen.timing,
    rounds: values.rounds === undefined ? chosen.rounds : Number(values.rounds),
    workloads: choose(workloads, values.only),
    peers: choose(peers, values.peers && `${ours},${values.peers}`),
  };
}

/** Those of the names given, or, for a word that is no name, those whose names contain it. */
function choose(list, words) {
  if (words === undefined) return list;
  const chosen = new Set(words.split(',').flatMap((word) => matching(list, word)));
  return list.filter((item) => chosen.has(item));
}

function matching(list, word) {
  const exact = list.filter(({ name }) => name === word);
  const found = exact.length > 0 ? exact : list.filter(({ name }) => name.includes(word));
  if (found.length > 0) return found;
  throw new TypeError(`Expected one of ${list.map(({ name }) => name).join(', ')}, received ${word}`);
}
