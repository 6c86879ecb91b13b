/**
 * The rules of the layers: which package imports which, and in which order the files of a package stand.
 * The order is read from ARCHITECTURE.md, so that the page cannot say what the code does not do.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, it } from 'node:test';
import { importsOf, readManifest, sourceFiles, type Workspace, workspaces } from './workspaces.ts';

interface Rule {
  /** What it may import by name: packages of this repository, or others that its manifest declares. */
  readonly packages: readonly string[] | 'all';
  /** Whether it may import `node:*`. What may not runs in a browser as it is. */
  readonly node: boolean;
  /** The folders beside it whose files it may import. */
  readonly beside?: readonly string[];
}

/** A package that does not exist yet stands here too: its place in the layers is decided before its code. */
const rules: Readonly<Record<string, Rule>> = {
  'packages/protocol/src': { packages: [], node: false },
  'packages/websocket/src': { packages: ['@hawser/protocol'], node: true },
  'packages/ws/src': { packages: ['@hawser/websocket/driver'], node: true },
  'packages/wire/src': { packages: [], node: false },
  'packages/client/src': { packages: ['@hawser/wire'], node: false },
  'packages/hub/src': { packages: ['@hawser/wire', 'jose'], node: false },
  'packages/lmdb/src': { packages: ['@hawser/hub', '@hawser/hub/broker-parts', 'lmdb'], node: true },
  'packages/redis/src': { packages: ['@hawser/hub', '@hawser/hub/broker-parts', 'redis'], node: true },
  'packages/hawser/src': { packages: 'all', node: true },
  'apps/chat/contract': { packages: [], node: false },
  'apps/chat/server': { packages: 'all', node: true, beside: ['contract'] },
  // The browser gets a page's files one by one, without a bundler that would find a package.
  'apps/chat/web': { packages: [], node: false, beside: ['contract'] },
};

/** Tests may reach into every file of their own package, and use Node and the tools of the repository. */
const testFolders: readonly string[] = ['test', 'e2e'];

describe('import rules', () => {
  for (const workspace of workspaces()) {
    for (const part of partsOf(workspace)) {
      it(`${workspace.folder}/${part} imports what its layer may`, () => {
        assert.deepEqual(layerViolations(workspace, part), []);
      });
    }

    it(`${workspace.folder} has no import cycle`, () => {
      assert.deepEqual(findCycle(sourceFiles(workspace.folder)), []);
    });
  }
});

describe('the data path', () => {
  it('awaits nothing in packages/protocol', () => {
    const awaiting = /^(?!\s*(?:\*|\/)).*\b(?:async|await|Promise)\b/m;
    const files = sourceFiles('packages/protocol/src');
    assert.deepEqual(
      files.filter((file) => awaiting.test(readFileSync(file, 'utf8'))),
      [],
    );
  });
});

describe('file order', () => {
  for (const { folder } of workspaces().filter((workspace) => workspace.folder.startsWith('packages'))) {
    const order = documentedOrder(`${folder}/src`);

    it(`ARCHITECTURE.md lists the files of ${folder}`, () => {
      assert.deepEqual([...order].sort(), [...sourceFiles(`${folder}/src`)].sort());
    });

    it(`a file of ${folder} imports only files above it`, () => {
      assert.deepEqual(
        order.flatMap((file) => orderViolations(order, file)),
        [],
      );
    });

    it(`${folder}/src/index.ts only re-exports`, () => {
      assert.equal(withoutReExports(`${folder}/src/index.ts`), '');
    });
  }
});

/** The folders of a workspace that hold code: `src` and `test`, or `server`, `web` and so on. */
function partsOf({ folder }: Workspace): readonly string[] {
  const parts = sourceFiles(folder).map((file) => relative(folder, file).split(sep)[0] ?? '');
  return [...new Set(parts)];
}

function layerViolations(workspace: Workspace, part: string): readonly string[] {
  const mayImport = testFolders.includes(part) ? testRule(workspace) : codeRule(workspace, part);
  return sourceFiles(join(workspace.folder, part)).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => !mayImport(specifier.startsWith('.') ? target(file, specifier) : specifier))
      .map((specifier) => `${file} imports ${specifier}`),
  );
}

type MayImport = (target: string) => boolean;

/** A name is compared whole, so that nobody imports the inside of another package (`@hawser/protocol/src`). */
function codeRule({ folder, manifest }: Workspace, part: string): MayImport {
  const rule = rules[`${folder}/${part}`];
  assert.ok(rule, `Expected a rule for ${folder}/${part}, received none`);
  const folders = [part, ...(rule.beside ?? [])].map((name) => join(folder, name));
  const declared = Object.keys(manifest.dependencies ?? {});
  const packages =
    rule.packages === 'all' ? declared : rule.packages.filter((name) => declared.includes(packageOf(name)));
  return (target) =>
    target.startsWith('node:')
      ? rule.node
      : packages.includes(target) || folders.some((home) => isInside(home, target));
}

/** The package that an entry point belongs to: `@hawser/websocket` for `@hawser/websocket/driver`. */
function packageOf(entryPoint: string): string {
  const parts = entryPoint.split('/');
  return parts.slice(0, entryPoint.startsWith('@') ? 2 : 1).join('/');
}

function testRule({ folder, manifest }: Workspace): MayImport {
  const tools = readManifest('.').devDependencies;
  const packages = [
    manifest.name,
    ...Object.keys({ ...tools, ...manifest.devDependencies, ...manifest.dependencies }),
  ];
  return (target) =>
    target.startsWith('node:') || packages.includes(packageOf(target)) || isInside(folder, target);
}

function isInside(folder: string, file: string): boolean {
  return file.startsWith(folder + sep);
}

/** The file that a relative specifier means. */
function target(file: string, specifier: string): string {
  return join(dirname(file), specifier);
}

function relativeImports(file: string): readonly string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => target(file, specifier));
}

/** The files of a cycle of imports, each importing the next, or none. */
function findCycle(files: readonly string[]): readonly string[] {
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return [];
    const cycle = firstNonEmpty(relativeImports(file), (next) => visit(next, [...path, file]));
    finished.add(file);
    return cycle;
  };
  return firstNonEmpty(files, (file) => visit(file, []));
}

function firstNonEmpty<T>(items: readonly T[], find: (item: T) => readonly T[]): readonly T[] {
  for (const item of items) {
    const found = find(item);
    if (found.length > 0) return found;
  }
  return [];
}

/** The list under the folder's heading in ARCHITECTURE.md: one file a line, its path first. */
function documentedOrder(folder: string): readonly string[] {
  const page = readFileSync('ARCHITECTURE.md', 'utf8');
  const [, list] = page.split(`### ${folder}\n`)[1]?.split('```') ?? [];
  assert.ok(list, `Expected a list of the files of ${folder} in ARCHITECTURE.md, received none`);
  return [...list.matchAll(/^(\S+\.ts)\b/gm)].map(([, path = '']) => join(folder, path));
}

function orderViolations(order: readonly string[], file: string): readonly string[] {
  return relativeImports(file)
    .filter((imported) => order.indexOf(imported) >= order.indexOf(file))
    .map((imported) => `${file} imports ${imported}, which does not stand above it`);
}

function withoutReExports(file: string): string {
  const comment = /\/\*[\s\S]*?\*\/|\/\/.*/g;
  const reExport = /^export [\w\s{},*'.]+ from '[^']+';/gm;
  return readFileSync(file, 'utf8').replace(comment, '').replace(reExport, '').trim();
}
