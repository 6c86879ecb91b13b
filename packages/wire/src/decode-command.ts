/**
 * The hub's half of decoding: frames from clients, who may send anything, to commands. Nothing of a frame is believed
 * before it was checked, and only the fields that the contract names are handed on; others are ignored, so that a newer
 * client can say more than an older hub understands.
 */

import { CommandFields, quote } from './command-fields.ts';
import { openFrame } from './frame.ts';
import type {
  CallCommand,
  Command,
  ConnectCommand,
  HistoryCommand,
  PublishCommand,
  SubscribeCommand,
} from './messages.ts';
import { describeValue } from './wire-error.ts';
import { wireLimits } from './wire-limits.ts';

type Reader = (fields: CommandFields) => Command;

/** A map, because the names come from a peer. */
const readers: ReadonlyMap<unknown, Reader> = new Map<Command['type'], Reader>([
  ['connect', readConnect],
  ['refresh', (fields) => ({ type: 'refresh', id: fields.id, token: readToken(fields) })],
  ['subscribe', readSubscribe],
  ['unsubscribe', (fields) => ({ type: 'unsubscribe', id: fields.id, channel: fields.channel })],
  ['publish', readPublish],
  ['history', readHistory],
  ['presence', (fields) => ({ type: 'presence', id: fields.id, channel: fields.channel })],
  ['call', readCall],
  ['ping', (fields) => ({ type: 'ping', id: fields.id })],
]);

/**
 * Decodes what a client sent.
 *
 * @param frame A string for a text frame, bytes for a binary frame. The `data` of a binary frame is a view of it.
 * @throws WireError It has the command's `id` if there is one to answer.
 */
export function decodeCommand(frame: string | Uint8Array): Command {
  const fields = new CommandFields(openFrame(frame));
  const { type } = fields;
  const read = readers.get(type);
  if (!read) {
    const received = typeof type === 'string' ? quote(type) : describeValue(type);
    throw fields.invalid('type', 'the name of a command', received, 'unknown-type');
  }
  if (fields.isBinary && read !== readPublish && read !== readCall) {
    throw fields.invalid('type', 'publish or call in a binary frame', String(type));
  }
  return read(fields);
}

function readConnect(fields: CommandFields): ConnectCommand {
  return {
    type: 'connect',
    id: fields.id,
    ...(fields.has('token') && { token: readToken(fields) }),
    ...(fields.has('session') && { session: fields.ascii('session', wireLimits.sessionLength) }),
  };
}

function readSubscribe(fields: CommandFields): SubscribeCommand {
  const { id, channel } = fields;
  if (!fields.has('since')) return { type: 'subscribe', id, channel };
  return { type: 'subscribe', id, channel, since: fields.position('since') };
}

function readPublish(fields: CommandFields): PublishCommand {
  return {
    type: 'publish',
    id: fields.id,
    channel: fields.channel,
    ...(fields.has('messageId') && { messageId: fields.ascii('messageId', wireLimits.messageIdLength) }),
    ...(fields.has('key') && { key: fields.text('key', wireLimits.keyBytes) }),
    data: fields.data,
  };
}

function readHistory(fields: CommandFields): HistoryCommand {
  const limit = fields.wholeNumber('limit', 1, wireLimits.historyMessages);
  const { id, channel } = fields;
  if (fields.has('after') && fields.has('before')) {
    throw fields.invalid('before', 'after or before', 'both');
  }
  return {
    type: 'history',
    id,
    channel,
    ...(fields.has('after') && { after: fields.position('after') }),
    ...(fields.has('before') && { before: fields.position('before') }),
    limit,
  };
}

function readCall(fields: CommandFields): CallCommand {
  return {
    type: 'call',
    id: fields.id,
    method: fields.ascii('method', wireLimits.methodLength),
    data: fields.data,
  };
}

function readToken(fields: CommandFields): string {
  return fields.ascii('token', wireLimits.tokenLength);
}
