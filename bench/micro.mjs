/**
 * `npm run bench:micro`: the parts of the engine by themselves, beside what does the same elsewhere. An argument says
 * which: `npm run bench:micro -- masking`.
 */
import process from 'node:process';
import { install } from './runner/installation.mjs';

const NAMES = ['parser', 'encoder', 'masking', 'utf8', 'deflate', 'handshake'];
const NAME_WIDTH = 56;
const TIME_WIDTH = 11;
const NS_PER_US = 1000;

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !NAMES.includes(name));
if (unknown !== undefined) throw new TypeError(`Expected one of ${NAMES.join(', ')}, received ${unknown}`);

install();
const { bench, do_not_optimize: keep, run } = await import('mitata');
for (const name of wanted.length > 0 ? wanted : NAMES) {
  const { group } = await import(`./micro/${name}.mjs`);
  for (const { name: title, run: work } of group.cases) bench(`${group.name}: ${title}`, () => keep(work()));
}
for (const { alias, runs } of (await run({ format: 'quiet' })).benchmarks) {
  const [{ stats, error }] = runs;
  if (error !== undefined) throw error;
  process.stdout.write(
    `${alias.padEnd(NAME_WIDTH)}${formatTime(stats.p50)}  (99 in 100: ${formatTime(stats.p99)})\n`,
  );
}

function formatTime(ns) {
  return (ns < NS_PER_US ? `${ns.toFixed(1)} ns` : `${(ns / NS_PER_US).toFixed(2)} µs`).padStart(TIME_WIDTH);
}
