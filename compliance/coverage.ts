/**
 * The page that says of every MUST and SHOULD where it is obeyed and what holds it: requirements joined with the
 * violation table and the cases. `write-coverage.ts` writes it, and a test compares it.
 */

import { violations } from '@hawser/protocol';
import { families } from './cases/families.ts';
import type { Requirement } from './requirements/requirement.ts';
import { requirementTables } from './requirements/requirements.ts';

/** Where the page stands. */
export const coveragePage = 'docs/rfc-coverage.md';

const introduction = `# What the RFCs ask for, and what holds it

Every MUST, MUST NOT, SHOULD and SHOULD NOT of RFC 6455 and RFC 7692, in our own words: where it is obeyed, the row of
the [violation table](../packages/protocol/src/violations.ts) with what follows when a peer breaks it, and what tests
it. Numbers such as 3.1 are cases of [compliance/](../compliance/README.md).

\`npm run docs:coverage\` writes this page.
`;

/** The page's text. */
export function formatCoverage(): string {
  const cases = casesByRequirement();
  const tables = requirementTables.map(({ rfc, title, requirements }) => {
    const rows = Object.entries(requirements).map(([id, each]) => formatRow(each, cases.get(id) ?? []));
    const head = ['§', 'Level', 'Requirement', 'Where', 'If a peer breaks it', 'Cases and tests'];
    return [`## ${rfc}: ${title}`, '', ...formatTable([head, ...rows]), ''].join('\n');
  });
  return [introduction, ...tables].join('\n');
}

/** The ids of the cases that name each requirement. */
export function casesByRequirement(): ReadonlyMap<string, readonly string[]> {
  const cases = new Map<string, string[]>();
  for (const { id, holds } of families.flatMap((family) => family.cases)) {
    for (const requirement of new Set(holds)) cases.set(requirement, [...(cases.get(requirement) ?? []), id]);
  }
  return cases;
}

function formatRow(requirement: Requirement, cases: readonly string[]): string[] {
  const { section, level, rule, files = [], violations: names = [], tests = [], untested } = requirement;
  const evidence = [formatCases(cases), ...tests.map(link)].filter((part) => part !== '');
  return [
    section,
    level,
    rule,
    files.map(link).join(', '),
    names.map(formatViolation).join(', '),
    evidence.length > 0 ? evidence.join(', ') : (untested ?? ''),
  ];
}

/** Ids that follow each other are drawn together: 3.1-3.42. */
function formatCases(ids: readonly string[]): string {
  const runs: { first: string; last: string }[] = [];
  for (const id of ids) {
    const run = runs.at(-1);
    if (run !== undefined && isNext(run.last, id)) run.last = id;
    else runs.push({ first: id, last: id });
  }
  return runs.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(', ');
}

function isNext(before: string, after: string): boolean {
  const [family, number] = before.split('.');
  return after === `${family}.${Number(number) + 1}`;
}

function link(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return `[${name}](../${file})`;
}

function formatViolation(name: string): string {
  for (const rows of Object.values(violations)) {
    for (const [key, row] of Object.entries(rows)) {
      if (key === name) return `\`${name}\`${consequence(row)}`;
    }
  }
  throw new RangeError(`Expected the name of a violation, received ${name}`);
}

function consequence(row: object): string {
  if ('closeCode' in row) return ` (${row.closeCode})`;
  return 'status' in row ? ` (${row.status})` : '';
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const [head = [], ...body] = rows;
  const rule = head.map(() => '---');
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
}
