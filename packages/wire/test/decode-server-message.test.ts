/** What a client does with frames that are wrong, and with those of a newer hub: docs/wire.md, "Versions". */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeServerMessage, encodeServerMessage, type ServerMessage, WireError } from '@hawser/wire';
import fc from 'fast-check';
import { serverMessages } from './arbitraries.ts';
import { frameOf } from './binary-frame.ts';

const position = { epoch: 'e', offset: 1 };
const message = { type: 'message', channel: 'a:b', offset: 1, at: 2, data: null };
const history = { type: 'history', id: 1, channel: 'a:b', epoch: 'e', hasMore: false };

/** The path, and a message that is wrong there. */
const wrong: readonly (readonly [path: string, message: object])[] = [
  ['id', { type: 'pong', id: '1' }],
  ['user', { type: 'connected', id: 1, session: 's', resumed: false, pingIntervalMs: 1 }],
  ['resumed', { type: 'connected', id: 1, user: 'u', session: 's', resumed: 1, pingIntervalMs: 1 }],
  ['expiresInMs', { type: 'refreshed', id: 1, expiresInMs: -1 }],
  ['policy', { type: 'subscribed', id: 1, channel: 'a:b', policy: 'all', position, recovered: true }],
  ['position', { type: 'published', id: 1, channel: 'a:b', position: null }],
  ['position', { type: 'published', id: 1, channel: 'a:b', position: ['e', 1] }],
  ['position.offset', { type: 'published', id: 1, channel: 'a:b', position: { epoch: 'e', offset: 1.5 } }],
  ['position.epoch', { type: 'published', id: 1, channel: 'a:b', position: { offset: 1 } }],
  ['messages', { ...history, messages: {} }],
  ['messages[0]', { ...history, messages: [null] }],
  [
    'messages[1].data',
    {
      ...history,
      messages: [
        { offset: 1, at: 1, data: 1 },
        { offset: 2, at: 1 },
      ],
    },
  ],
  ['members[0].user', { type: 'presence', id: 1, channel: 'a:b', members: [{}] }],
  ['data', { type: 'result', id: 1 }],
  ['code', { type: 'error', id: 1, message: 'm' }],
  ['retryInMs', { type: 'error', id: 1, code: 'internal', message: 'm', retryInMs: '1' }],
  ['offset', { ...message, offset: -1 }],
  ['offset', { ...message, offset: 2 ** 53 }],
  ['at', { ...message, at: 'now' }],
  ['user', { ...message, user: null }],
  ['channel', { ...message, channel: 1 }],
  ['member', { type: 'join', channel: 'a:b' }],
  ['to.offset', { type: 'gap', channel: 'a:b', from: position, to: { epoch: 'e' }, reason: 'trimmed' }],
  ['reason', { type: 'gap', channel: 'a:b', from: position, to: position, reason: 'why' }],
  ['count', { type: 'dropped', channel: 'a:b', count: -1 }],
  ['reconnectInMs', { type: 'drain' }],
  ['type', { id: 1 }],
];

const optionalNames: ReadonlyMap<ServerMessage['type'], readonly string[]> = new Map([
  ['connected', ['expiresInMs']],
  ['refreshed', ['expiresInMs']],
  ['error', ['retryInMs', 'reason']],
  ['message', ['user', 'messageId', 'key']],
]);

describe('decodeServerMessage', () => {
  for (const [path, value] of wrong) {
    it(`names ${path} in ${JSON.stringify(value)}`, () => {
      const error = refusal(JSON.stringify(value));
      assert.deepEqual([error.code, error.path], ['invalid-field', path]);
    });
  }

  it('misses every field that has to be there', () => {
    fc.assert(
      fc.property(serverMessages, fc.nat(), (right, index) => {
        const frame = encodeServerMessage(right);
        if (typeof frame !== 'string') return;
        const names = requiredNames(right);
        const name = names[index % names.length];
        if (name === undefined) return;
        assert.equal(refusal(JSON.stringify({ ...JSON.parse(frame), [name]: undefined })).path, name);
      }),
      { numRuns: 1000 },
    );
  });

  it('has nothing to say of a type that it does not know', () => {
    for (const type of ['sparkle', '__proto__', 'constructor', '']) {
      assert.equal(decodeServerMessage(JSON.stringify({ type, id: 1 })), undefined);
    }
    assert.equal(decodeServerMessage(frameOf('{"type":"sparkle"}', [1])), undefined);
  });

  it('takes an error code that it does not know for internal, and keeps the message', () => {
    for (const code of ['out-of-coffee', '__proto__', 'toString']) {
      const error = decodeServerMessage(JSON.stringify({ type: 'error', id: 1, code, message: 'No coffee' }));
      assert.deepEqual(error, { type: 'error', id: 1, code: 'internal', message: 'No coffee' });
    }
  });

  it('reads no field from a prototype', () => {
    assert.equal(refusal('{"type":"pong","__proto__":{"id":1}}').path, 'id');
  });

  it('throws nothing but a WireError, whatever it gets', () => {
    const frames = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.uint8Array({ maxLength: 100 }),
      fc.tuple(fc.json(), fc.nat(100)).map(([text, length]) => frameOf(text, [1, 2], length)),
    );
    fc.assert(
      fc.property(frames, (frame) => {
        try {
          decodeServerMessage(frame);
        } catch (error) {
          assert.ok(error instanceof WireError, `Expected a WireError, received ${error}`);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('decodeServerMessage and binary frames', () => {
  const item = { offset: 1, at: 1 };

  it('refuses bytes in what carries none', () => {
    assert.equal(refusal(frameOf('{"type":"pong","id":1}', [1])).path, 'type');
  });

  it('refuses lengths that do not add up to the bytes', () => {
    for (const lengths of [[1], [1, 1], [4], [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], []]) {
      const messages = lengths.map((byteLength) => ({ ...item, byteLength }));
      assert.equal(refusal(frameOf(JSON.stringify({ ...history, messages }), [1, 2, 3])).path, 'messages');
    }
  });

  it('refuses a length that is none', () => {
    for (const byteLength of [-1, 1.5, '1', null]) {
      const head = JSON.stringify({ ...history, messages: [item, { ...item, byteLength }] });
      assert.equal(refusal(frameOf(head, [1])).path, 'messages[1].byteLength');
    }
  });

  it('refuses one that is cut short', () => {
    const whole = frameOf(JSON.stringify({ ...history, messages: [{ ...item, byteLength: 3 }] }), [1, 2, 3]);
    for (let length = 0; length < whole.length; length++) refusal(whole.subarray(0, length));
  });
});

function refusal(frame: string | Uint8Array): WireError {
  try {
    decodeServerMessage(frame);
  } catch (error) {
    assert.ok(error instanceof WireError, `Expected a WireError, received ${error}`);
    return error;
  }
  throw new assert.AssertionError({ message: `Expected a refusal of ${frame}` });
}

/** The fields that may not be absent. */
function requiredNames(value: ServerMessage): readonly string[] {
  const optional = optionalNames.get(value.type) ?? [];
  return Object.keys(value).filter((name) => name !== 'type' && !optional.includes(name));
}
