/**
 * The client's half of decoding: frames from a hub to replies and events. It is part of what a page downloads, so it is a
 * table of small checks: enough that no code behind it meets a value of another type than it was promised. What a newer
 * hub says besides is ignored.
 */

import { isErrorCode } from './error-codes.ts';
import { isJsonObject, type JsonObject, openFrame, ownValue } from './frame.ts';
import type { HistoryMessage, Member, Position, ServerMessage } from './messages.ts';
import { WireError } from './wire-error.ts';

/** Throws if the value is not what it has to be. */
type Check = (value: unknown, path: string) => void;

/** A check for every field of T. */
type Shape<T> = Readonly<Record<Exclude<keyof T, 'type'>, Check>>;

type Shapes = { readonly [Type in ServerMessage['type']]: Shape<Extract<ServerMessage, { type: Type }>> };

const text: Check = (value, path) => expect(typeof value === 'string', path, 'a text', value);
const flag: Check = (value, path) => expect(typeof value === 'boolean', path, 'true or false', value);
const json: Check = (value, path) => expect(value !== undefined, path, 'a value', value);
const count: Check = (value, path) =>
  expect(Number.isSafeInteger(value) && Number(value) >= 0, path, 'a whole number', value);
const position: Check = object<Position>({ epoch: text, offset: count });
const member: Check = object<Member>({ user: text, info: optional(json) });

const head = {
  offset: count,
  at: count,
  user: optional(text),
  messageId: optional(text),
  key: optional(text),
  data: json,
} satisfies Shape<HistoryMessage>;

const failure = { code: text, message: text };
const shapes: Shapes = {
  connected: {
    id: count,
    user: text,
    session: text,
    resumed: flag,
    expiresInMs: optional(count),
    pingIntervalMs: count,
  },
  refreshed: { id: count, expiresInMs: optional(count) },
  subscribed: {
    id: count,
    channel: text,
    policy: oneOf('every', 'latest', 'volatile'),
    position,
    recovered: flag,
  },
  unsubscribed: { id: count, channel: text },
  published: { id: count, channel: text, position },
  history: { id: count, channel: text, epoch: text, messages: list(object(head)), hasMore: flag },
  presence: { id: count, channel: text, members: list(member) },
  result: { id: count, data: json },
  pong: { id: count },
  error: { id: count, ...failure, retryInMs: optional(count), reason: optional(text) },
  message: { channel: text, ...head },
  join: { channel: text, member },
  leave: { channel: text, member },
  'caught-up': { channel: text, offset: count },
  gap: { channel: text, from: position, to: position, reason: oneOf('trimmed', 'epoch') },
  dropped: { channel: text, count },
  ended: { channel: text, ...failure },
  drain: { reconnectInMs: count },
};

/** A map, because the names come from a peer. */
const shapesByType: ReadonlyMap<unknown, Readonly<Record<string, Check>>> = new Map(Object.entries(shapes));

/**
 * Decodes what a hub sent.
 *
 * @param frame A string for a text frame, bytes for a binary frame. The `data` of a binary frame is a view of it.
 * @returns Undefined for a type that this version does not know: there is nothing to do. An error code that it does not
 *   know becomes `internal`.
 * @throws WireError
 */
export function decodeServerMessage(frame: string | Uint8Array): ServerMessage | undefined {
  const { head, bytes } = openFrame(frame);
  const type = ownValue(head, 'type');
  text(type, 'type');
  const shape = shapesByType.get(type);
  if (!shape) return undefined;
  const message = withKnownCode(bytes ? withBytes(head, bytes) : head);
  checkMessage(message, shape);
  return message;
}

function checkMessage(
  message: JsonObject,
  shape: Readonly<Record<string, Check>>,
): asserts message is JsonObject & ServerMessage {
  checkFields(message, shape, '');
}

function checkFields(value: JsonObject, shape: Readonly<Record<string, Check>>, path: string): void {
  for (const name in shape) shape[name]?.(ownValue(value, name), path + name);
}

function withKnownCode(message: JsonObject): JsonObject {
  const code = ownValue(message, 'code');
  return typeof code !== 'string' || isErrorCode(code) ? message : { ...message, code: 'internal' };
}

/** Puts the bytes of a binary frame where they belong. */
function withBytes(head: JsonObject, bytes: Uint8Array): JsonObject {
  const { type, messages } = head;
  if (type === 'message' || type === 'result') return { ...head, data: bytes };
  expect(type === 'history' && Array.isArray(messages), 'type', 'a message with bytes', type);
  let offset = 0;
  const cut = (message: unknown, index: number): unknown => {
    if (!isJsonObject(message) || !Object.hasOwn(message, 'byteLength')) return message;
    const { byteLength, ...fields } = message;
    count(byteLength, `messages[${index}].byteLength`);
    const start = offset;
    offset += Number(byteLength);
    return { ...fields, data: bytes.subarray(start, offset) };
  };
  const cutMessages = messages.map(cut);
  expect(offset === bytes.length, 'messages', `${offset} bytes`, bytes.length);
  return { ...head, messages: cutMessages };
}

function object<T>(shape: Shape<T>): Check {
  return (value, path) => {
    expect(isJsonObject(value), path, 'an object', value);
    checkFields(value, shape, `${path}.`);
  };
}

function list(check: Check): Check {
  return (value, path) => {
    expect(Array.isArray(value), path, 'an array', value);
    value.forEach((item, index) => {
      check(item, `${path}[${index}]`);
    });
  };
}

function optional(check: Check): Check {
  return (value, path) => {
    if (value !== undefined) check(value, path);
  };
}

function oneOf(...values: readonly string[]): Check {
  return (value, path) =>
    expect(
      values.some((one) => one === value),
      path,
      values.join(' or '),
      value,
    );
}

function expect(condition: boolean, path: string, expected: string, value: unknown): asserts condition {
  if (condition) return;
  throw new WireError({
    code: 'invalid-field',
    path,
    expected,
    received: value === null ? 'null' : typeof value,
  });
}
