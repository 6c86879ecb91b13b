/** Random commands, replies and events that are right, of every kind. */

import type {
  CallCommand,
  Command,
  Data,
  ErrorCode,
  Event,
  HistoryMessage,
  JsonValue,
  Member,
  MessageHead,
  Position,
  Reply,
  ServerMessage,
} from '@hawser/wire';
import fc from 'fast-check';

/** A value without undefined fields: an absent field is absent. */
type Arbitraries<T> = { [Type in keyof T]: fc.Arbitrary<T[Type]> };

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const ascii = (most: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: most });
const anyText = fc.string({ unit: 'binary' });

/** Names in several scripts; at most 60 characters of at most 4 bytes each. */
export const channelNames: fc.Arbitrary<string> = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 1, maxLength: 10 }),
    fc.string({
      unit: fc.constantFrom('a', 'Z', '7', ':', ' ', '/', '.', '"', '\\', 'é', '語', '🙂'),
      minLength: 1,
      maxLength: 60,
    }),
  )
  .map((parts) => parts.join(':'));

/** JSON loses the sign of a negative zero. */
const jsonValues: fc.Arbitrary<JsonValue> = fc
  .jsonValue({ maxDepth: 6 })
  .map((value): JsonValue => JSON.parse(JSON.stringify(value)));
const bytes = fc.uint8Array({ maxLength: 50 });
export const data: fc.Arbitrary<Data> = fc.oneof(jsonValues, bytes);

const position: fc.Arbitrary<Position> = fc.record({ epoch: ascii(64), offset: count });
const key = fc.string({ unit: fc.constantFrom('a', 'é', '語', ' '), minLength: 1, maxLength: 80 });

const callCommand: fc.Arbitrary<CallCommand> = fc.record({
  type: fc.constant('call'),
  id,
  method: ascii(128),
  data,
});

const commandsByType: { [Type in Command['type']]: fc.Arbitrary<Extract<Command, { type: Type }>> } = {
  connect: fc.record(
    { type: fc.constant('connect'), id, token: ascii(100), session: ascii(128) },
    { requiredKeys: ['type', 'id'] },
  ),
  refresh: fc.record({ type: fc.constant('refresh'), id, token: ascii(100) }),
  subscribe: fc.record(
    { type: fc.constant('subscribe'), id, channel: channelNames, since: position },
    { requiredKeys: ['type', 'id', 'channel'] },
  ),
  unsubscribe: fc.record({ type: fc.constant('unsubscribe'), id, channel: channelNames }),
  publish: fc.record(
    { type: fc.constant('publish'), id, channel: channelNames, messageId: ascii(64), key, data },
    { requiredKeys: ['type', 'id', 'channel', 'data'] },
  ),
  history: fc.oneof(
    fc.record(
      {
        type: fc.constant('history'),
        id,
        channel: channelNames,
        after: position,
        limit: fc.integer({ min: 1, max: 1000 }),
      },
      { requiredKeys: ['type', 'id', 'channel', 'limit'] },
    ),
    fc.record({
      type: fc.constant('history'),
      id,
      channel: channelNames,
      before: position,
      limit: fc.integer({ min: 1, max: 1000 }),
    }),
  ),
  presence: fc.record({ type: fc.constant('presence'), id, channel: channelNames }),
  call: callCommand,
  ping: fc.record({ type: fc.constant('ping'), id }),
};

/** Every command, every one as often; objects like those of JSON, not without a prototype. */
export const commands: fc.Arbitrary<Command> = fc
  .oneof(...Object.values<fc.Arbitrary<Command>>(commandsByType))
  .map((command) => structuredClone(command));

const errorCode = fc.constantFrom<ErrorCode>('invalid-command', 'forbidden', 'rate-limited', 'internal');
const member: fc.Arbitrary<Member> = fc.record(
  { user: anyText, info: jsonValues },
  { requiredKeys: ['user'] },
);
const headFields: Arbitraries<Required<MessageHead>> = {
  offset: count,
  at: count,
  user: anyText,
  messageId: anyText,
  key: anyText,
};
const historyMessage: fc.Arbitrary<HistoryMessage> = fc.record(
  { ...headFields, data },
  { requiredKeys: ['offset', 'at', 'data'] },
);

const repliesByType: { [Type in Reply['type']]: fc.Arbitrary<Extract<Reply, { type: Type }>> } = {
  connected: fc.record(
    {
      type: fc.constant('connected'),
      id,
      user: anyText,
      session: anyText,
      resumed: fc.boolean(),
      expiresInMs: count,
      pingIntervalMs: count,
    },
    { requiredKeys: ['type', 'id', 'user', 'session', 'resumed', 'pingIntervalMs'] },
  ),
  refreshed: fc.record(
    { type: fc.constant('refreshed'), id, expiresInMs: count },
    { requiredKeys: ['type', 'id'] },
  ),
  subscribed: fc.record({
    type: fc.constant('subscribed'),
    id,
    channel: channelNames,
    policy: fc.constantFrom('every', 'latest', 'volatile'),
    position,
    recovered: fc.boolean(),
  }),
  unsubscribed: fc.record({ type: fc.constant('unsubscribed'), id, channel: channelNames }),
  published: fc.record({ type: fc.constant('published'), id, channel: channelNames, position }),
  history: fc.record({
    type: fc.constant('history'),
    id,
    channel: channelNames,
    epoch: anyText,
    messages: fc.array(historyMessage, { maxLength: 6 }),
    hasMore: fc.boolean(),
  }),
  presence: fc.record({
    type: fc.constant('presence'),
    id,
    channel: channelNames,
    members: fc.array(member),
  }),
  result: fc.record({ type: fc.constant('result'), id, data }),
  pong: fc.record({ type: fc.constant('pong'), id }),
  error: fc.record(
    { type: fc.constant('error'), id, code: errorCode, message: anyText, retryInMs: count, reason: anyText },
    { requiredKeys: ['type', 'id', 'code', 'message'] },
  ),
};

const eventsByType: { [Type in Event['type']]: fc.Arbitrary<Extract<Event, { type: Type }>> } = {
  message: fc.record(
    { type: fc.constant('message'), channel: channelNames, ...headFields, data },
    { requiredKeys: ['type', 'channel', 'offset', 'at', 'data'] },
  ),
  join: fc.record({ type: fc.constant('join'), channel: channelNames, member }),
  leave: fc.record({ type: fc.constant('leave'), channel: channelNames, member }),
  'caught-up': fc.record({ type: fc.constant('caught-up'), channel: channelNames, offset: count }),
  gap: fc.record({
    type: fc.constant('gap'),
    channel: channelNames,
    from: position,
    to: position,
    reason: fc.constantFrom('trimmed', 'epoch'),
  }),
  dropped: fc.record({ type: fc.constant('dropped'), channel: channelNames, count }),
  ended: fc.record({ type: fc.constant('ended'), channel: channelNames, code: errorCode, message: anyText }),
  drain: fc.record({ type: fc.constant('drain'), reconnectInMs: count }),
};

/** Every reply and event, every one as often. */
export const serverMessages: fc.Arbitrary<ServerMessage> = fc
  .oneof(...Object.values<fc.Arbitrary<ServerMessage>>({ ...repliesByType, ...eventsByType }))
  .map((message) => structuredClone(message));
