/**
 * What hubs on one broker tell each other of their members, as the text of `Broker.signal`. Signals of other kinds travel there
 * as well, and are none of these.
 */

import type { JsonValue, Member } from '@hawser/wire';
import type { ChannelMember } from './presence-members.ts';

/** One signal. `count` is how many joins and leaves the hub has told of, this one included, so that a gap is noticed. */
export type PresenceSignal = { readonly hub: string } & (
  | { readonly type: 'join'; readonly count: number; readonly channel: string; readonly member: Member }
  | { readonly type: 'leave'; readonly count: number; readonly channel: string; readonly user: string }
  /** The hub is alive. */
  | { readonly type: 'beat'; readonly count: number }
  /** Wants to be told all members of a hub, or of every hub. */
  | { readonly type: 'ask'; readonly of: string | null }
  /** A part of all members of the hub. */
  | {
      readonly type: 'state';
      readonly count: number;
      readonly members: readonly ChannelMember[];
      readonly isFirst: boolean;
      readonly isLast: boolean;
    }
  /** The hub ends. */
  | { readonly type: 'bye' }
);

const TOPIC = 'presence';

/** Writes a signal. */
export function encodePresenceSignal(signal: PresenceSignal): string {
  return JSON.stringify({ topic: TOPIC, ...signal });
}

/** Reads a signal; undefined if it is of another kind, or of another version. */
export function decodePresenceSignal(text: string): PresenceSignal | undefined {
  const value = parseRecord(text);
  if (value?.topic !== TOPIC || typeof value.hub !== 'string') return undefined;
  const { hub, type, count, of } = value;
  if (type === 'bye') return { hub, type };
  if (type === 'ask') return typeof of === 'string' || of === null ? { hub, type, of } : undefined;
  return typeof count === 'number' ? readCounted(hub, count, value) : undefined;
}

function readCounted(hub: string, count: number, value: JsonRecord): PresenceSignal | undefined {
  const { type, channel, user } = value;
  if (type === 'beat') return { hub, type, count };
  if (type === 'state') return readState(hub, count, value);
  if (typeof channel !== 'string') return undefined;
  if (type === 'leave') return typeof user === 'string' ? { hub, type, count, channel, user } : undefined;
  const member = readMember(value.member);
  return type === 'join' && member !== undefined ? { hub, type, count, channel, member } : undefined;
}

type JsonRecord = Readonly<Record<string, JsonValue>>;

function parseRecord(text: string): JsonRecord | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return asRecord(value);
  } catch {
    return undefined;
  }
}

function asRecord(value: JsonValue | undefined): JsonRecord | undefined {
  return isRecord(value) ? value : undefined;
}

function isRecord(value: JsonValue | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMember(value: JsonValue | undefined): Member | undefined {
  const record = asRecord(value);
  if (typeof record?.user !== 'string') return undefined;
  return record.info === undefined ? { user: record.user } : { user: record.user, info: record.info };
}

function readState(hub: string, count: number, value: JsonRecord): PresenceSignal | undefined {
  if (!Array.isArray(value.members)) return undefined;
  const members = value.members.flatMap((item: JsonValue) => {
    const record = asRecord(item);
    const member = readMember(record?.member);
    return typeof record?.channel === 'string' && member !== undefined
      ? [{ channel: record.channel, member }]
      : [];
  });
  return {
    hub,
    type: 'state',
    count,
    members,
    isFirst: value.isFirst === true,
    isLast: value.isLast === true,
  };
}
