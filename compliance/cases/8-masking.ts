/** Family 8: masking, which clients do and servers do not (RFC 6455 §5.1, §5.3). */

import { type CaseDraft, family } from '../case.ts';
import { octetWise } from '../wire/cut.ts';
import type { Frame, Role } from '../wire/frame.ts';
import {
  answers,
  ascii,
  binary,
  bytes,
  close,
  continuation,
  fails,
  ping,
  pong,
  text,
  unfinished,
} from './frames.ts';

const frames: readonly (readonly [name: string, make: (masked: boolean) => Frame])[] = [
  ['text frame', (masked) => text('mask', { masked })],
  ['empty text frame', (masked) => text('', { masked })],
  ['binary frame', (masked) => binary('mask', { masked })],
  ['unfinished text frame', (masked) => text('mask', { masked, fin: false })],
  ['Ping', (masked) => ping('mask', { masked })],
  ['empty Ping', (masked) => ping('', { masked })],
  ['Pong', (masked) => pong('mask', { masked })],
  ['Close frame', (masked) => close(1000, '', { masked })],
  ['empty Close frame', (masked) => close(undefined, '', { masked })],
  ['frame of 200 bytes', (masked) => binary(bytes(200), { masked })],
  ['frame of 70,000 bytes', (masked) => binary(bytes(70_000), { masked })],
];

const keys: readonly (readonly [name: string, key: readonly number[]])[] = [
  ['of zeros', [0, 0, 0, 0]],
  ['of ones', [255, 255, 255, 255]],
  ['with one bit in its first byte', [0x80, 0, 0, 0]],
  ['with one bit in its last byte', [0, 0, 0, 1]],
  ['whose bytes all differ', [0x12, 0x34, 0x56, 0x78]],
  ['of which the top bit is set everywhere', [0x81, 0x92, 0xa3, 0xb4]],
  ['that makes the payload look like a header', [0x81, 0x05, 0x88, 0x00]],
];

/** A server takes masked frames only and a client unmasked ones: the same frames, the other way round. */
const sides: readonly {
  readonly role: Role;
  readonly masked: boolean;
  readonly word: string;
  readonly rule: 'unmasked-frame-closes' | 'masked-frame-closes';
}[] = [
  { role: 'server', masked: false, word: 'an unmasked', rule: 'unmasked-frame-closes' },
  { role: 'client', masked: true, word: 'a masked', rule: 'masked-frame-closes' },
];

function wrongMasking({ role, masked, word, rule }: (typeof sides)[number]): CaseDraft[] {
  return [
    ...frames.map(([name, make]) =>
      fails(
        { title: `closes the connection on ${word} ${name}`, holds: [rule], items: [make(masked)], role },
        1002,
      ),
    ),
    fails(
      {
        title: `echoes what comes before ${word} frame, then closes the connection`,
        holds: [rule],
        items: [text('good'), text('bad', { masked })],
        role,
      },
      1002,
      ['good'],
    ),
    fails(
      {
        title: `closes the connection on ${word} continuation frame`,
        holds: [rule],
        items: [text('good ', unfinished), continuation('bad', { masked })],
        role,
      },
      1002,
    ),
    fails(
      {
        title: `closes the connection on ${word} frame sent octet by octet`,
        holds: [rule],
        items: [text('bad', { masked })],
        cut: octetWise,
        role,
      },
      1002,
    ),
    fails(
      {
        title: `closes the connection on the header of ${word} frame, before its payload comes`,
        holds: [rule],
        items: [text('', { masked, declaredLength: 100 })],
        role,
      },
      1002,
    ),
  ];
}

export const masking = family(8, 'Masking', [
  ...sides.flatMap(wrongMasking),
  ...keys.flatMap(([name, key]) => [
    answers(
      {
        title: `unmasks text with a key ${name}`,
        holds: ['server-unmasks'],
        items: () => [text(ascii(300), { key })],
        role: 'server',
      },
      () => [ascii(300)],
    ),
    answers(
      {
        title: `unmasks bytes with a key ${name}, sent octet by octet`,
        holds: ['server-unmasks'],
        items: [binary(bytes(37), { key })],
        cut: octetWise,
        role: 'server',
      },
      [bytes(37)],
    ),
  ]),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 31, 33, 63, 65].map((length) =>
    answers(
      {
        title: `unmasks ${length} bytes in random pieces, wherever they cut the key’s period`,
        holds: ['server-unmasks'],
        items: [
          binary(bytes(length), { key: [1, 2, 3, 4] }),
          binary(bytes(length, 9), { key: [0xfe, 0xdc, 0xba, 0x98] }),
        ],
        cut: { type: 'random', seed: length, maxLength: 5 },
        role: 'server',
      },
      [bytes(length), bytes(length, 9)],
    ),
  ),
  answers(
    {
      title: 'unmasks each fragment with the fragment’s own key',
      holds: ['server-unmasks'],
      items: [
        text('one ', { fin: false, key: [1, 1, 1, 1] }),
        continuation('two ', { fin: false, key: [2, 3, 4, 5] }),
        continuation('three', { key: [0, 0, 0, 0] }),
      ],
      role: 'server',
    },
    ['one two three'],
  ),
  answers(
    {
      title: 'unmasks the Ping between masked fragments',
      holds: ['server-unmasks'],
      items: [
        text('a', { fin: false, key: [9, 9, 9, 9] }),
        ping('ping', { key: [7, 6, 5, 4] }),
        continuation('b', { key: [3, 2, 1, 0] }),
      ],
      role: 'server',
    },
    ['ab'],
    ['ping'],
  ),
  answers(
    {
      title: 'unmasks 1,000,001 bytes',
      holds: ['server-unmasks'],
      items: () => [binary(bytes(1_000_001), { key: [0xa5, 0x5a, 0xc3, 0x3c] })],
      role: 'server',
    },
    () => [bytes(1_000_001)],
  ),
  answers(
    {
      title: 'sends unmasked frames of every kind',
      holds: ['server-does-not-mask'],
      items: [text('text'), binary('binary'), ping('ping'), binary(bytes(500)), binary(bytes(70_000))],
      role: 'server',
    },
    () => ['text', Buffer.from('binary'), bytes(500), bytes(70_000)],
    ['ping'],
  ),
  answers(
    {
      title: 'sends masked frames of every kind',
      holds: ['client-masks', 'masked-bit-set', 'send-masked'],
      items: [text('text'), binary('binary'), ping('ping'), binary(bytes(500)), binary(bytes(70_000))],
      role: 'client',
    },
    () => ['text', Buffer.from('binary'), bytes(500), bytes(70_000)],
    ['ping'],
  ),
  {
    title: 'masks each of 200 frames with a fresh key that the keys before do not foretell',
    holds: [
      'fresh-masking-key',
      'strong-masking-key',
      'unpredictable-masking-key',
      'new-masking-key-per-frame',
    ],
    role: 'client',
    trial: {
      type: 'exchange',
      steps: () => [{ type: 'send', items: Array.from({ length: 200 }, (_, i) => text(`frame ${i}`)) }],
      outcome: { type: 'echoes', messages: Array.from({ length: 200 }, (_, i) => `frame ${i}`) },
      judgeKeys: true,
    },
  },
]);
