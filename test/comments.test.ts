/** Comments say what lies above a file and below it; this keeps them from naming files that have been renamed or divided. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { sourceFiles } from './workspaces.ts';

const folders = ['packages', 'apps', 'compliance', 'conformance', 'fuzz', 'scripts', 'test'];
const files = folders.flatMap((folder) => sourceFiles(folder));
const names = new Set(files.map((file) => basename(file)));

describe('comments', () => {
  it('name files that are there', () => {
    assert.deepEqual(
      files.flatMap((file) =>
        namedFiles(file)
          .filter((name) => !names.has(basename(name)))
          .map((name) => `${file} names ${name}`),
      ),
      [],
    );
  });
});

/** What stands in backticks and ends like a source file. */
function namedFiles(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name);
}
