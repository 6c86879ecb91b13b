/** What a hub refuses of what clients send, and how it says so: docs/wire.md, "Frames that are wrong" and "Limits". */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { type Command, decodeCommand, WireError, wireLimits } from '@hawser/wire';
import fc from 'fast-check';
import { commands } from './arbitraries.ts';
import { frameOf } from './binary-frame.ts';

/** A right command of each type, as an object to spoil. */
const right: { readonly [Type in Command['type']]: Readonly<Record<string, unknown>> } = {
  connect: { type: 'connect', id: 1, token: 't', session: 's' },
  refresh: { type: 'refresh', id: 1, token: 't' },
  subscribe: { type: 'subscribe', id: 1, channel: 'room:a', since: { epoch: 'e', offset: 4 } },
  unsubscribe: { type: 'unsubscribe', id: 1, channel: 'room:a' },
  publish: { type: 'publish', id: 1, channel: 'room:a', messageId: 'm', key: 'k', data: null },
  history: { type: 'history', id: 1, channel: 'room:a', after: { epoch: 'e', offset: 4 }, limit: 10 },
  presence: { type: 'presence', id: 1, channel: 'room:a' },
  call: { type: 'call', id: 1, method: 'echo', data: 1 },
  ping: { type: 'ping', id: 1 },
};

const notWholeNumbers: readonly unknown[] = ['1', 1.5, -1, 2 ** 53, 1e300, null, true, [1], {}];
const notText: readonly unknown[] = ['', 1, null, false, ['a'], { toString: 'a' }];
const notAscii: readonly unknown[] = [...notText, 'é', 'a\nb', '\u007f', '\ud800'];
const notPositions: readonly unknown[] = [null, 'e', 4, [], ['e', 4]];
const notChannels: readonly unknown[] = [
  ...notText,
  'room',
  'room:',
  ':a',
  'röm:a',
  'ro om:a',
  'room:*',
  'room:a\u0000',
  'room:a\nb',
  'room:a\u0085',
  'room:a\u2028b',
  'room:\ud800',
  `room:${'a'.repeat(251)}`,
  `room:${'語'.repeat(84)}`,
  `${'n'.repeat(65)}:a`,
];

/** For each field: in which commands, and what may not stand there. Undefined stands for an absent field. */
const wrong: readonly {
  readonly path: string;
  readonly in: readonly Command['type'][];
  readonly values: readonly unknown[];
}[] = [
  {
    path: 'id',
    in: ['connect', 'refresh', 'subscribe', 'unsubscribe', 'publish', 'history', 'presence', 'call', 'ping'],
    values: [undefined, 0, ...notWholeNumbers],
  },
  {
    path: 'channel',
    in: ['subscribe', 'unsubscribe', 'publish', 'history', 'presence'],
    values: [undefined, ...notChannels],
  },
  { path: 'token', in: ['connect'], values: [...notAscii, 't'.repeat(wireLimits.tokenLength + 1)] },
  { path: 'token', in: ['refresh'], values: [undefined, ...notAscii] },
  { path: 'session', in: ['connect'], values: [...notAscii, 's'.repeat(wireLimits.sessionLength + 1)] },
  { path: 'since', in: ['subscribe'], values: notPositions },
  { path: 'since.epoch', in: ['subscribe'], values: [undefined, ...notAscii, 'e'.repeat(65)] },
  { path: 'since.offset', in: ['subscribe'], values: [undefined, ...notWholeNumbers] },
  { path: 'after', in: ['history'], values: notPositions },
  { path: 'after.offset', in: ['history'], values: [undefined, ...notWholeNumbers] },
  { path: 'before', in: ['history'], values: [{ epoch: 'e', offset: 9 }] }, // beside `after`
  {
    path: 'limit',
    in: ['history'],
    values: [undefined, 0, wireLimits.historyMessages + 1, ...notWholeNumbers],
  },
  { path: 'messageId', in: ['publish'], values: [...notAscii, 'm'.repeat(wireLimits.messageIdLength + 1)] },
  { path: 'key', in: ['publish'], values: [...notText, 'a\u0007', '\udc00', 'é'.repeat(128)] },
  { path: 'method', in: ['call'], values: [undefined, ...notAscii, 'm'.repeat(wireLimits.methodLength + 1)] },
  { path: 'data', in: ['publish', 'call'], values: [undefined, nested(wireLimits.dataDepth + 1)] },
];

