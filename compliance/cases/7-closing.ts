/** Family 7: the closing handshake, its codes and reasons, and what may follow it (RFC 6455 §5.5.1, §7). */

import { type CaseDraft, family } from '../case.ts';
import { frameWise, octetWise } from '../wire/cut.ts';
import { Opcode } from '../wire/frame.ts';
import {
  awaitAnswers,
  binary,
  bytes,
  close,
  closes,
  continuation,
  fails,
  ping,
  send,
  steps,
  text,
  unfinished,
} from './frames.ts';

const answered = [
  'close-answered',
  'close-answered-soon',
  'tcp-closed-after-close',
  'closed-after-both',
  'server-closes-first',
] as const;
const payload = ['close-payload'] as const;
const codes = ['reserved-close-codes'] as const;

const validCodes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3500, 3999, 4000, 4001,
  4500, 4999,
];
const invalidCodes = [
  0, 1, 125, 500, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 6000, 10_000, 32_768, 65_535,
];
/** Every code may be answered by itself; some prefer to answer any code by 1000. */
const orNormal = (code: number): number[] => [...new Set([code, 1000])];

const reasons: readonly (readonly [what: string, reason: string | Buffer])[] = [
  ['a reason of one byte', 'x'],
  ['a reason in words', 'The ship has left the harbour'],
  ['a reason in several scripts', 'Ñandú 船 ⚓ 🚢'],
  ['a reason of 122 bytes', 'r'.repeat(122)],
  ['a reason of 123 bytes, the longest', 'r'.repeat(123)],
  ['a reason of 123 bytes in 3-byte characters', '€'.repeat(41)],
  ['a reason that holds NUL', 'a\u0000b'],
];

const badReasons: readonly (readonly [what: string, hex: string])[] = [
  ['a lone continuation byte', '80'],
  ['an overlong sequence', 'c0af'],
  ['a surrogate', 'eda080'],
  ['a sequence cut short', 'e282'],
  ['a code point beyond U+10FFFF', 'f4908080'],
  ['the byte ff behind text', '676f6f6420ff'],
];

/** Closing with a reason that is no UTF-8, or a code that nobody may use, fails with 1007 or 1002; both are errors of the peer. */
const protocolError = [1002];
const invalidData = [1007, 1002];

function ofInvalidCode(code: number): CaseDraft[] {
  return [
    fails({ title: `fails on close code ${code}`, holds: codes, items: [close(code)] }, protocolError),
    fails(
      { title: `fails on close code ${code} with a reason`, holds: codes, items: [close(code, 'why not?')] },
      protocolError,
    ),
  ];
}

/** What may come behind a Close frame and must not be answered. */
const behind = [
  ['a text message', text('too late')],
  ['a binary message', binary('too late')],
  ['a fragment', text('too late', unfinished)],
  ['a Ping', ping('too late')],
  ['a second Close frame', close(1001)],
  ['a frame with a reserved opcode', { opcode: 3 }],
  ['a frame with reserved bits', text('too late', { reserved: 7 })],
  ['invalid UTF-8', text(Buffer.of(0xff))],
  ['a continuation frame', continuation('too late')],
] as const;

