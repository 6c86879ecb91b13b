/** What came of a run, as text: a line for each section, and what was found, case by case. */

import type { CaseResult } from './runner.ts';

/** Formats the results. */
export function formatReport(results: readonly CaseResult[]): string {
  const sections = [...new Set(results.map((result) => result.case.section))];
  const failed = results.filter(({ findings }) => findings.length > 0);
  return [
    ...sections.map((section) => formatSection(section, results)),
    ...failed.flatMap(formatFailure),
    '',
    `${results.length - failed.length} of ${results.length} cases pass`,
  ].join('\n');
}

function formatSection(section: string, results: readonly CaseResult[]): string {
  const ofSection = results.filter((result) => result.case.section === section);
  const passed = ofSection.filter(({ findings }) => findings.length === 0);
  return `§${section.padEnd(4)} ${passed.length} of ${ofSection.length}`;
}

function formatFailure(result: CaseResult): readonly string[] {
  const { section, title } = result.case;
  return ['', `§${section} ${title}`, ...result.findings.map((finding) => `  ${finding}`)];
}