describe('decodeCommand', () => {
  for (const { path, in: types, values } of wrong) {
    it(`names ${path} when it is wrong in ${types.join(', ')}`, () => {
      for (const type of types) {
        for (const value of values) {
          const error = refusal(JSON.stringify(spoiled(right[type], path, value)));
          assert.equal(error.path, path, `${type} with ${JSON.stringify(value)}`);
          assert.equal(error.code, 'invalid-field');
          assert.match(error.message, /^Expected .+, received .*[^.]$/);
          assert.equal(error.commandId, path === 'id' ? undefined : 1);
        }
      }
    });
  }

  it('takes every field at its limit', () => {
    const channel = `${'n'.repeat(64)}:${'a'.repeat(190)}`;
    const atLimits: readonly object[] = [
      { type: 'connect', id: Number.MAX_SAFE_INTEGER, token: 't'.repeat(8192), session: 's'.repeat(128) },
      {
        type: 'publish',
        id: 1,
        channel,
        messageId: 'm'.repeat(64),
        key: `${'語'.repeat(85)}`,
        data: nested(64),
      },
      { type: 'history', id: 1, channel: `a:${'語'.repeat(84)}b`, limit: 1000 },
      { type: 'call', id: 1, method: 'm'.repeat(128), data: '' },
      {
        type: 'subscribe',
        id: 1,
        channel: 'a:b',
        since: { epoch: 'e'.repeat(64), offset: Number.MAX_SAFE_INTEGER },
      },
    ];
    for (const command of atLimits) assert.deepEqual(decodeCommand(JSON.stringify(command)), command);
  });

  it('tells a command that it does not know, with its id', () => {
    for (const type of ['leap', '__proto__', 'constructor', 'toString', '', 7, null, undefined, ['ping']]) {
      const error = refusal(JSON.stringify({ type, id: 9 }));
      assert.deepEqual([error.code, error.path, error.commandId], ['unknown-type', 'type', 9]);
    }
  });

  it('refuses what is no JSON object', () => {
    for (const frame of [
      '',
      '{',
      '[]',
      '[{"type":"ping","id":1}]',
      'null',
      '1',
      '"ping"',
      '{"type":"ping","id":1}x',
    ]) {
      const error = refusal(frame);
      assert.deepEqual([error.code, error.path, error.commandId], ['malformed-frame', '', undefined]);
    }
  });

  it('quotes no secret', () => {
    const secret = 'hunter2\n';
    const frames = [
      JSON.stringify({ type: 'connect', id: 1, token: secret }),
      JSON.stringify({ type: 'connect', id: 1, session: secret }),
      `{"type":"connect","id":1,"token":"hunter2"`,
    ];
    for (const frame of frames) assert.doesNotMatch(refusal(frame).message, /hunter2/);
  });

  it('keeps a message of an error short', () => {
    const frames = [
      JSON.stringify({ type: 'x'.repeat(1e5), id: 1 }),
      JSON.stringify({ type: 'subscribe', id: 1, channel: 'x'.repeat(1e5) }),
    ];
    for (const frame of frames) assert.ok(refusal(frame).message.length < 200);
  });

  it('hands on the fields of the contract and no others', () => {
    fc.assert(
      fc.property(commands, (command) => {
        if ('data' in command && command.data instanceof Uint8Array) return;
        const more = JSON.stringify({ ...command, added: 1, admin: true });
        assert.deepEqual(decodeCommand(more), command);
      }),
    );
  });
});

