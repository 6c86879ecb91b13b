/**
 * `npm run bench`: all peers on all workloads, interleaved over several rounds, so that whatever else the machine does
 * meets everybody. `README.md` here says what is measured and how.
 */
import process from 'node:process';
import { install } from './runner/installation.mjs';
import { canDo, measure } from './runner/measuring.mjs';
import { readOptions } from './runner/options.mjs';
import { summarize } from './runner/statistics.mjs';
import { formatTable } from './runner/table.mjs';

const options = readOptions(process.argv.slice(2));
const figures = [];
const failures = [];

install();
for (let round = 1; round <= options.rounds; round++) {
  for (const workload of options.workloads) await runWorkload(round, workload);
}
for (const workload of options.workloads) print(workload);
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function runWorkload(round, workload) {
  for (const peer of options.peers.filter((candidate) => canDo(candidate, workload))) {
    process.stderr.write(`round ${round} of ${options.rounds}: ${workload.name}, ${peer.name}\n`);
    try {
      const figure = await measure(peer, workload, options.timing);
      figures.push({ workload: workload.name, peer: peer.name, round, ...figure });
    } catch (error) {
      failures.push(`${workload.name}, ${peer.name}, round ${round}: ${error.message}`);
    }
  }
}

function print(workload) {
  const own = figures.filter((figure) => figure.workload === workload.name);
  if (own.length > 0) process.stdout.write(`\n${formatTable(workload, summarize(workload, own))}\n`);
}
