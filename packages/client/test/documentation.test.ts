/** docs/hub-client.md says what the code does: every code, every default. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { defaultBackoff } from '../src/backoff.ts';
import { defaultIteratorLimits } from '../src/message-iterator.ts';
import { resolveOptions } from '../src/options.ts';
import { FakeClock } from '../src/testing.ts';
import { FakeNetwork } from './fake-network.ts';

const page = readFileSync('docs/hub-client.md', 'utf8');

describe('docs/hub-client.md', () => {
  it('explains every code of the client’s own, and no other', () => {
    const source = readFileSync('packages/client/src/errors.ts', 'utf8');
    const [, union = ''] = /export type ClientErrorCode =([^;]+);/.exec(source) ?? [];
    const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, code]) => code);
    const [, section = ''] = page.split('## Error codes');
    const rows = [...section.matchAll(/^\| `([\w-]+)`/gm)].map(([, code]) => code);
    assert.ok(codes.length > 5);
    assert.deepEqual(rows, codes);
  });

  it('names the defaults as they are', () => {
    const { WebSocket } = new FakeNetwork(new FakeClock());
    const settings = resolveOptions('ws://hub.test/', [], { WebSocket });
    const { outbox, pongTimeoutMs, requestTimeoutMs, maxBufferedBytes, connectTimeoutMs } = settings;
    assert.deepEqual(outbox, { maxBytes: 1024 * 1024, maxAgeMs: 300_000, maxInFlight: 32 });
    assert.deepEqual(defaultBackoff, { baseMs: 1_000, maxMs: 30_000 });
    assert.deepEqual(defaultIteratorLimits, { maxMessages: 1_000, maxBytes: 1024 * 1024 });
    assert.deepEqual(
      [pongTimeoutMs, requestTimeoutMs, maxBufferedBytes, connectTimeoutMs],
      [5_000, 10_000, 65_536, 10_000],
    );
    for (const text of [
      '`backoff.baseMs` (1 second)',
      '`backoff.maxMs` (30 seconds)',
      '`maxMessages` (1,000)',
      '5 seconds of\nsilence (`pongTimeoutMs`)',
      '`requestTimeoutMs` (10 seconds)',
      '`maxBufferedBytes` (64 KiB)',
    ]) {
      assert.ok(page.includes(text), text);
    }
  });
});
