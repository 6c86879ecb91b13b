/** A folder laid out as the chat's own, with next to nothing in it, so that the server can be tested without a build. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const files = {
  'web/index.html': '<!doctype html><title>The page</title>',
  'web/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'web/main.ts': 'not for the browser',
  'web/style/base.css': 'body {}',
  'dist/web/main.js': 'import "./view/dom.js";',
  'dist/web/view/dom.js': 'export {};',
  'dist/contract/limits.js': 'export {};',
} as const;

export interface PageFolder {
  readonly path: string;
  remove(): void;
}

export function makePageFolder(): PageFolder {
  const path = mkdtempSync(join(tmpdir(), 'hawser-chat-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, remove: () => rmSync(path, { recursive: true }) };
}
