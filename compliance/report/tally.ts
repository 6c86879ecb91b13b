/** Counts of verdicts, by subject and family, for both reports. */

import type { Case, Family, Verdict } from '../case.ts';
import type { CaseResult, SubjectResult } from '../runner.ts';

/** The verdicts in the order in which they are shown. */
export const verdicts: readonly Verdict[] = ['pass', 'non-strict', 'unimplemented', 'fail'];

/** How many cases came to each verdict. */
export type Tally = Readonly<Record<Verdict, number>>;

/** Counts one subject's results for some cases. */
export function tallyOf(subject: SubjectResult, cases: readonly Case[]): Tally {
  const tally = { pass: 0, 'non-strict': 0, unimplemented: 0, fail: 0 };
  for (const { id } of cases) {
    const verdict = subject.results.get(id)?.verdict;
    if (verdict !== undefined) tally[verdict] += 1;
  }
  return tally;
}

/** How many cases were run. */
export function totalOf(tally: Tally): number {
  return verdicts.reduce((sum, verdict) => sum + tally[verdict], 0);
}

/** The name of a subject with its role. */
export function labelOf({ name, role }: SubjectResult): string {
  return `${name} ${role}`;
}

/** The families with those of their cases that anybody ran. */
export function familiesRun(
  families: readonly Family[],
  subjects: readonly SubjectResult[],
): readonly Family[] {
  return families
    .map((family) => ({
      ...family,
      cases: family.cases.filter(({ id }) => subjects.some(({ results }) => results.has(id))),
    }))
    .filter(({ cases }) => cases.length > 0);
}

/** What subjects did that is not a plain pass, for one case. */
export function differencesOf(
  each: Case,
  subjects: readonly SubjectResult[],
): readonly { readonly subject: SubjectResult; readonly result: CaseResult }[] {
  return subjects.flatMap((subject) => {
    const result = subject.results.get(each.id);
    return result === undefined || result.verdict === 'pass' ? [] : [{ subject, result }];
  });
}
