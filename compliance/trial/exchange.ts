/**
 * Carries out an exchange on an open connection and compares what came of it with what is expected. Failing a
 * connection without a Close frame, or with another code, is allowed by RFC 6455 §7.1.7 (SHOULD), so it is non-strict.
 * Before: `conversation.ts`; after: `runner.ts`.
 */

import type { Exchange, Message, Outcome, Step } from '../case.ts';
import type { Conversation } from '../wire/conversation.ts';
import { Opcode, toBuffer } from '../wire/frame.ts';
import { maskingKeysFault } from '../wire/masking-keys.ts';
import type { Deadline } from './deadline.ts';
import type { Findings } from './findings.ts';

/** How long an endpoint may take to fail a connection before it is asked whether it still listens. */
const FAILURE_MS = 400;
/** How long it may then take to answer. On a busy machine a right endpoint is slow, and must not be called a wrong one. */
const ANSWER_MS = 4_000;
/** How long an endpoint may take to fail a connection early, when nothing more is sent to it. */
const EARLY_FAILURE_MS = 2_000;
/** How long TCP may take to end once both Close frames have been sent. */
const CLOSING_MS = 4_000;
const NORMAL_CLOSURE = 1000;
const normalClose = { opcode: Opcode.Close, payload: Buffer.of(NORMAL_CLOSURE >> 8, NORMAL_CLOSURE & 0xff) };
const areYouThere = 'are you there?';

/** Runs the steps, waits for the outcome and ends the connection. */
export async function runExchange(
  conversation: Conversation,
  exchange: Exchange,
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  for (const step of exchange.steps()) await runStep(conversation, step, deadline, findings);
  await settle(conversation, exchange.outcome, deadline, findings);
  const { faults, keys } = conversation.transcript;
  for (const fault of faults) findings.fail(fault);
  const keysFault = exchange.judgeKeys && maskingKeysFault(keys);
  if (keysFault) findings.fail(keysFault);
}

/** Ends a connection by the closing handshake. */
async function closeNormally(
  conversation: Conversation,
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  await conversation.send([normalClose]);
  await expectClose(conversation, [NORMAL_CLOSURE], deadline, findings);
}

async function runStep(
  conversation: Conversation,
  step: Step,
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  const { transcript, channel } = conversation;
  if (conversation.channel.hasEnded) return;
  switch (step.type) {
    case 'send':
      return conversation.send(step.items, step.cut);
    case 'end':
      return conversation.end(step.items);
    case 'await': {
      const { messages = 0, pongs = 0 } = step;
      const haveCome = (): boolean =>
        transcript.messages.length >= messages && transcript.pongs.length >= pongs;
      await channel.until(() => haveCome() || conversation.isOver, deadline.remainingMs);
      return;
    }
    case 'expect failure': {
      const hasFailed = await channel.until(() => conversation.isOver, EARLY_FAILURE_MS);
      if (!hasFailed) findings.nonStrict('waited for more before it failed the connection');
    }
  }
}

async function settle(
  conversation: Conversation,
  outcome: Outcome,
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  switch (outcome.type) {
    case 'echoes':
      return settleEchoes(conversation, outcome, deadline, findings);
    case 'fails':
      return settleFails(conversation, outcome, deadline, findings);
    case 'closes':
      await expectClose(conversation, outcome.codes, deadline, findings);
      compareMessages(conversation, outcome.messages ?? [], findings);
      return comparePongs(conversation, outcome.pongs ?? [], findings);
    case 'ends': {
      const hasEnded = await conversation.channel.until(
        () => conversation.channel.hasEnded,
        deadline.remainingMs,
      );
      if (!hasEnded) findings.fail('left the TCP connection open');
      compareMessages(conversation, outcome.messages ?? [], findings);
    }
  }
}

async function settleEchoes(
  conversation: Conversation,
  outcome: Extract<Outcome, { readonly type: 'echoes' }>,
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  const { transcript, channel } = conversation;
  const messages = typeof outcome.messages === 'function' ? outcome.messages() : (outcome.messages ?? []);
  const pongs = outcome.pongs ?? [];
  const hasAll = (): boolean =>
    transcript.messages.length >= messages.length && hasPong(conversation, pongs.at(-1));
  await channel.until(() => hasAll() || conversation.isOver, deadline.remainingMs);
  if (conversation.isOver && outcome.orFails !== undefined) {
    findings.nonStrict(`refused it (${describeEnd(conversation)})`);
    return judgeFailure(conversation, outcome.orFails, deadline, findings);
  }
  if (conversation.isOver) findings.fail(`ended the connection (${describeEnd(conversation)})`);
  else if (hasAll()) await closeNormally(conversation, deadline, findings);
  compareMessages(conversation, messages, findings);
  comparePongs(conversation, pongs, findings);
}

