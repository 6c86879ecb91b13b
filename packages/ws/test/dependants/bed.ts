/**
 * The bed: dependants of `ws` from npm, installed with `ws` replaced by our packages as npm would publish them. It is
 * installed when a test first wants it, in a folder whose name says what is in it, so that it is made once and never
 * changed. Before: `bed/`, which says what is installed; after: `program.ts`, which runs something in it.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import { replaceBundledWs } from './bundled-ws.ts';
import { inTurn } from './turn.ts';

/** The programs and what they need. */
export const source: string = join(import.meta.dirname, 'bed');

const repository = join(import.meta.dirname, '..', '..', '..', '..');
const beds = join(repository, '.cache', 'dependants');
const manifests = ['.npmrc', 'package-lock.json', 'package.json'] as const;
const ours = ['protocol', 'websocket', 'ws'] as const;

/** A bed that nobody has used for so long is of an earlier state of the packages. */
const OUTDATED_AFTER_MS = 3_600_000;

/** Installs the bed if that has not been done, and gives its folder. */
export async function installBed(): Promise<string> {
  const folder = join(beds, contentHash());
  if (existsSync(folder)) return folder;
  await inTurn(folder, async () => {
    if (existsSync(folder)) return;
    await mkdir(beds, { recursive: true });
    await removeOutdated();
    await makeBed(folder);
  });
  return folder;
}

/** Makes it beside its place, and moves it there when all of it is there. */
async function makeBed(folder: string): Promise<void> {
  const unfinished = await mkdtemp(join(beds, 'unfinished-'));
  for (const name of ours) await pack(name, join(unfinished, 'packed', name));
  for (const name of manifests) await copyFile(join(source, name), join(unfinished, name));
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], unfinished);
  replaceBundledWs(join(unfinished, 'node_modules'));
  await rename(unfinished, folder);
}

/** Unpacks what npm would publish. */
async function pack(name: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], join(repository, 'packages', name));
  const [tarball = ''] = await readdir(folder);
  run('tar', ['-xzf', tarball, '--strip-components=1'], folder);
}

async function removeOutdated(): Promise<void> {
  for (const name of await readdir(beds)) {
    const folder = join(beds, name);
    const unusedMs = Date.now() - statSync(folder).mtimeMs;
    if (unusedMs > OUTDATED_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
}

/** Of all that decides what is in the bed. */
function contentHash(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  const files = [
    ...manifests.map((name) => join(source, name)),
    join(import.meta.dirname, 'bundled-ws.ts'),
    ...ours.flatMap((name) => publishedFiles(join(repository, 'packages', name))),
  ];
  for (const file of files) hash.update(relative(repository, file)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** What the packages give away, but for what stands in every package. */
function publishedFiles(folder: string): readonly string[] {
  const folders = ['dist', 'types'].map((name) => join(folder, name)).filter((path) => existsSync(path));
  const files = folders.flatMap((path) => filesIn(path));
  if (files.length === 0)
    throw new Error(`Expected ${folder} to be built, received no dist: run npm run build`);
  return [join(folder, 'package.json'), ...files];
}

function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tsbuildinfo'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`Expected ${command} ${args.join(' ')} to succeed, received ${stderr}`, { cause: error });
}
