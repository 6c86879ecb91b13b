/** docs/dependencies.md says of every dependency why it is there; this keeps the page and the manifests equal. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readManifest, workspaces } from './workspaces.ts';

const manifests = [readManifest('.'), ...workspaces().map((workspace) => workspace.manifest)];

describe('docs/dependencies.md', () => {
  it('gives a reason for every dependency, and for no other', () => {
    assert.deepEqual(documentedDependencies(), declaredDependencies());
  });
});

function declaredDependencies(): readonly string[] {
  const names = manifests.flatMap((manifest) => [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.devDependencies ?? {}),
  ]);
  return unique(names.filter((name) => !name.startsWith('@hawser/')));
}

/** The first cell of each row holds the name. */
function documentedDependencies(): readonly string[] {
  const page = readFileSync('docs/dependencies.md', 'utf8');
  return unique([...page.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name = '']) => name));
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
