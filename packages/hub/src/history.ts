/** Pages of a channel's history, as the wire's `history` asks for them. Below: `broker.ts`; above: `connection.ts`, `hub.ts`. */

import type { HistoryMessage, Position } from '@hawser/wire';
import type { Broker, LogEntry, ReadLimits, ReadResult } from './broker.ts';

/** Which part of a history is asked for; both at once is wrong. */
export interface HistoryQuery {
  /** Messages with greater offsets, beginning with the oldest of them. */
  readonly after?: Position | undefined;
  /** The newest of the messages with smaller offsets. With neither: the newest of all. */
  readonly before?: Position | undefined;
  /** How many at most. */
  readonly limit: number;
}

/** A part of a history, oldest first. */
export interface HistoryPart {
  readonly epoch: string;
  readonly entries: readonly LogEntry[];
  /** Whether there are more in the direction that was asked for. */
  readonly hasMore: boolean;
}

/** A part of a history as the application reads it, oldest first. */
export interface HistoryPage {
  readonly epoch: string;
  readonly messages: readonly HistoryMessage[];
  /** Whether there are more in the direction that was asked for. */
  readonly hasMore: boolean;
}

/** Reads a part of a channel's history. Rejects with a BrokerError. */
export async function readHistory(
  broker: Broker,
  channel: string,
  { after, before, limit }: HistoryQuery,
  maxBytes: number,
): Promise<HistoryPart> {
  const limits = { messages: limit, bytes: maxBytes };
  if (after !== undefined) return readAfter(broker, channel, after, limits);
  const result = await broker.readBefore(channel, before?.offset ?? Infinity, limits);
  if (before === undefined || before.epoch === result.epoch) return olderPart(result);
  return olderPart(await broker.readBefore(channel, Infinity, limits));
}

/** Decodes a part. */
export function toHistoryPage({ entries, ...part }: HistoryPart): HistoryPage {
  return { ...part, messages: entries.map(messageOf) };
}

async function readAfter(
  broker: Broker,
  channel: string,
  after: Position,
  limits: ReadLimits,
): Promise<HistoryPart> {
  const result = await broker.read(channel, after.offset, limits);
  if (after.epoch === result.epoch) return newerPart(result);
  return newerPart(await broker.read(channel, 0, limits));
}

function newerPart({ epoch, entries, head }: ReadResult): HistoryPart {
  const newest = entries.at(-1);
  return { epoch, entries, hasMore: newest !== undefined && newest.offset < head };
}

function olderPart({ epoch, entries, oldest }: ReadResult): HistoryPart {
  const first = entries[0];
  return { epoch, entries, hasMore: first !== undefined && first.offset > oldest };
}

function messageOf({ content, offset, at, user, messageId, key }: LogEntry): HistoryMessage {
  return {
    offset,
    at,
    ...(user === undefined ? undefined : { user }),
    ...(messageId === undefined ? undefined : { messageId }),
    ...(key === undefined ? undefined : { key }),
    data: typeof content === 'string' ? JSON.parse(content) : content,
  };
}
