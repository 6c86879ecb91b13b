/** The report for a terminal: a table of the families, and every case in which a subject differs from a pass. */

import type { Family } from '../case.ts';
import type { SubjectResult } from '../runner.ts';
import { differencesOf, familiesRun, labelOf, type Tally, tallyOf, totalOf } from './tally.ts';

/** Writes the report. */
export function formatTextReport(families: readonly Family[], subjects: readonly SubjectResult[]): string {
  const run = familiesRun(families, subjects);
  const all = run.flatMap(({ cases }) => cases);
  const rows = [
    ['', ...subjects.map(labelOf)],
    ...run.map(({ number, title, cases }) => [
      `${number} ${title}`,
      ...subjects.map((subject) => formatTally(tallyOf(subject, cases))),
    ]),
    ['All', ...subjects.map((subject) => formatTally(tallyOf(subject, all)))],
  ];
  return [...formatTable(rows), '', ...all.flatMap((each) => formatDifferences(each, subjects))].join('\n');
}

function formatTally(tally: Tally): string {
  if (totalOf(tally) === 0) return '-';
  const rest = [
    tally.fail > 0 ? `${tally.fail} fail` : '',
    tally['non-strict'] > 0 ? `${tally['non-strict']} non-strict` : '',
    tally.unimplemented > 0 ? `${tally.unimplemented} unimplemented` : '',
  ].filter((part) => part !== '');
  return [`${tally.pass} pass`, ...rest].join(', ');
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}

function formatDifferences(each: Family['cases'][number], subjects: readonly SubjectResult[]): string[] {
  const differences = differencesOf(each, subjects);
  if (differences.length === 0) return [];
  return [
    `${each.id} ${each.title}`,
    ...differences.map(
      ({ subject, result }) => `    ${result.verdict}: ${labelOf(subject)} ${result.notes.join('; ')}`,
    ),
  ];
}
