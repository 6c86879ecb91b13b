/** What a page downloads: bundled and minified as a page would, and compressed as a server would. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.ts';

const KIB = 1024;

/** The largest that each entry point may be, alone. */
const limits: readonly (readonly [entry: string, bytes: number])[] = [
  ['@hawser/client', 8 * KIB],
  ['@hawser/client/reconnecting-websocket', 4 * KIB],
  ['@hawser/client/storage', 1.5 * KIB],
  ['@hawser/client/schemas', 1 * KIB],
];

describe('what a page downloads', () => {
  for (const [entry, limit] of limits) {
    it(`is at most ${limit} bytes for ${entry}, minified and compressed`, async (t) => {
      const code = await bundle(`export * from '${entry}';`);
      const { length } = gzipSync(code, { level: 9 });
      t.diagnostic(`${code.length} bytes minified, ${length} compressed`);
      assert.ok(length <= limit, `Expected at most ${limit} bytes, received ${length}`);
    });
  }

  it('holds nothing of Node.js', async () => {
    assert.doesNotMatch(await bundle("export * from '@hawser/client';"), /node:|require\(/);
  });
});
