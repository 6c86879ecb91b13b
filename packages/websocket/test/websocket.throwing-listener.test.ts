/** DOM §2.9: what a listener throws is reported. It breaks nothing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const program = join(import.meta.dirname, 'programs', 'throwing-listener.ts');
const flags = ['--conditions=hawser-source', '--import=tsx'];
/** The program takes a second at most; a process that hangs is killed after this. */
const timeout = 60_000;

describe('DOM §2.9 a listener that throws', () => {
  it('is an uncaught exception, and disturbs neither other listeners nor the connection', async () => {
    const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], { env, timeout });
    const { uncaught, received, code, wasClean } = JSON.parse(stdout);
    assert.ok(uncaught.length >= 3);
    assert.deepEqual([...new Set(uncaught)], ['from a listener']);
    assert.ok(received.length >= uncaught.length);
    assert.deepEqual(received, [...received.keys()]);
    assert.deepEqual([code, wasClean], [1000, true]);
  });
});
