/** Programs of tests as plain JavaScript, so that a process starts in a moment. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

/** Inside the repository, where lmdb is found. */
const folder = fileURLToPath(new URL(`../../../.cache/lmdb-test-${process.pid}`, import.meta.url));

/** Bundles a program beside this file, and gives its path. */
export async function bundleProgram(name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name.replace(/ts$/, 'mjs'));
  await build({
    input: fileURLToPath(new URL(name, import.meta.url)),
    platform: 'node',
    external: ['lmdb'],
    resolve: { conditionNames: ['hawser-source', 'import', 'default'] },
    output: { file, format: 'esm' },
  });
  return file;
}

after(() => rm(folder, { recursive: true, force: true }));
