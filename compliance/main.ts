/**
 * The compliance runner's command line; `README.md` beside this file explains it.
 *
 *     npm run compliance -- [--ours] [--url [NAME=]URL]… [--client [NAME=]COMMAND]… [--families 1,2] [--quick] [--report DIR]
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { families, selectCases } from './cases/families.ts';
import { startOwnClient, startOwnServer } from './peers/own-peers.ts';
import { formatHtmlReport } from './report/html-report.ts';
import { formatTextReport } from './report/text-report.ts';
import { runCases, type SubjectResult } from './runner.ts';
import { ClientSubject, ServerSubject, type Subject } from './subject.ts';

const defaultReportFolder = '.cache/compliance';

const { values } = parseArgs({
  options: {
    ours: { type: 'boolean', default: false },
    url: { type: 'string', multiple: true, default: [] },
    client: { type: 'string', multiple: true, default: [] },
    families: { type: 'string' },
    quick: { type: 'boolean', default: false },
    report: { type: 'string', default: defaultReportFolder },
  },
});

const results: SubjectResult[] = [];
for (const start of subjectsToStart()) results.push(await runSubject(await start()));

console.log(formatTextReport(families, results));
mkdirSync(values.report, { recursive: true });
const page = join(values.report, 'index.html');
writeFileSync(page, formatHtmlReport(families, results));
console.log(`Report: ${page}`);
const hasFailed = results.some((subject) =>
  [...subject.results.values()].some(({ verdict }) => verdict === 'fail'),
);
process.exitCode = hasFailed ? 1 : 0;

/** One subject runs after the other, so that none is slowed down by another. */
function subjectsToStart(): (() => Promise<Subject>)[] {
  const runsOurs = values.ours || (values.url.length === 0 && values.client.length === 0);
  return [
    ...(runsOurs ? [startOwnServer] : []),
    ...values.url.map(named).map(
      ([name, url]) =>
        async () =>
          new ServerSubject(name ?? url, url),
    ),
    ...(runsOurs ? [startOwnClient] : []),
    ...values.client.map(named).map(
      ([name, command]) =>
        () =>
          ClientSubject.start(name ?? command, command),
    ),
  ];
}

/** `NAME=VALUE`, or a value alone. */
function named(argument: string): readonly [name: string | undefined, value: string] {
  const match = /^([\w.@-]+)=(.+)$/.exec(argument);
  return match === null ? [undefined, argument] : [match[1], match[2] ?? ''];
}

async function runSubject(subject: Subject): Promise<SubjectResult> {
  const numbers = values.families?.split(',').map(Number);
  const cases = selectCases({ quick: values.quick, ...(numbers === undefined ? {} : { families: numbers }) });
  try {
    return await runCases(cases, subject, { onResult: showProgress(subject) });
  } finally {
    await subject.close();
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}

/** On a terminal the case that was just finished is shown. */
function showProgress({ name, role }: Subject): (result: { readonly case: { readonly id: string } }) => void {
  let count = 0;
  return (result) => {
    count += 1;
    if (process.stderr.isTTY)
      process.stderr.write(`\r\x1b[K${name} ${role}: ${count} cases, ${result.case.id}`);
  };
}
