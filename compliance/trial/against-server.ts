/**
 * Carries out a case against a server: the compliance peer is the client. Before: `handshake.ts`, `exchange.ts`;
 * after: `runner.ts`.
 */

import { connect } from 'node:net';
import type { Exchange, OfferTrial, RequestTrial, Trial } from '../case.ts';
import { Channel } from '../wire/channel.ts';
import { type Agreement, Conversation } from '../wire/conversation.ts';
import {
  answerFault,
  type DeflateParameters,
  directionOf,
  type ExtensionElement,
  formatDeflate,
  PERMESSAGE_DEFLATE,
  parameterFault,
  parseExtensions,
  readDeflate,
} from '../wire/extension-list.ts';
import { acceptanceFaults, sendRequest, statusOf, type Target } from '../wire/handshake.ts';
import { type HeadEdit, headerValue, type ReceivedHead } from '../wire/http-head.ts';
import type { Deadline } from './deadline.ts';
import { runExchange } from './exchange.ts';
import type { Findings } from './findings.ts';
import { compressedEchoes, plainEcho } from './probe.ts';

/** One case's connection to a server. */
export interface ServerTrial {
  readonly target: Target;
  readonly deadline: Deadline;
  readonly findings: Findings;
}

/** How long TCP may take to end behind a refusal. */
const REFUSAL_END_MS = 2_000;

/** Runs one case; never rejects because of what the server does. */
export async function runAgainstServer(trial: Trial, context: ServerTrial): Promise<void> {
  const { host, port } = context.target;
  const channel = new Channel(connect({ host, port, allowHalfOpen: true }));
  try {
    await runTrial(channel, trial, context);
  } finally {
    channel.destroy();
  }
}

async function runTrial(channel: Channel, trial: Trial, context: ServerTrial): Promise<void> {
  switch (trial.type) {
    case 'exchange':
      return exchange(channel, trial, context);
    case 'request':
      return request(channel, trial, context);
    case 'offer':
      return offer(channel, trial, context);
    case 'response':
    case 'answer':
      throw new TypeError('Expected a case for servers, received one for clients');
  }
}

async function exchange(channel: Channel, trial: Exchange, context: ServerTrial): Promise<void> {
  const { compression } = trial;
  const edit: HeadEdit =
    compression === undefined ? {} : { headers: { 'Sec-WebSocket-Extensions': formatDeflate(compression) } };
  const response = await open(channel, edit, [], context);
  if (response === undefined) return;
  const offers = compression === undefined ? [] : [compression];
  const agreement = judgeExtensions(response, offers, context.findings);
  if (compression !== undefined && agreement === undefined) {
    return context.findings.unimplemented(`declined ${formatDeflate(compression)}`);
  }
  const conversation = new Conversation(channel, 'client', agreement);
  await runExchange(conversation, trial, context.deadline, context.findings);
}

async function request(channel: Channel, trial: RequestTrial, context: ServerTrial): Promise<void> {
  const { expected } = trial;
  if (expected.type === 'refuses') return expectRefusal(channel, trial, expected, context);
  const offered = trial.request.headers?.['Sec-WebSocket-Protocol'];
  const protocols = [offered ?? []].flat().flatMap((value) => value.split(',').map((each) => each.trim()));
  const response = await open(channel, trial.request, protocols, context, trial);
  if (response === undefined) return;
  judgeExtensions(response, [], context.findings);
  if (expected.check === 'no subprotocol' && headerValue(response, 'Sec-WebSocket-Protocol') !== undefined) {
    context.findings.fail('answered a subprotocol');
  }
  const conversation = new Conversation(channel, 'client', undefined);
  await runExchange(conversation, plainEcho, context.deadline, context.findings);
}

async function expectRefusal(
  channel: Channel,
  trial: RequestTrial,
  expected: Extract<RequestTrial['expected'], { readonly type: 'refuses' }>,
  { target, deadline, findings }: ServerTrial,
): Promise<void> {
  const { response } = await sendRequest(channel, target, trial.request, deadline.remainingMs, trial.cut);
  if (response === undefined) {
    if (channel.hasEnded) return findings.nonStrict('hung up without an HTTP response');
    return findings.fail('did not answer');
  }
  const status = statusOf(response);
  if (status === 101) {
    if (expected.mayAccept) return findings.nonStrict('accepted the request');
    return findings.fail('accepted the request');
  }
  if (!expected.statuses.includes(status)) {
    const note = `answered ${status || JSON.stringify(response.startLine)}, expected ${expected.statuses.join(' or ')}`;
    if (status >= 400) findings.nonStrict(note);
    else findings.fail(note);
  }
  if (expected.header !== undefined) {
    const [name, value] = expected.header;
    if (!value.test(headerValue(response, name) ?? '')) findings.fail(`refused without ${name}`);
  }
  await expectNothingBehind(channel, findings);
}

