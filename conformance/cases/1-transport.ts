/** docs/wire.md §1 Transport: frames, right and wrong. */

import { Buffer } from 'node:buffer';
import { closeCodes } from '@hawser/wire';
import type { Case } from '../case.ts';
import { expectEqual, expectTrue, show } from '../finding.ts';
import { expectRefusal } from '../participant.ts';

const malformed = closeCodes['malformed-frame'].code;
/** Within the frames of 64 KiB that the server has to take. */
const nestedBytes = 60_000;

/** Frames that no command can be read from. */
const malformedFrames: readonly (readonly [what: string, frame: string | Uint8Array])[] = [
  ['text that is not JSON', '{"type":"ping","id":1'],
  ['an empty text', ''],
  ['an array', '[{"type":"ping","id":1}]'],
  ['null', 'null'],
  ['a text in JSON', '"ping"'],
  ['an object without anything', '{}'],
  ['a command without an id', '{"type":"ping"}'],
  ['the id 0', '{"type":"ping","id":0}'],
  ['an id that is a text', '{"type":"ping","id":"1"}'],
  ['an id that is no whole number', '{"type":"ping","id":1.5}'],
  ['an id beyond 2^53 - 1', '{"type":"ping","id":9007199254740992}'],
  ['an id in the prototype', '{"type":"ping","__proto__":{"id":1}}'],
  ['an empty binary frame', Buffer.of()],
  ['a binary frame of three bytes', Buffer.of(0, 0, 0)],
  ['a head that ends behind the frame', binaryFrame('{"type":"call","id":1,"method":"echo"}', [], 100)],
  ['a head of 4 GiB', binaryFrame('{"type":"call","id":1,"method":"echo"}', [], 0xffff_ffff)],
  ['a head that ends within its object', binaryFrame('{"type":"call","id":1,"method":"echo"}', [], 10)],
  ['a head of no bytes', binaryFrame('', [1, 2, 3])],
  ['a head that is not UTF-8', binaryFrame(Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), [])],
];

/** Commands with the id 1 that are wrong elsewhere. */
const invalidCommands: readonly (readonly [what: string, frame: string | Uint8Array])[] = [
  ['an unknown type', '{"type":"leap","id":1}'],
  ['no type', '{"id":1}'],
  ['the type __proto__', '{"type":"__proto__","id":1}'],
  ['subscribe without a channel', '{"type":"subscribe","id":1}'],
  ['a channel in the prototype', '{"type":"subscribe","id":1,"__proto__":{"channel":"every:a"}}'],
  ['a channel that is a number', '{"type":"subscribe","id":1,"channel":7}'],
  ['since without an epoch', '{"type":"subscribe","id":1,"channel":"every:a","since":{"offset":1}}'],
  ['a negative offset', '{"type":"subscribe","id":1,"channel":"every:a","since":{"epoch":"e","offset":-1}}'],
  ['since null', '{"type":"subscribe","id":1,"channel":"every:a","since":null}'],
  ['publish without data', '{"type":"publish","id":1,"channel":"every:a"}'],
  ['a messageId that is a number', '{"type":"publish","id":1,"channel":"every:a","messageId":1,"data":1}'],
  ['history without a limit', '{"type":"history","id":1,"channel":"every:a"}'],
  [
    'after and before',
    '{"type":"history","id":1,"channel":"every:a","after":{"epoch":"e","offset":1},"before":{"epoch":"e","offset":9},"limit":1}',
  ],
  ['call without a method', '{"type":"call","id":1,"data":1}'],
  ['refresh without a token', '{"type":"refresh","id":1}'],
  ['ping in a binary frame', binaryFrame('{"type":"ping","id":1}', [])],
  ['data in the head of a binary frame', binaryFrame('{"type":"call","id":1,"method":"echo","data":1}', [1])],
];

const framesCases: readonly Case[] = [
  {
    section: '1',
    title: 'chooses the subprotocol hawser.v1',
    run: async ({ open }) => {
      await open(); // It finds another one.
    },
  },
  {
    section: '1.1',
    title: 'ignores names that it does not know',
    run: async ({ connect }) => {
      const ann = await connect();
      const reply = await ann.askRaw('{"type":"ping","id":77,"more":{"a":[1]},"data":1,"channel":false}', 77);
      expectEqual(reply, { type: 'pong', id: 77 }, 'the reply');
    },
  },
  {
    section: '1.2',
    title: 'answers bytes with the same bytes',
    run: async ({ connect }) => {
      const ann = await connect();
      for (const bytes of [Buffer.of(), Buffer.of(0), Buffer.alloc(60_000, 'Hawser')]) {
        const { data } = await ann.get('result', { type: 'call', method: 'echo', data: bytes });
        expectTrue(data instanceof Uint8Array && bytes.equals(data), `the same ${bytes.length} bytes`, data);
      }
    },
  },
  {
    section: '1.2',
    title: 'delivers bytes as bytes and JSON as JSON',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      await ann.subscribe(room);
      const sent = [Uint8Array.of(1, 2, 3), { a: 'é' }, Uint8Array.of(), null, [1.5, 'x', false]];
      for (const data of sent) await ann.publish(room, data);
      const received = await ann.messages(sent.length);
      expectEqual(
        received.map(({ data }) => plain(data)),
        sent.map(plain),
        'the data',
      );
      const { messages } = await ann.get('history', { type: 'history', channel: room, limit: 10 });
      expectEqual(
        messages.map(({ data }) => plain(data)),
        sent.map(plain),
        'the data of the history',
      );
    },
  },
];

const malformedCases: readonly Case[] = malformedFrames.map(([what, frame]) => ({
  section: '1.3',
  title: `closes with ${malformed} after ${what}`,
  run: async ({ connect }) => {
    const ann = await connect();
    ann.send(frame);
    await ann.expectClose(malformed);
  },
}));

const invalidCases: readonly Case[] = invalidCommands.map(([what, frame]) => ({
  section: '1.3',
  title: `replies invalid-command to ${what}, and lives on`,
  run: async ({ connect }) => {
    const ann = await connect();
    // `connect` was the command with the id 1.
    expectRefusal(await ann.askRaw(frame, 1), ['invalid-command'], show(frame));
    await ann.expectAlive();
  },
}));

const nestingCases: readonly Case[] = [
  {
    section: '1.3',
    title: 'survives thousands of arrays and objects within each other',
    run: async ({ connect }) => {
      const ann = await connect();
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const levels = Math.floor(nestedBytes / (open.length + close.length));
        const nested = `${open.repeat(levels)}1${close.repeat(levels)}`;
        const id = ann.newId();
        const reply = await ann.askRaw(`{"type":"call","id":${id},"method":"echo","data":${nested}}`, id);
        expectRefusal(reply, ['invalid-command'], 'nested data');
      }
      await ann.expectAlive();
    },
  },
];

export const transportCases: readonly Case[] = [
  ...framesCases,
  ...malformedCases,
  ...invalidCases,
  ...nestingCases,
];

/** A binary frame, of whichever head length it says. */
function binaryFrame(head: string | Uint8Array, rest: readonly number[], headLength?: number): Uint8Array {
  const headBytes = Buffer.from(head);
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(headLength ?? headBytes.length);
  return Buffer.concat([prefix, headBytes, Buffer.from(rest)]);
}

/** Bytes of every class compare as an array with a mark. */
function plain(data: unknown): unknown {
  return data instanceof Uint8Array ? { bytes: [...data] } : data;
}