async function settleFails(
  conversation: Conversation,
  outcome: Extract<Outcome, { readonly type: 'fails' }>,
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  const hasFailed = await waitForFailure(conversation, deadline);
  if (!hasFailed) {
    if (outcome.mayTakeIt) findings.nonStrict('took it');
    else findings.fail('did not fail the connection');
    return;
  }
  await judgeFailure(conversation, outcome.codes, deadline, findings);
  const expected = outcome.messages ?? [];
  if (conversation.transcript.messages.length < expected.length) {
    findings.nonStrict('did not echo what went before the violation');
  } else {
    compareMessages(conversation, expected, findings);
  }
  comparePongs(conversation, outcome.pongs ?? [], findings);
}

/** An endpoint that has not failed the connection after a while is asked: if it answers, it never will. */
async function waitForFailure(conversation: Conversation, deadline: Deadline): Promise<boolean> {
  const { channel } = conversation;
  if (await channel.until(() => conversation.isOver, FAILURE_MS)) return true;
  await conversation.send([{ opcode: Opcode.Ping, payload: areYouThere }]);
  const isDecided = (): boolean => conversation.isOver || hasPong(conversation, areYouThere);
  await channel.until(isDecided, Math.min(ANSWER_MS, deadline.remainingMs));
  return conversation.isOver;
}

async function judgeFailure(
  conversation: Conversation,
  codes: readonly number[],
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  const { transcript, channel } = conversation;
  const { close } = transcript;
  if (close === undefined) findings.nonStrict('ended TCP without a Close frame');
  else if (close.code === undefined || !codes.includes(close.code)) {
    findings.nonStrict(`closed with ${close.code ?? 'no code'}, expected ${codes.join(' or ')}`);
  }
  // The closing handshake is completed, so that one who waits for our Close frame is not kept waiting.
  if (!channel.hasEnded) await conversation.send([normalClose]);
  await expectEnd(conversation, deadline, findings);
}

async function expectClose(
  conversation: Conversation,
  codes: readonly (number | undefined)[],
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  const { channel, transcript } = conversation;
  await channel.until(() => conversation.isOver, deadline.remainingMs);
  const { close } = transcript;
  if (close === undefined) findings.fail('did not answer the Close frame');
  else if (!codes.includes(close.code)) {
    findings.nonStrict(
      `answered the Close frame with ${close.code ?? 'no code'}, expected ${codes.join(' or ')}`,
    );
  }
  await expectEnd(conversation, deadline, findings);
}

/** RFC 6455 §5.5.1, §7.1.1: the server ends TCP first, at once; a client waits for it. */
async function expectEnd(
  { channel, role }: Conversation,
  deadline: Deadline,
  findings: Findings,
): Promise<void> {
  if (role === 'server') channel.end();
  const hasEnded = await channel.until(() => channel.hasEnded, Math.min(CLOSING_MS, deadline.remainingMs));
  if (!hasEnded) findings.fail('left the TCP connection open behind the closing handshake');
}

function compareMessages(
  { transcript }: Conversation,
  expected: readonly Message[],
  findings: Findings,
): void {
  const { messages } = transcript;
  if (messages.length !== expected.length) {
    findings.fail(`sent ${messages.length} messages, expected ${expected.length}`);
    return;
  }
  expected.forEach((each, index) => {
    const message = messages[index];
    const isText = typeof each === 'string';
    if (message?.isText !== isText)
      findings.fail(`echoed message ${index + 1} as ${isText ? 'binary' : 'text'}`);
    if (!message?.payload.equals(toBuffer(each)))
      findings.fail(`echoed message ${index + 1} with other bytes`);
  });
}

/** RFC 6455 §5.5.3: of Pings that have not been answered, only the latest must be. */
function comparePongs({ transcript }: Conversation, expected: readonly Message[], findings: Findings): void {
  const pongs = transcript.pongs.filter((pong) => pong.toString() !== areYouThere);
  let position = 0;
  for (const pong of pongs) {
    const found = expected.findIndex((each, index) => index >= position && toBuffer(each).equals(pong));
    if (found === -1) return findings.fail('sent a Pong that answers no Ping');
    position = found + 1;
  }
  if (position < expected.length) findings.fail('did not answer the latest Ping');
  else if (pongs.length < expected.length) findings.nonStrict('answered only the latest of several Pings');
}

function hasPong({ transcript }: Conversation, payload: Message | undefined): boolean {
  if (payload === undefined) return true;
  const expected = toBuffer(payload);
  return transcript.pongs.some((pong) => pong.equals(expected));
}

function describeEnd({ transcript, channel }: Conversation): string {
  const { close } = transcript;
  if (close !== undefined) return `Close ${close.code ?? 'without a code'} ${JSON.stringify(close.reason)}`;
  return channel.isReset ? 'TCP reset' : 'TCP ended';
}
