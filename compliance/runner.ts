/**
 * Runs cases against a subject, several at once, each with a deadline. Before: `subject.ts`; after: the reports.
 */

import type { Case, Verdict } from './case.ts';
import type { Subject } from './subject.ts';
import { Deadline } from './trial/deadline.ts';
import { Findings } from './trial/findings.ts';

/** What came of one case. */
export interface CaseResult {
  readonly case: Case;
  readonly verdict: Verdict;
  /** What was found, in sentences without their subject. */
  readonly notes: readonly string[];
  readonly durationMs: number;
}

/** What came of all cases that test the subject's role. */
export interface SubjectResult {
  readonly name: string;
  readonly role: Subject['role'];
  readonly results: ReadonlyMap<string, CaseResult>;
}

const DEADLINE_MS = 10_000;
const SLOW_FACTOR = 6;

/** How cases are run. */
export interface RunOptions {
  /** Hears of each result as it comes. */
  readonly onResult?: (result: CaseResult) => void;
  /** How long a case may take, in ms; slow ones get six times as long. Default 10,000. */
  readonly deadlineMs?: number;
}

/** Runs the cases that test the subject's role. */
export async function runCases(
  cases: readonly Case[],
  subject: Subject,
  { onResult, deadlineMs = DEADLINE_MS }: RunOptions = {},
): Promise<SubjectResult> {
  const fitting = cases.filter(({ role }) => role === 'both' || role === subject.role);
  const results = new Map<string, CaseResult>();
  const queue = fitting.values();
  const work = async (): Promise<void> => {
    for (const each of queue) {
      const result = await runCase(each, subject, each.isSlow ? SLOW_FACTOR * deadlineMs : deadlineMs);
      results.set(each.id, result);
      onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: subject.concurrency }, work));
  return { name: subject.name, role: subject.role, results };
}

async function runCase(each: Case, subject: Subject, deadlineMs: number): Promise<CaseResult> {
  const findings = new Findings();
  const startedAt = performance.now();
  const deadline = new Deadline(deadlineMs);
  await subject.run(each.trial, deadline, findings);
  const durationMs = performance.now() - startedAt;
  return { case: each, verdict: findings.verdict, notes: findings.notes, durationMs };
}
