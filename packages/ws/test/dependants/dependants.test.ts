/**
 * Packages that depend on `ws`, installed with it replaced by this one, doing their real work. Each runs as a program of
 * its own over the built package, as it would at its users'.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

const here = import.meta.dirname;
const timeoutMs = 60_000;

describe('with ws replaced', () => {
  before(install);

  it('all of them get this package', () => {
    const lock = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8'));
    const copies = Object.keys(lock.packages).filter((path) => path.endsWith('node_modules/ws'));
    assert.deepEqual(copies, ['node_modules/ws']);
    assert.equal(realpathSync(join(here, 'node_modules/ws')), join(here, '../..'));
  });

  for (const program of readdirSync(join(here, 'programs'))) {
    it(`${program.replace('.mjs', '')} works`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join('programs', program)], {
        cwd: here,
        encoding: 'utf8',
        timeout: timeoutMs,
      });
      assert.deepEqual([status, stdout, stderr], [0, '', '']);
    });
  }
});

/** Installs what the lockfile says, unless that has been done. */
function install(): void {
  if (existsSync(join(here, 'node_modules/.package-lock.json'))) return;
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}
