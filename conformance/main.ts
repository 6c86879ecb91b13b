/**
 * The conformance runner's command line; `README.md` beside this file explains it.
 *
 *     npm run conformance -- [--url URL --token TOKEN --other-token TOKEN] [--sections 3,5.2] [--quick] [--list]
 */

import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Case } from './case.ts';
import { allCases } from './cases/all-cases.ts';
import { startOwnHub } from './own-hub.ts';
import { formatReport } from './report.ts';
import { runCases, type Subject } from './runner.ts';

const usage =
  'Usage: npm run conformance -- --url URL --token TOKEN --other-token TOKEN [--sections 3,5.2] [--quick]';
const misuse = 2;

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string' },
    'other-token': { type: 'string' },
    sections: { type: 'string' },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

if (values.list) for (const { section, title } of selectCases()) console.log(`§${section} ${title}`);
else process.exitCode = await run();

async function run(): Promise<number> {
  const { url, token, 'other-token': otherToken } = values;
  if (url === undefined) return await runOwn();
  if (token === undefined || otherToken === undefined) {
    console.error(usage);
    return misuse;
  }
  return await runAgainst({ url, tokens: { first: token, second: otherToken } });
}

async function runOwn(): Promise<number> {
  const hub = await startOwnHub();
  try {
    return await runAgainst(hub);
  } finally {
    await hub.close();
  }
}

async function runAgainst(subject: Subject): Promise<number> {
  const results = await runCases(selectCases(), subject);
  console.log(formatReport(results));
  return results.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

function selectCases(): readonly Case[] {
  const sections = values.sections?.split(',');
  return allCases.filter(
    ({ section, isSlow }) =>
      (!values.quick || !isSlow) &&
      (!sections || sections.some((wanted) => `${section}.`.startsWith(`${wanted}.`))),
  );
}
