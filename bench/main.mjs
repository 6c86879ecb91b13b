/**
 * `npm run bench`: all peers on all workloads, interleaved over several rounds, so that whatever else the machine does
 * meets everybody. `README.md` here says what is measured and how.
 */
import process from 'node:process';
import { drawChart } from './runner/chart.mjs';
import { formatGoals } from './runner/goals.mjs';
import { install } from './runner/installation.mjs';
import { canDo, measure } from './runner/measuring.mjs';
import { readOptions } from './runner/options.mjs';
import { writeResults } from './runner/results.mjs';
import { summarize } from './runner/statistics.mjs';
import { formatTable } from './runner/table.mjs';

const options = readOptions(process.argv.slice(2));
const figures = [];
const failures = [];

install();
for (let round = 1; round <= options.rounds; round++) {
  for (const workload of options.workloads) {
    if (round > options.roundsOf(workload)) continue;
    for (const peer of options.peers) await runOne(round, workload, peer);
  }
}
report();
process.exitCode = failures.length === 0 ? 0 : 1;

async function runOne(round, workload, peer) {
  if (!canDo(peer, workload)) return;
  const name = `${workload.name}, ${peer.name}, round ${round} of ${options.rounds}`;
  if (performance.now() > options.deadlineMs) {
    process.stderr.write(`left out: ${name}\n`);
    return;
  }
  try {
    const figure = await measure(peer, workload, options.timing);
    figures.push({ workload: workload.name, peer: peer.name, round, ...figure });
    process.stderr.write(`${name}\n`);
  } catch (error) {
    failures.push(`${name}: ${error.message}`);
    process.stderr.write(`FAILED ${failures.at(-1)}\n`);
  }
}

function report() {
  const results = summarize(options.workloads, figures).filter(({ peers }) => peers.length > 0);
  for (const workload of results) process.stdout.write(`\n${formatTable(workload)}\n`);
  process.stdout.write(formatGoals(results));
  for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
  const name = options.isWhole ? 'final' : 'latest';
  writeResults(name, { options, results, failures, chart: drawChart(results) });
}
