/**
 * Vite and playwright-core carry a copy of `ws` inside of their own bundles, where no `overrides` entry reaches. In the
 * installed bed each module of that copy with something public is made to give what `require('ws')` gives instead, which is
 * what the bundle would hold had it been built with `ws` replaced.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file that carries a copy. */
interface Bundle {
  readonly path: string;
  /** How its modules get what is outside of the bundle. */
  readonly require: string;
}

const bundles: readonly Bundle[] = [
  { path: 'vite/dist/node/chunks/node.js', require: '__require' },
  { path: 'playwright-core/lib/utilsBundle.js', require: 'require' },
];

/** The modules of the copy, and what each is of the package. */
const modules: Readonly<Record<string, string>> = {
  receiver: '.Receiver',
  sender: '.Sender',
  stream: '.createWebSocketStream',
  websocket: '',
  'websocket-server': '.WebSocketServer',
};

/** Replaces the copies in a folder of installed packages. */
export function replaceBundledWs(folder: string): void {
  for (const { path, require } of bundles) {
    const file = join(folder, path);
    let text = readFileSync(file, 'utf8');
    for (const [name, member] of Object.entries(modules)) {
      text = replaceModule(text, name, `${require}('ws')${member}`);
    }
    writeFileSync(file, text);
  }
}

/**
 * Both bundlers put the module's path above it, in a comment, and then a function of `exports` and `module`.
 *
 * @throws Error if that is not there exactly once: nothing may pass with the copy in use.
 */
function replaceModule(text: string, name: string, value: string): string {
  const begin = new RegExp(
    `^// \\S*/ws/lib/${name}\\.js\\n[^;]*?\\(exports\\d*, (module\\d*)\\)(?: =>)? \\{$`,
    'gm',
  );
  const places = [...text.matchAll(begin)];
  const [place] = places;
  if (place === undefined || places.length > 1) {
    throw new Error(`Expected one bundled copy of ws/lib/${name}.js, received ${places.length}`);
  }
  const at = place.index + place[0].length;
  return `${text.slice(0, at)}\n${place[1]}.exports = ${value};\nreturn;${text.slice(at)}`;
}
