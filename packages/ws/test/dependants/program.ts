/**
 * Runs a program of the bed in a process of its own, over the installed dependants and our built packages, as it would
 * run at its users'. What it saw it prints as JSON, for the test to judge.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { installBed, source } from './bed.ts';

/** What a program saw. */
export type Report = Readonly<Record<string, unknown>>;

/** A program that runs longer than this hangs. */
const TIMEOUT_MS = 60_000;

/** Runs a program and gives its report. It has a folder to itself, below the installed packages. */
export async function runProgram(name: string, ...args: readonly string[]): Promise<Report> {
  const folder = await mkdtemp(join(await installBed(), 'run-'));
  try {
    const programs = (await readdir(source)).filter((file) => file.endsWith('.mjs'));
    await Promise.all(programs.map((file) => copyFile(join(source, file), join(folder, file))));
    return parse(await outputOf(join(folder, `${name}.mjs`), args, folder));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function outputOf(program: string, args: readonly string[], cwd: string): Promise<string> {
  // To the test runner a process that inherits this is a file of tests.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env,
    // A group of its own, which can be ended with all that it has started.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => endGroup(child), TIMEOUT_MS);
  try {
    const [[code, signal], output, errors] = await Promise.all([
      once(child, 'exit'),
      text(child.stdout),
      text(child.stderr),
    ]);
    if (code === 0) return output;
    throw new Error(`Expected ${program} to succeed, received ${code ?? signal}:\n${output}${errors}`);
  } finally {
    clearTimeout(timer);
    endGroup(child);
  }
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left of it, which is as it should be.
  }
}

/** The last line is the report. */
function parse(output: string): Report {
  const report: unknown = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
  if (isReport(report)) return report;
  throw new Error(`Expected a report, received ${output}`);
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null;
}
