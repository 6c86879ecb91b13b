/** The bed of dependants brings no other `ws` than ours, and says exactly what it brings. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { installBed, source } from './bed.ts';

const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');

describe('the bed of dependants', () => {
  it('has one ws, and that is ours', async () => {
    const places = [...lock.matchAll(/"([^"]*node_modules\/ws)":/g)].map(([, place]) => place);
    assert.deepEqual(places, ['node_modules/ws']);
    const manifest = readFileSync(join(await installBed(), 'node_modules', 'ws', 'package.json'), 'utf8');
    assert.match(manifest, /"name": "@hawser\/ws"/);
  });

  it('holds what would be published: no sources, no tests', async () => {
    const installed = join(await installBed(), 'node_modules', 'ws');
    assert.deepEqual(
      ['package.json', 'dist', 'src', 'test'].map((name) => existsSync(join(installed, name))),
      [true, true, false, false],
    );
  });

  it('names exact versions, and no place that they came from', () => {
    const manifest = readFileSync(join(source, 'package.json'), 'utf8');
    const [, dependencies = ''] = /"dependencies": \{([^}]*)\}/.exec(manifest) ?? [];
    const versions = [...dependencies.matchAll(/": "([^"]*)"/g)].map(([, version = '']) => version);
    assert.ok(versions.length > 0);
    assert.deepEqual(
      versions.filter((version) => !/^(\d+\.\d+\.\d+|file:packed\/\w+)$/.test(version)),
      [],
    );
    assert.deepEqual(lock.match(/"resolved": "(?!packed\/)[^"]*"/g), null);
  });
});
