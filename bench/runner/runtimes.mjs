/**
 * The binaries that run servers and loads. Those of Bun and Deno lie in the package of this platform: what would link
 * them into place is a script, and none may run when something is installed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const modules = join(import.meta.dirname, '..', 'node_modules');
const isArm = process.arch === 'arm64';

const binaries = {
  node: process.execPath,
  bun: join(modules, '@oven', `bun-linux-${isArm ? 'aarch64' : 'x64'}`, 'bin', 'bun'),
  deno: join(modules, '@deno', `linux-${isArm ? 'arm64' : 'x64'}-glibc`, 'deno'),
};

const flags = { node: [], bun: [], deno: ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual'] };

/** The command and its arguments that run a file. */
export function commandFor(runtime, file, ...args) {
  const binary = binaries[runtime];
  if (!existsSync(binary))
    throw new Error(`Expected ${runtime} at ${binary}: it comes for Linux on x64 and arm64`);
  return [binary, ...flags[runtime], file, ...args];
}
