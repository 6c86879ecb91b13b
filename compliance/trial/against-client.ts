/**
 * Carries out a case against a client: the compliance peer is the server, on a connection that the client has opened.
 * Before: `handshake.ts`, `exchange.ts`; after: `runner.ts`.
 */

import type { AnswerTrial, Exchange, ReceivedRequest, ResponseTrial, Trial } from '../case.ts';
import type { Channel } from '../wire/channel.ts';
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
import { encodeFrame, type Frame, Opcode, toBuffer } from '../wire/frame.ts';
import { sendAcceptance } from '../wire/handshake.ts';
import { headerValue, headerValues, type ReceivedHead, readHead } from '../wire/http-head.ts';
import type { Deadline } from './deadline.ts';
import { runExchange } from './exchange.ts';
import type { Findings } from './findings.ts';
import { compressedEchoes, plainEcho } from './probe.ts';

/** One case's connection from a client. */
export interface ClientTrial {
  readonly deadline: Deadline;
  readonly findings: Findings;
}

/** Runs one case; never rejects because of what the client does. */
export async function runAgainstClient(channel: Channel, trial: Trial, context: ClientTrial): Promise<void> {
  try {
    const request = await readHead(channel, context.deadline.remainingMs);
    if (request === undefined) return context.findings.fail('did not send a handshake');
    await runTrial(channel, request, trial, context);
  } finally {
    channel.destroy();
  }
}

async function runTrial(
  channel: Channel,
  request: ReceivedHead,
  trial: Trial,
  context: ClientTrial,
): Promise<void> {
  switch (trial.type) {
    case 'exchange':
      return exchange(channel, request, trial, context);
    case 'response':
      return response(channel, request, trial, context);
    case 'answer':
      return answer(channel, request, trial, context);
    case 'request':
    case 'offer':
      throw new TypeError('Expected a case for clients, received one for servers');
  }
}

async function exchange(
  channel: Channel,
  request: ReceivedHead,
  trial: Exchange,
  context: ClientTrial,
): Promise<void> {
  const { compression } = trial;
  if (compression === undefined) {
    await sendAcceptance(channel, request, {});
    return runExchange(
      new Conversation(channel, 'server', undefined),
      trial,
      context.deadline,
      context.findings,
    );
  }
  const wanted = wantedAnswer(compression);
  const fitting = deflateOffers(request).find((offer) => answerFault(offer, wanted) === undefined);
  if (fitting === undefined) {
    await sendAcceptance(channel, request, {});
    await runExchange(
      new Conversation(channel, 'server', undefined),
      plainEcho,
      context.deadline,
      context.findings,
    );
    return context.findings.unimplemented(`did not offer what ${formatDeflate(wanted)} needs`);
  }
  const agreement = await accept(channel, request, formatDeflate(wanted), wanted);
  const conversation = new Conversation(channel, 'server', agreement);
  await runExchange(conversation, trial, context.deadline, context.findings);
}

/** A server that wants to limit the client's window has to say to how much. */
function wantedAnswer(compression: DeflateParameters): DeflateParameters {
  if (compression.client_max_window_bits !== true) return compression;
  return { ...compression, client_max_window_bits: 15 };
}

async function response(
  channel: Channel,
  request: ReceivedHead,
  trial: ResponseTrial,
  context: ClientTrial,
): Promise<void> {
  const fault = trial.check?.fault(readRequest(request, channel.hasUnread));
  if (fault !== undefined) context.findings.fail(fault);
  const { behind = [] } = trial;
  const frames = Buffer.concat(behind.map((each) => encodeFrame(each, 'server')));
  await sendAcceptance(channel, request, trial.response, trial.cut, frames);
  const conversation = new Conversation(channel, 'server', undefined);
  if (trial.expected === 'hangs up') return expectHangUp(conversation, context);
  const exchange = behind.length > 0 ? alreadySent(behind) : plainEcho;
  await runExchange(conversation, exchange, context.deadline, context.findings);
}

async function answer(
  channel: Channel,
  request: ReceivedHead,
  trial: AnswerTrial,
  context: ClientTrial,
): Promise<void> {
  const elements = parseExtensions(headerValue(request, 'Sec-WebSocket-Extensions'));
  const header = deflateOffers(request)
    .map((offer) => trial.answer(offer, elements))
    .find((each) => each !== undefined);
  if (header === undefined) {
    await sendAcceptance(channel, request, {});
    await runExchange(
      new Conversation(channel, 'server', undefined),
      plainEcho,
      context.deadline,
      context.findings,
    );
    return context.findings.unimplemented('offered nothing that this answers');
  }
  const [element] = parseExtensions(header);
  const agreement = await accept(channel, request, header, element ? readDeflate(element) : {});
  const conversation = new Conversation(channel, 'server', agreement);
  if (trial.expected === 'hangs up') return expectHangUp(conversation, context);
  await runExchange(conversation, compressedEchoes, context.deadline, context.findings);
}

async function accept(
  channel: Channel,
  request: ReceivedHead,
  header: string,
  parameters: DeflateParameters,
): Promise<Agreement> {
  await sendAcceptance(channel, request, { headers: { 'Sec-WebSocket-Extensions': header } });
  return { ours: directionOf('server', parameters), theirs: directionOf('client', parameters) };
}

/** The valid offers of permessage-deflate in a request. */
function deflateOffers(request: ReceivedHead): readonly DeflateParameters[] {
  const isValid = (element: ExtensionElement): boolean =>
    element.name === PERMESSAGE_DEFLATE && parameterFault(element, 'offer') === undefined;
  return parseExtensions(headerValue(request, 'Sec-WebSocket-Extensions')).filter(isValid).map(readDeflate);
}

const areYouThere = 'are you there?';
/** How long a client may take to hang up before it is asked whether it has taken the response. */
const HANG_UP_MS = 400;

/** A client that does not take the response ends TCP; one that answers a Ping has taken it. */
async function expectHangUp(conversation: Conversation, { deadline, findings }: ClientTrial): Promise<void> {
  const { channel, transcript } = conversation;
  if (!(await channel.until(() => channel.hasEnded, HANG_UP_MS))) {
    await conversation.send([{ opcode: Opcode.Ping, payload: areYouThere }]);
    await channel.until(() => transcript.pongs.length > 0, deadline.remainingMs);
  }
  if (transcript.pongs.length > 0) {
    findings.fail('took the response for a valid one');
  } else if (!channel.hasEnded) findings.fail('neither took the response nor hung up');
  else if (transcript.close !== undefined)
    findings.nonStrict('sent a Close frame before the connection was open');
}

/** The messages that went with the response are echoed. */
function alreadySent(frames: readonly Frame[]): Exchange {
  const messages = frames.map(({ opcode, payload = '' }) =>
    opcode === Opcode.Text ? payload : toBuffer(payload),
  );
  return { type: 'exchange', steps: () => [], outcome: { type: 'echoes', messages } };
}

function readRequest(request: ReceivedHead, hasMore: boolean): ReceivedRequest {
  const [method = '', target = '', version = ''] = request.startLine.split(' ');
  return { method, target, version, hasMore, values: (name) => headerValues(request, name) };
}