describe('decodeCommand and hostile frames', () => {
  it('reads no field from a prototype', () => {
    const error = refusal('{"type":"refresh","id":1,"__proto__":{"token":"stolen"}}');
    assert.equal(error.path, 'token');
    const command = decodeCommand('{"type":"connect","id":1,"__proto__":{"token":"stolen","session":"s"}}');
    assert.deepEqual(command, { type: 'connect', id: 1 });
    assert.equal(refusal('{"__proto__":{"type":"ping","id":1}}').code, 'unknown-type');
  });

  it('leaves a name like __proto__ in data what it is', () => {
    const command = decodeCommand('{"type":"call","id":1,"method":"m","data":{"__proto__":{"admin":true}}}');
    assert.ok(command.type === 'call');
    assert.equal(JSON.stringify(command.data), '{"__proto__":{"admin":true}}');
    assert.equal(Reflect.get(Object(command.data), 'admin'), undefined);
    assert.equal(Reflect.get({}, 'admin'), undefined);
  });

  it('survives nesting of any depth', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const data = `${open.repeat(200_000)}1${close.repeat(200_000)}`;
      assert.equal(refusal(`{"type":"call","id":1,"method":"m","data":${data}}`).path, 'data');
      // Elsewhere it is a field that is not looked at.
      assert.deepEqual(decodeCommand(`{"type":"ping","id":1,"more":${data}}`), { type: 'ping', id: 1 });
    }
  });

  it('takes the last of two fields with one name', () => {
    assert.deepEqual(decodeCommand('{"type":"call","type":"ping","id":1,"id":2}'), { type: 'ping', id: 2 });
  });

  it('throws nothing but a WireError, whatever the text', () => {
    const frames = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), spoiledCommands());
    fc.assert(fc.property(frames, throwsAtMostWireError), { numRuns: 2000 });
  });

  it('throws nothing but a WireError, whatever the bytes', () => {
    const head = fc.oneof(fc.json(), spoiledCommands());
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .tuple(head, fc.option(fc.nat(200)))
        .map(([text, length]) => frameOf(text, [1, 2, 3], length ?? undefined)),
    );
    fc.assert(fc.property(frames, throwsAtMostWireError), { numRuns: 2000 });
  });
});

describe('decodeCommand and binary frames', () => {
  const call = '{"type":"call","id":5,"method":"m"}';

  it('refuses one that ends before its head does', () => {
    const whole = frameOf(call);
    for (let length = 0; length < whole.length; length++) {
      assert.equal(refusal(whole.subarray(0, length)).code, 'malformed-frame');
    }
  });

  it('refuses a length that is beyond the frame', () => {
    for (const length of [call.length + 4, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      assert.equal(refusal(frameOf(call, [1, 2, 3], length)).code, 'malformed-frame');
    }
  });

  it('refuses a length that cuts the head', () => {
    for (const length of [0, 1, call.length - 1]) {
      assert.equal(refusal(frameOf(call, [], length)).code, 'malformed-frame');
    }
  });

  it('refuses a head that is not UTF-8, or begins with a BOM', () => {
    const bad = Buffer.from(call);
    bad[bad.length - 3] = 0xff;
    assert.equal(refusal(frameOf(bad)).code, 'malformed-frame');
    const overlong = Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]);
    assert.equal(refusal(frameOf(overlong)).code, 'malformed-frame');
    assert.equal(refusal(frameOf(`\ufeff${call}`)).code, 'malformed-frame');
  });

  it('refuses data in the head beside the bytes', () => {
    const error = refusal(frameOf('{"type":"call","id":5,"method":"m","data":null}', [1]));
    assert.deepEqual([error.path, error.commandId], ['data', 5]);
  });

  it('refuses a command that carries nothing', () => {
    for (const command of Object.values(right)) {
      if (command.type === 'publish' || command.type === 'call') continue;
      const error = refusal(frameOf(JSON.stringify(command)));
      assert.deepEqual([error.path, error.commandId], ['type', 1]);
    }
  });
});

function refusal(frame: string | Uint8Array): WireError {
  try {
    decodeCommand(frame);
  } catch (error) {
    assert.ok(error instanceof WireError, `Expected a WireError, received ${error}`);
    return error;
  }
  throw new assert.AssertionError({ message: `Expected a refusal of ${frame}` });
}

function throwsAtMostWireError(frame: string | Uint8Array): void {
  try {
    decodeCommand(frame);
  } catch (error) {
    assert.ok(error instanceof WireError, `Expected a WireError, received ${error}`);
  }
}

/** The command with another value at the path; undefined removes the field. */
function spoiled(command: Readonly<Record<string, unknown>>, path: string, value: unknown): object {
  const [name = '', inner] = path.split('.');
  if (inner === undefined) return { ...command, [name]: value };
  return { ...command, [name]: { ...Object(command[name]), [inner]: value } };
}

/** Right commands with any JSON value in one of their places. */
function spoiledCommands(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...Object.values(right)), fc.nat(), fc.jsonValue())
    .map(([command, index, value]) => {
      const names = Object.keys(command);
      return JSON.stringify({ ...command, [names[index % names.length] ?? 'id']: value });
    });
}

/** Arrays, one within the other. */
function nested(levels: number): unknown {
  let value: unknown = 'inside';
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}
