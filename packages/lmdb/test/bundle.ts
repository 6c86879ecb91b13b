/** Programs of tests as plain JavaScript, so that a process starts in a moment. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Inside the repository, where lmdb is found. */
const folder = fileURLToPath(new URL(`../../../.cache/lmdb-test-${process.pid}`, import.meta.url));

/** Bundles a program beside this file, and gives its path. */
export async function bundleProgram(name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, name.replace(/ts$/, 'mjs'));
  await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['hawser-source'],
    external: ['lmdb'],
  });
  return outfile;
}

after(() => rm(folder, { recursive: true, force: true }));
