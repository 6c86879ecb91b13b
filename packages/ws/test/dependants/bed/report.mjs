/** What the programs of the bed have in common: how they tell their test what they saw, and whose `ws` they used. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Tells the test. The last line that a program prints is its report. */
export function report(findings) {
  console.log(JSON.stringify(findings));
}

/** The names of the packages that these dependants get when they ask for `ws`. */
export function whoseWs(...dependants) {
  return dependants.map((dependant) => {
    const require = createRequire(join(installed(dependant), 'package.json'));
    return nameOfPackageWith(require.resolve('ws'));
  });
}

/** The folder of an installed package. */
export function installed(name) {
  return join(import.meta.dirname, '..', 'node_modules', name);
}

/** The port that a server listens on. */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

/** The next arguments with which an emitter calls back, for those that are no EventEmitter. */
export function next(emitter, event) {
  return new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
}

function nameOfPackageWith(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const name = nameIn(folder);
    if (name !== undefined) return name;
  }
}

function nameIn(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name;
  } catch {
    return undefined;
  }
}