/** RFC 6455 §7.2.2: a server that has refused closes the connection. HTTP would let it go on. */
async function expectNothingBehind(channel: Channel, findings: Findings): Promise<void> {
  let behind = '';
  channel.listen((chunk) => {
    behind += chunk.toString('latin1');
  });
  const hasEnded = await channel.until(() => channel.hasEnded, REFUSAL_END_MS);
  if (behind.includes('HTTP/1.1 101 ')) findings.nonStrict('took the request behind the one that it refused');
  else if (!hasEnded) findings.nonStrict('left the TCP connection open behind its refusal');
}

async function offer(channel: Channel, trial: OfferTrial, context: ServerTrial): Promise<void> {
  const { target, deadline, findings } = context;
  const edit = { headers: { 'Sec-WebSocket-Extensions': trial.offer } };
  const { expected } = trial;
  if (expected.type === 'refuses') {
    const request = {
      type: 'request',
      request: edit,
      expected: { type: 'refuses', statuses: [400] },
    } as const;
    return expectRefusal(channel, request, request.expected, context);
  }
  const { key, response } = await sendRequest(channel, target, edit, deadline.remainingMs);
  const status = statusOf(response);
  if (response === undefined || status === 0) return findings.fail('did not answer');
  if (status >= 400 && (expected.type === 'declines' || expected.mayRefuse)) {
    return findings.nonStrict(
      `refused the handshake with ${status}, expected it to go on without the extension`,
    );
  }
  for (const fault of acceptanceFaults(response, key, [])) findings.fail(fault);
  if (status !== 101) return;
  const offers = expected.type === 'may accept' ? expected.offers : [];
  const agreement = judgeExtensions(response, offers, findings);
  if (offers.length > 0 && agreement === undefined) findings.unimplemented('declined the offer');
  const conversation = new Conversation(channel, 'client', agreement);
  const probe = agreement === undefined ? plainEcho : compressedEchoes;
  await runExchange(conversation, probe, deadline, findings);
}

/** Sends the request and expects a 101. */
async function open(
  channel: Channel,
  edit: HeadEdit,
  protocols: readonly string[],
  { target, deadline, findings }: ServerTrial,
  trial?: RequestTrial,
): Promise<ReceivedHead | undefined> {
  const { key, response } = await sendRequest(channel, target, edit, deadline.remainingMs, trial?.cut);
  if (response === undefined) {
    findings.fail(channel.hasEnded ? 'hung up without an HTTP response' : 'did not answer the handshake');
    return undefined;
  }
  for (const fault of acceptanceFaults(response, key, protocols)) findings.fail(fault);
  return statusOf(response) === 101 ? response : undefined;
}

/** RFC 6455 §9.1, RFC 7692 §7.1: only what was offered may be accepted, in a way that the offer allows. */
function judgeExtensions(
  response: ReceivedHead,
  offers: readonly DeflateParameters[],
  findings: Findings,
): Agreement | undefined {
  const accepted = parseExtensions(headerValue(response, 'Sec-WebSocket-Extensions'));
  const [element, ...more] = accepted;
  if (element === undefined) return undefined;
  const fault = more.length > 0 ? 'accepted more than one extension' : elementFault(element, offers);
  if (fault !== undefined) findings.fail(fault);
  if (element.name !== PERMESSAGE_DEFLATE) return undefined;
  const answer = readDeflate(element);
  return { ours: directionOf('client', answer), theirs: directionOf('server', answer) };
}

function elementFault(element: ExtensionElement, offers: readonly DeflateParameters[]): string | undefined {
  if (element.name !== PERMESSAGE_DEFLATE || offers.length === 0) {
    return `accepted ${element.name}, which had to be declined`;
  }
  const malformed = parameterFault(element, 'answer');
  if (malformed !== undefined) return `answered permessage-deflate with ${malformed}`;
  const faults = offers.map((each) => answerFault(each, readDeflate(element)));
  return faults.includes(undefined) ? undefined : faults[0];
}
