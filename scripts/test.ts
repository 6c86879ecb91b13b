/**
 * Runs the tests with Node's own runner: all of them, or those whose path contains one of the arguments.
 * What begins with a dash is handed on to Node. (Node 20's runner takes no glob patterns, so the files are found here.)
 *
 *     npm test -- packages/protocol
 *     npm test -- fragmentation --test-name-pattern="interleaved"
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** A file of tests that takes longer than this hangs. */
const timeoutMs = 180_000;

const folderNamesWithoutTests: readonly string[] = ['.cache', '.git', 'dist', 'node_modules'];

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const files = testFiles('.').filter(isWanted);

if (files.length === 0) {
  console.error(`Expected tests whose path contains ${filters.join(' or ')}, received none`);
  process.exit(1);
}
process.exit(run());

function run(): number {
  const runner = [
    '--conditions=hawser-source',
    '--import=tsx',
    '--test',
    '--test-reporter=spec',
    `--test-timeout=${timeoutMs}`,
    // Node leaves one processor free, and on two of them runs one file at a time; most files wait more than they work.
    `--test-concurrency=${availableParallelism()}`,
  ];
  const { status } = spawnSync(process.execPath, [...runner, ...flags, ...files], { stdio: 'inherit' });
  return status ?? 1;
}

function testFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return folderNamesWithoutTests.includes(entry.name) ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

function isWanted(file: string): boolean {
  return filters.length === 0 || filters.some((filter) => file.includes(filter));
}
