/** The runner passes a server that is right, and catches one that is not, in a case that is about what it does wrong. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MessageEvent, ServerMessage } from '@hawser/wire';
import type { Case } from '../case.ts';
import { allCases } from '../cases/all-cases.ts';
import { formatReport } from '../report.ts';
import { type CaseResult, type RunOptions, runCases } from '../runner.ts';
import { type Flaw, SmallHub, smallHubTokens } from './small-hub.ts';

/** A flawed server may never answer; the runner then goes by this, for all cases of a section at once. */
const flawedOptions = { deadlineMs: 2_000, concurrency: 64 };
const quickCases = allCases.filter(({ isSlow }) => !isSlow);

const flaws: readonly {
  readonly name: string;
  /** Made for each server, because some of them remember something. */
  readonly flaw: () => Flaw;
  /** What has to find it, among others. */
  readonly section: string;
  readonly finding: RegExp;
}[] = [
  {
    name: 'swaps two messages',
    flaw: () => ({ send: swapper() }),
    section: '4',
    finding: /Expected a message with offset \d+, received one with \d+/,
  },
  {
    name: 'delivers a message twice',
    flaw: () => ({ send: (message) => (message.type === 'message' ? [message, message] : [message]) }),
    section: '5.2',
    finding: /Expected a message with offset 2, received one with 1/,
  },
  {
    name: 'loses a message now and then',
    flaw: () => ({ send: (message) => (isNth(message, 7) ? [] : [message]) }),
    section: '4',
    finding: /Expected a message with offset 7, received one with 8/,
  },
  {
    name: 'stores a publication again that is sent again',
    flaw: () => ({ forgetsIds: true }),
    section: '6.2',
    finding: /the position of the second attempt/,
  },
  {
    name: 'answers with another id',
    flaw: () => ({
      send: (message) => [message.type === 'pong' ? { ...message, id: message.id + 1 } : message],
    }),
    section: '3.4',
    finding: /one reply for each command/,
  },
  {
    name: 'answers twice',
    flaw: () => ({ send: (message) => (message.type === 'result' ? [message, message] : [message]) }),
    section: '4',
    finding: /one reply for each command/,
  },
  {
    name: 'says nothing of a gap',
    flaw: () => ({ hidesGaps: true }),
    section: '5.3',
    finding: /recovered/,
  },
  {
    name: 'leaves gap out',
    flaw: () => ({ send: (message) => (message.type === 'gap' ? [] : [message]) }),
    section: '5.3',
    finding: /gap first where recovered is false/,
  },
  {
    name: 'sends the gap behind what follows it',
    flaw: () => ({ send: gapDelayer() }),
    section: '5.3',
    finding: /gap first where recovered is false/,
  },
  {
    name: 'says caught-up too early',
    flaw: () => ({ send: earlyCaughtUp() }),
    section: '5.4',
    finding: /what comes before caught-up/,
  },
  {
    name: 'allows everything',
    flaw: () => ({ allowsAll: true }),
    section: '6',
    finding: /Expected an error with forbidden/,
  },
  {
    name: 'gives a session to another user',
    flaw: () => ({ sharesSessions: true }),
    section: '3.2',
    finding: /resumed of another user's session/,
  },
  {
    name: 'ignores frames that are wrong',
    flaw: () => ({ ignoresWrongFrames: true }),
    section: '1.3',
    finding: /within \d+ ms, received none/,
  },
  {
    name: 'delivers bytes as text',
    flaw: () => ({
      send: (message) => [
        message.type === 'result' && message.data instanceof Uint8Array
          ? { ...message, data: String(message.data) }
          : message,
      ],
    }),
    section: '1.2',
    finding: /the same \d+ bytes/,
  },
  {
    name: 'sends offsets that are none',
    flaw: () => ({ send: negativeOffsets }),
    section: '2.3',
    finding: /Expected a whole number as offset|as position/,
  },
  {
    name: 'gives too much history',
    flaw: () => ({
      receive: (command) => (command.type === 'history' ? { ...command, limit: command.limit + 1 } : command),
    }),
    section: '6.3',
    finding: /the history with/,
  },
  {
    name: 'begins at the head, whatever since says',
    flaw: () => ({
      receive: (command) =>
        command.type === 'subscribe'
          ? { type: 'subscribe', id: command.id, channel: command.channel }
          : command,
    }),
    section: '5.2',
    finding: /position and recovered/,
  },
];

describe('the conformance runner', () => {
  it('finds nothing in a server that is right', async () => {
    const results = await resultsFor(quickCases, {});
    assert.deepEqual(failuresOf(results), []);
    assert.match(formatReport(results), /(\d+) of \1 cases pass$/);
  });

  for (const { name, flaw, section, finding } of flaws) {
    it(`catches a server that ${name}`, async () => {
      const cases = quickCases.filter((each) => each.section === section);
      const results = await resultsFor(cases, flaw(), flawedOptions);
      const findings = results.flatMap((result) => result.findings);
      assert.ok(
        findings.some((found) => finding.test(found)),
        `Expected ${finding} in §${section}, received ${findings.join('\n')}`,
      );
      assert.match(formatReport(results), new RegExp(`^§${section} [a-z]`, 'm'));
    });
  }
});

async function resultsFor(
  cases: readonly Case[],
  flaw: Flaw,
  options?: RunOptions,
): Promise<readonly CaseResult[]> {
  const hub = new SmallHub(flaw);
  const url = await hub.listen();
  try {
    return await runCases(cases, { url, tokens: smallHubTokens }, options);
  } finally {
    await hub.close();
  }
}

function failuresOf(results: readonly CaseResult[]): readonly string[] {
  return results.flatMap((result) => result.findings.map((finding) => `${result.case.title}: ${finding}`));
}

function isNth(message: ServerMessage, nth: number): boolean {
  return message.type === 'message' && message.offset === nth;
}

/** Keeps a message back until the next of its channel has gone. */
function swapper(): (message: ServerMessage) => readonly ServerMessage[] {
  const kept = new Map<string, MessageEvent>();
  return (message) => {
    if (message.type !== 'message') return [message];
    const earlier = kept.get(message.channel);
    if (message.offset === 3) kept.set(message.channel, message);
    else kept.delete(message.channel);
    if (message.offset === 3) return [];
    return earlier ? [message, earlier] : [message];
  };
}

function gapDelayer(): (message: ServerMessage) => readonly ServerMessage[] {
  const kept = new Map<string, ServerMessage>();
  return (message) => {
    if (!('channel' in message)) return [message];
    if (message.type === 'gap') kept.set(message.channel, message);
    if (message.type === 'gap') return [];
    const gap = kept.get(message.channel);
    kept.delete(message.channel);
    return gap ? [message, gap] : [message];
  };
}

/** Says that a subscription is caught up as soon as it has begun. */
function earlyCaughtUp(): (message: ServerMessage) => readonly ServerMessage[] {
  return (message) => {
    if (message.type === 'caught-up') return [];
    if (message.type !== 'subscribed') return [message];
    return [message, { type: 'caught-up', channel: message.channel, offset: message.position.offset }];
  };
}

function negativeOffsets(message: ServerMessage): readonly ServerMessage[] {
  if (message.type !== 'published') return [message];
  return [{ ...message, position: { epoch: message.position.epoch, offset: -1 } }];
}
