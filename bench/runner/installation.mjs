/** The peers themselves: they are not part of the repository's own installation. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const folder = join(import.meta.dirname, '..');

/** Installs what `package-lock.json` here says, if nothing is installed. */
export function install() {
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return;
  process.stderr.write('Installing the peers (300 MB) …\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`Expected npm ci to work in bench/, received status ${status}`);
}
