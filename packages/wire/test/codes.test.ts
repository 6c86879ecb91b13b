/** The tables of codes, limits and types in docs/wire.md say what the code does. */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  closeCodes,
  decodeServerMessage,
  errorCodes,
  reconnectsAfter,
  SUBPROTOCOL,
  temporaryErrorCodes,
  wireLimits,
} from '@hawser/wire';

const page = readFileSync('docs/wire.md', 'utf8');

describe('docs/wire.md', () => {
  it('has the name of the subprotocol for its title', () => {
    assert.ok(page.startsWith(`# ${SUBPROTOCOL}\n`));
  });

  it('has the table of error codes', () => {
    const rows = Object.entries(errorCodes).map(([code, row]) => [
      `\`${code}\``,
      row.message,
      yesOrNo(row.reconnect),
    ]);
    assert.deepEqual(tableOf('9.1 Errors'), rows);
  });

  it('has the table of close codes', () => {
    const rows = Object.entries(closeCodes).map(([name, row]) => [
      String(row.code),
      `\`${name}\``,
      row.message,
      yesOrNo(row.reconnect),
    ]);
    assert.deepEqual(tableOf('9.2 Closes'), rows);
  });

  it('has the limits', () => {
    const numbers = tableOf('2.2 Limits').map(([, , most]) => Number(most));
    assert.deepEqual(sorted(numbers), sorted(Object.values(wireLimits)));
  });

  it('names no code and no close that does not exist', () => {
    const names = [...page.matchAll(/`error` with `([\w-]+)`|MUST close with `([\w-]+)`/g)].map(
      ([, error, close]) => error ?? close ?? '',
    );
    assert.ok(names.length > 5);
    for (const name of names) assert.ok(name in errorCodes || name in closeCodes, name);
  });
});

describe('error codes', () => {
  it('are temporary if their row says reconnect', () => {
    const rows = Object.entries(errorCodes).filter(([, row]) => row.reconnect);
    assert.deepEqual(
      rows.map(([code]) => code),
      temporaryErrorCodes,
    );
  });

  it('are all known to the client’s half of the codec', () => {
    for (const code of Object.keys(errorCodes)) {
      const reply = { type: 'error', id: 1, code, message: '' };
      assert.deepEqual(decodeServerMessage(JSON.stringify(reply)), reply);
    }
  });
});

describe('close codes', () => {
  it('are each of one meaning', () => {
    const codes = Object.values(closeCodes).map(({ code }) => code);
    assert.equal(new Set(codes).size, codes.length);
  });

  it('have reasons that fit into a Close frame', () => {
    for (const { message } of Object.values(closeCodes)) assert.ok(Buffer.byteLength(message) <= 123);
  });

  it('say of every code whether a client comes back', () => {
    for (const { code, reconnect } of Object.values(closeCodes))
      assert.equal(reconnectsAfter(code), reconnect);
    for (const code of [1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000])
      assert.ok(reconnectsAfter(code), `${code}`);
    for (const code of [1000, 1002, 1003, 1007, 1008, 1009, 1010, 1015, 4000, 4399, 4499, 4500, 4999]) {
      assert.ok(!reconnectsAfter(code), `${code}`);
    }
  });
});

/** The cells of the first table under a heading, without its head. */
function tableOf(heading: string): string[][] {
  const [, section = ''] = page.split(`# ${heading}\n`);
  const [table = ''] = /^(\|.*\n)+/m.exec(section) ?? [];
  const rows = table.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function sorted(numbers: readonly number[]): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}