export const closing = family(7, 'Closing', [
  closes({ title: 'answers an empty Close frame by one', holds: answered, items: [close()] }, [
    undefined,
    1000,
  ]),
  closes(
    {
      title: 'answers an empty Close frame sent octet by octet',
      holds: answered,
      items: [close()],
      cut: octetWise,
    },
    [undefined, 1000],
  ),
  closes(
    {
      title: 'echoes a message and answers the Close frame right behind it',
      holds: answered,
      items: [text('last words'), close(1000)],
    },
    [1000],
    ['last words'],
  ),
  closes(
    {
      title: 'echoes a fragmented message and answers the Close frame right behind it',
      holds: answered,
      items: [text('last ', unfinished), continuation('words'), close(1000)],
      cut: frameWise,
    },
    [1000],
    ['last words'],
  ),
  ...validCodes.map((code) =>
    closes(
      {
        title: `answers close code ${code}`,
        holds: [...answered, 'reserved-close-codes'],
        items: [close(code)],
      },
      orNormal(code),
    ),
  ),
  ...[1000, 3000, 4000].map((code) =>
    closes(
      {
        title: `answers close code ${code} sent octet by octet`,
        holds: answered,
        items: [close(code, 'bye')],
        cut: octetWise,
      },
      orNormal(code),
    ),
  ),
  ...reasons.flatMap(([what, reason]) => [
    closes(
      {
        title: `answers a Close frame with ${what}`,
        holds: [...answered, 'close-payload'],
        items: [close(1000, reason)],
      },
      [1000],
    ),
    closes(
      {
        title: `answers a Close frame with ${what}, sent octet by octet`,
        holds: [...answered, 'close-payload'],
        items: [close(3333, reason)],
        cut: octetWise,
      },
      orNormal(3333),
    ),
  ]),
  ...[0x03, 0x00, 0xff].map((octet) =>
    fails(
      {
        title: `fails on a Close frame of one byte, 0x${octet.toString(16).padStart(2, '0')}`,
        holds: payload,
        items: [{ opcode: Opcode.Close, payload: Buffer.of(octet) }],
      },
      protocolError,
    ),
  ),
  ...invalidCodes.flatMap(ofInvalidCode),
  ...badReasons.flatMap(([what, hex]) => [
    fails(
      {
        title: `fails on a close reason with ${what}`,
        holds: [...payload, 'invalid-utf8-fails'],
        items: [close(1000, Buffer.from(hex, 'hex'))],
      },
      invalidData,
    ),
    fails(
      {
        title: `fails on a close reason with ${what}, sent octet by octet`,
        holds: [...payload, 'invalid-utf8-fails'],
        items: [close(4321, Buffer.from(hex, 'hex'))],
        cut: octetWise,
      },
      invalidData,
    ),
  ]),
  ...[124, 125, 200].map((length) =>
    fails(
      {
        title: `fails on a close reason of ${length} bytes`,
        holds: ['short-control-frames'],
        items: [close(1000, 'r'.repeat(length))],
      },
      protocolError,
    ),
  ),
  ...behind.flatMap(([what, frame]) => [
    closes(
      {
        title: `does not answer ${what} behind the Close frame, in the same segment`,
        holds: [...answered, 'no-data-after-close'],
        items: [close(1000), frame],
      },
      [1000],
    ),
    closes(
      {
        title: `does not answer ${what} behind the Close frame, in a segment of its own`,
        holds: [...answered, 'no-data-after-close'],
        items: [close(1000), frame],
        cut: frameWise,
      },
      [1000],
    ),
  ]),
  closes(
    {
      title: 'ignores 100,000 bytes behind the Close frame',
      holds: [...answered, 'clean-tcp-close'],
      items: () => [close(1000), binary(bytes(100_000))],
    },
    [1000],
  ),
  closes(
    {
      title: 'ignores bytes behind the Close frame that are no frame',
      holds: [...answered, 'clean-tcp-close'],
      items: [close(1000), { raw: bytes(999) }],
    },
    [1000],
  ),
  closes(
    {
      title: 'ignores the first half of a frame behind the Close frame',
      holds: [...answered, 'clean-tcp-close'],
      items: [close(1000), text('', { declaredLength: 100 })],
    },
    [1000],
  ),
  steps(
    {
      title: 'echoes ten messages and then answers the Close frame',
      holds: [...answered, 'closing-handshake-sends-close'],
    },
    [
      ...Array.from({ length: 10 }, (_, i) => send([text(`message ${i}`)])),
      awaitAnswers({ messages: 10 }),
      send([close(1000)]),
    ],
    { type: 'closes', codes: [1000], messages: Array.from({ length: 10 }, (_, i) => `message ${i}`) },
  ),
  steps(
    {
      title: 'ends its side when TCP is ended without a Close frame',
      holds: ['lost-transport-fails', 'fail-closes'],
    },
    [{ type: 'end' }],
    { type: 'ends' },
  ),
  steps(
    { title: 'ends its side when TCP is ended behind an echo', holds: ['lost-transport-fails'] },
    [send([text('echo')]), awaitAnswers({ messages: 1 }), { type: 'end' }],
    { type: 'ends', messages: ['echo'] },
  ),
  steps(
    {
      title: 'ends its side, and echoes nothing, when TCP is ended inside a message',
      holds: ['lost-transport-fails'],
    },
    [send([text('begun', unfinished)]), { type: 'end' }],
    { type: 'ends' },
  ),
  steps(
    {
      title: 'ends its side, and echoes nothing, when TCP is ended inside a frame',
      holds: ['lost-transport-fails'],
    },
    [send([text('cut short', { declaredLength: 20 })]), { type: 'end' }],
    { type: 'ends' },
  ),
  steps(
    { title: 'ends its side when TCP is ended inside a header', holds: ['lost-transport-fails'] },
    [send([{ raw: Buffer.of(0x81) }]), { type: 'end' }],
    { type: 'ends' },
  ),
  steps(
    { title: 'answers a Close frame when TCP is ended right behind it', holds: answered },
    [{ type: 'end', items: [close(1000)] }],
    { type: 'closes', codes: [1000] },
  ),
  steps(
    {
      title: 'echoes a message and answers the Close frame when TCP is ended right behind them',
      holds: answered,
    },
    [{ type: 'end', items: [text('last words'), close(1000)] }],
    { type: 'closes', codes: [1000], messages: ['last words'] },
  ),
]);
