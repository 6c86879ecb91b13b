/**
 * Runs cases against a server, several at once, each with a trial and a deadline of its own. Before: `cases/`; after:
 * `report.ts`.
 */

import { randomUUID } from 'node:crypto';
import { WebSocketError } from '@hawser/websocket';
import type { Case, Trial, User } from './case.ts';
import { Finding } from './finding.ts';
import { Participant } from './participant.ts';

/** The server under test. */
export interface Subject {
  readonly url: string;
  readonly tokens: Readonly<Record<User, string>>;
}

/** What came of one case. */
export interface CaseResult {
  readonly case: Case;
  /** What the server did differently, in sentences; empty if the case has passed. */
  readonly findings: readonly string[];
}

/** How cases are run. */
export interface RunOptions {
  /** Hears of each result as it comes. */
  readonly onResult?: (result: CaseResult) => void;
  /** How long a case may take, in ms; slow ones get six times as long. Default 10,000. */
  readonly deadlineMs?: number;
  /** Cases under way at once. Default 8. */
  readonly concurrency?: number;
}

const DEADLINE_MS = 10_000;
const SLOW_FACTOR = 6;
const CONCURRENCY = 8;

/** Runs the cases, and resolves with their results in the order of the cases. */
export async function runCases(
  cases: readonly Case[],
  subject: Subject,
  { onResult, deadlineMs = DEADLINE_MS, concurrency = CONCURRENCY }: RunOptions = {},
): Promise<readonly CaseResult[]> {
  const results = new Map<Case, CaseResult>();
  const queue = cases.values();
  const work = async (): Promise<void> => {
    for (const each of queue) {
      const findings = await runCase(each, subject, each.isSlow ? SLOW_FACTOR * deadlineMs : deadlineMs);
      const result = { case: each, findings };
      results.set(each, result);
      onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return cases.flatMap((each) => results.get(each) ?? []);
}

async function runCase(each: Case, subject: Subject, deadlineMs: number): Promise<readonly string[]> {
  const participants: Participant[] = [];
  const deadline = new Deadline(deadlineMs);
  const findings: string[] = [];
  try {
    await Promise.race([each.run(trialFor(subject, participants)), deadline.passed]);
  } catch (error) {
    findings.push(findingIn(error));
  } finally {
    deadline.cancel();
  }
  findings.push(...participants.flatMap(({ violations }) => violations));
  await Promise.all(participants.map((participant) => participant.close()));
  return findings;
}

/** What a case has to work with; its participants are collected. */
function trialFor({ url, tokens }: Subject, participants: Participant[]): Trial {
  const open = async (): Promise<Participant> => {
    const participant = await Participant.open(url);
    participants.push(participant);
    return participant;
  };
  const connect = async (user: User = 'first', session?: string): Promise<Participant> => {
    const participant = await open();
    const more = session === undefined ? {} : { session };
    await participant.get('connected', { type: 'connect', token: tokens[user], ...more });
    return participant;
  };
  return {
    open,
    connect,
    channel: (namespace) => `${namespace}:${randomUUID()}`,
    token: (user) => tokens[user],
  };
}

/** What the server did; an error of a case's own is nothing that it did. */
function findingIn(error: unknown): string {
  if (error instanceof Finding) return error.message;
  if (error instanceof WebSocketError) return `Expected a connection, received ${error.message}`;
  throw error;
}

class Deadline {
  readonly passed: Promise<never>;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.passed = new Promise((_, reject) => {
      this.#timer = setTimeout(
        () => reject(new Finding(`Expected an answer within ${ms} ms, received none`)),
        ms,
      );
    });
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
