/**
 * The page's files over HTTP. All of them are read once, when the server starts: a request only looks its path up in a table,
 * so no path that a client makes up ever reaches the disk.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

/** A folder whose files, of the known types, are served under a prefix. */
export interface Mount {
  readonly prefix: string;
  readonly folder: string;
}

interface StaticFile {
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly etag: string;
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.map', 'application/json'],
]);

/** The page uses its own files and its own WebSocket endpoint, and nothing else from anywhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const commonHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

export class StaticFiles {
  readonly #files = new Map<string, StaticFile>();

  /** @throws Error when a folder is not there */
  constructor(mounts: readonly Mount[]) {
    for (const mount of mounts) this.#load(mount);
  }

  /** Answers any request: with the file, or with what is wrong with the request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return answer(response, 405, 'Expected GET or HEAD\n', { Allow: 'GET, HEAD' });
    }
    const file = this.#files.get(pathOf(request));
    if (file === undefined) return answer(response, 404, 'There is nothing here\n');
    serve(request, response, file);
  }

  #load({ prefix, folder }: Mount): void {
    for (const name of readdirSync(folder)) {
      const contentType = contentTypes.get(extname(name));
      if (contentType === undefined) continue;
      const body = readFileSync(join(folder, name));
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      const path = name === 'index.html' ? prefix : `${prefix}${name}`;
      this.#files.set(path, { body, contentType, etag });
    }
  }
}

/** The path of a request without its query. It is compared with what is there, and nothing else is done with it. */
export function pathOf(request: IncomingMessage): string {
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  return path;
}

/** A short text, for whoever finds it in a browser's window. */
export function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...commonHeaders, 'Content-Type': 'text/plain; charset=utf-8', ...headers });
  response.end(text);
}

function serve(request: IncomingMessage, response: ServerResponse, file: StaticFile): void {
  // Always ask, and hear "not modified" as long as nothing is: a new version is never mixed with an old one.
  const caching = { 'Cache-Control': 'no-cache', ETag: file.etag };
  if (isCurrent(request, file)) {
    response.writeHead(304, { ...commonHeaders, ...caching });
    response.end();
    return;
  }
  const entity = { 'Content-Type': file.contentType, 'Content-Length': file.body.length };
  response.writeHead(200, { ...commonHeaders, ...caching, ...entity });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

/** RFC 9110 §13.1.2: If-None-Match compares weakly, so a proxy's `W/` before our tag makes no difference. */
function isCurrent(request: IncomingMessage, { etag }: StaticFile): boolean {
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
