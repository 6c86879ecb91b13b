/** The package's types serve code that was written for `@types/ws`, under both ways to load it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';

const here = import.meta.dirname;
const root = join(here, '../../..');
const project = join(root, '.cache/ws-types');

/** A project of its own, in whose node_modules this package stands under the name `ws`. */
const config = {
  compilerOptions: {
    target: 'ES2022',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    preserveSymlinks: true,
    typeRoots: [join(root, 'node_modules/@types')],
  },
  include: ['*.mts', '*.cts'],
};

describe('the types', () => {
  it('compile what is written for ws', () => {
    rmSync(project, { recursive: true, force: true });
    mkdirSync(join(project, 'node_modules'), { recursive: true });
    symlinkSync(relative(join(project, 'node_modules'), join(here, '..')), join(project, 'node_modules/ws'));
    for (const name of ['by-import.mts', 'by-require.cts']) {
      symlinkSync(relative(project, join(here, 'types', name)), join(project, name));
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });
});
