import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupPauseMs, rowsOf } from '../web/rows.ts';
import type { TimelineEntry } from '../web/timeline.ts';

const noon = new Date(2026, 2, 10, 12).getTime();
const ana = { id: 'p1', name: 'Ana' };
const bo = { id: 'p2', name: 'Bo' };

describe('rowsOf', () => {
  it('begins each day with a separator', () => {
    const nextDay = new Date(2026, 2, 11, 0, 1).getTime();
    const rows = rowsOf([entry('a', ana, noon), entry('b', ana, nextDay)]);
    assert.deepEqual(summary(rows), ['day', 'a leads', 'day', 'b leads']);
  });

  it('puts messages of one person in a row under one heading', () => {
    const rows = rowsOf([entry('a', ana, noon), entry('b', ana, noon + 1_000), entry('c', bo, noon + 2_000)]);
    assert.deepEqual(summary(rows), ['day', 'a leads', 'b', 'c leads']);
  });

  it('shows the heading again after a pause, under another name, and after a notice', () => {
    const rows = rowsOf([
      entry('a', ana, noon),
      entry('b', ana, noon + groupPauseMs),
      entry('c', { ...ana, name: 'Anna' }, noon + groupPauseMs + 1),
      { kind: 'notice', key: 'n', reason: 'gap' },
      entry('d', { ...ana, name: 'Anna' }, noon + groupPauseMs + 2),
    ]);
    assert.deepEqual(summary(rows), ['day', 'a leads', 'b leads', 'c leads', 'notice', 'd leads']);
  });

  it('does not repeat the day after a notice', () => {
    const rows = rowsOf([
      entry('a', ana, noon),
      { kind: 'notice', key: 'n', reason: 'restarted' },
      entry('b', bo, noon + 1),
    ]);
    assert.deepEqual(summary(rows), ['day', 'a leads', 'notice', 'b leads']);
  });

  it('gives every row a key of its own, although the clock of an author goes back', () => {
    const yesterday = new Date(2026, 2, 9, 12).getTime();
    const rows = rowsOf([entry('a', ana, noon), entry('b', bo, yesterday), entry('c', ana, noon)]);
    assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
  });
});

function entry(key: string, author: { id: string; name: string }, at: number): TimelineEntry {
  return { kind: 'message', key, author, own: false, text: key, at, delivery: { status: 'sent' } };
}

function summary(rows: ReturnType<typeof rowsOf>): readonly string[] {
  return rows.map((row) => (row.kind === 'message' ? `${row.key}${row.leads ? ' leads' : ''}` : row.kind));
}
