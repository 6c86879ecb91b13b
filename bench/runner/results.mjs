/** What a run leaves behind: the machine, the versions, and for each workload and peer the figures of all rounds. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { isPinned } from './child-process.mjs';

const FOLDER = join(import.meta.dirname, '..', 'results');
const SIGNIFICANT_DIGITS = 4;

/**
 * Writes a run down.
 *
 * @param name `final` for a whole run, which is committed; `latest` for any other.
 */
export function writeResults(name, { options, results, failures, chart }) {
  mkdirSync(FOLDER, { recursive: true });
  const { rounds, timing } = options;
  const content = { machine: describeMachine(), versions: readVersions(), rounds, timing, failures, results };
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(content, shorten, 2)}\n`);
  writeFileSync(join(FOLDER, `${name}.svg`), chart);
}

function describeMachine() {
  const [{ model }] = cpus();
  const platform = `${process.platform} ${process.arch}`;
  return { cores: availableParallelism(), cpu: model, platform, node: process.version, isPinned };
}

function readVersions() {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  return { ...manifest.dependencies, ...manifest.optionalDependencies };
}

function shorten(_key, value) {
  if (typeof value !== 'number') return value;
  return Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
