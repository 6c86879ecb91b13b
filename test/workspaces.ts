/** What the tests of the repository itself ask of it: its workspaces, their files, and what those import. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Manifest {
  readonly name: string;
  /** By entry point: `.`, `./testing`. */
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace {
  /** `packages/protocol`, `apps/chat`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export function workspaces(): readonly Workspace[] {
  return ['packages', 'apps']
    .flatMap((group) => readdirSync(group).map((name) => join(group, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readManifest(folder) }));
}

export function readManifest(folder: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return manifest;
}

/** The pages for people: those of the root, of `docs/`, and each folder's README.md. */
export function documentationPages(): readonly string[] {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path));
  const folders = [...workspaces().map(({ folder }) => folder), 'bench', 'compliance', 'examples'];
  const readmes = folders.map((folder) => join(folder, 'README.md')).filter((path) => existsSync(path));
  return [...readdirSync('.'), ...docs].filter((path) => path.endsWith('.md')).concat(readmes);
}

/** The TypeScript files below a folder, without what is built or installed. */
export function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['dist', 'node_modules'].includes(entry.name) ? [] : sourceFiles(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

/** What stands in quotes after `import` and `from`, types and re-exports included. */
export function importsOf(file: string): readonly string[] {
  // The formatter lets each of these statements begin a line, so comments and strings do not match.
  const statement =
    /^(?:import|export)\b[\w\s{},*$]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;
  const matches = readFileSync(file, 'utf8').matchAll(statement);
  return [...matches].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}
