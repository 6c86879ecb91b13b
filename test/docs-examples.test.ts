/**
 * The examples of the documentation compile, and those that say so run.
 *
 * Each block that is marked `ts` becomes a file of one project beside the packages, so it sees what a user sees. One that is
 * marked `ts run` is started as a program, and has to exit by itself.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { before, describe, it } from 'node:test';
import { documentationPages, workspaces } from './workspaces.ts';

interface Example {
  /** Where it stands, for whoever has to mend it: `README.md:42`. */
  readonly place: string;
  readonly file: string;
  readonly code: string;
  readonly runs: boolean;
}

const timeoutMs = 20_000;
const project = '.cache/examples';
const examples = documentationPages().flatMap(examplesOf);

describe('examples of the documentation', () => {
  before(writeProject);

  it('compile', () => {
    const compiler = join('node_modules', 'typescript', 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-b', project], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  for (const example of examples.filter(({ runs }) => runs)) {
    it(`${example.place} runs`, () => {
      const command = ['--conditions=hawser-source', '--import=tsx', example.file];
      const { status, stderr } = spawnSync(process.execPath, command, {
        encoding: 'utf8',
        timeout: timeoutMs,
      });
      assert.equal(status, 0, `Expected it to exit by itself with 0, received ${status}: ${stderr}`);
    });
  }
});

function examplesOf(page: string): readonly Example[] {
  const text = readFileSync(page, 'utf8');
  const blocks = text.matchAll(/^```ts( run)?\n([\s\S]*?)^```$/gm);
  return [...blocks].map(({ index, 1: run, 2: code = '' }) => {
    const line = text.slice(0, index).split('\n').length;
    const file = join(project, `${page.replace(/\W/g, '-')}-${line}.ts`);
    return { place: `${page}:${line}`, file, code, runs: run !== undefined };
  });
}

function writeProject(): void {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  for (const { file, code } of examples) writeFileSync(file, code);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(projectConfig()));
}

function projectConfig(): object {
  return {
    extends: '../../tsconfig.test.json',
    compilerOptions: {
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      moduleDetection: 'force',
      // An example may leave what it declares for its reader to use.
      noUnusedLocals: false,
      noUnusedParameters: false,
      outDir: './types',
    },
    include: ['*.ts'],
    references: workspaces()
      .filter(({ folder }) => folder.startsWith('packages'))
      .map(({ folder }) => ({ path: join('..', '..', folder) })),
  };
}
