/**
 * Family 6: text is UTF-8 (RFC 6455 §5.6, §8.1; RFC 3629), whole or cut anywhere, and what is not UTF-8 fails the
 * connection, as soon as it shows. The tables list sequences at every border of the encoding.
 */

import { type CaseDraft, family } from '../case.ts';
import { fragment } from '../wire/conversation.ts';
import { frameWise, octetWise } from '../wire/cut.ts';
import { Opcode } from '../wire/frame.ts';
import {
  answers,
  ascii,
  awaitAnswers,
  continuation,
  expectFailure,
  fails,
  ping,
  send,
  steps,
  text,
  unfinished,
} from './frames.ts';

const valid = ['text-is-utf8'] as const;
const invalid = ['text-is-utf8', 'invalid-utf8-fails'] as const;

/** Code points at the ends of each length, at the edges of the surrogates, and others that have tripped decoders. */
const codePoints = [
  0x00, 0x01, 0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0x1000, 0xcfff, 0xd000, 0xd7ff, 0xe000, 0xfdd0, 0xfeff, 0xfffd,
  0xfffe, 0xffff, 0x10000, 0x1f600, 0x1fffe, 0x1ffff, 0x3ffff, 0x40000, 0xfffff, 0x100000, 0x10fffe, 0x10ffff,
];

const words = [
  'Hamborg-Øster',
  'κόσμε',
  'שָׁלוֹם',
  '日本語テキスト',
  '👩‍👩‍👧‍👦',
  'e\u0301',
  '🇩🇪🇫🇷',
  '\u202etxet',
];

/** Bytes that are no UTF-8, in hex, by what is wrong with them. */
const malformed: readonly (readonly [what: string, hex: string])[] = [
  ['a lone continuation byte 80', '80'],
  ['a lone continuation byte bf', 'bf'],
  ['two continuation bytes', '80bf'],
  ['six continuation bytes', '80bf80bf80bf'],
  ['the overlong lead c0', 'c080'],
  ['the overlong lead c1', 'c1bf'],
  ['an overlong slash of 2 bytes', 'c0af'],
  ['an overlong slash of 3 bytes', 'e080af'],
  ['an overlong slash of 4 bytes', 'f08080af'],
  ['an overlong U+07FF', 'e09fbf'],
  ['an overlong U+FFFF', 'f08fbfbf'],
  ['an overlong NUL of 3 bytes', 'e08080'],
  ['an overlong NUL of 4 bytes', 'f0808080'],
  ['an overlong sequence of 5 bytes', 'f880808080'],
  ['an overlong sequence of 6 bytes', 'fc8080808080'],
  ['the first high surrogate', 'eda080'],
  ['the last high surrogate', 'edafbf'],
  ['the first low surrogate', 'edb080'],
  ['the last low surrogate', 'edbfbf'],
  ['a pair of surrogates', 'eda080edb080'],
  ['a code point beyond U+10FFFF', 'f4908080'],
  ['the lead f5', 'f5808080'],
  ['the lead f7', 'f7bfbfbf'],
  ['the lead f8', 'f888808080'],
  ['the lead fb', 'fbbfbfbfbf'],
  ['the lead fc', 'fc8480808080'],
  ['the lead fd', 'fdbfbfbfbfbf'],
  ['the byte fe', 'fe'],
  ['the byte ff', 'ff'],
  ['fe fe ff ff', 'fefeffff'],
  ['a 2-byte lead and a letter', 'c320'],
  ['a 3-byte lead and a letter', 'e220'],
  ['a 3-byte sequence broken at its last byte', 'e28220'],
  ['a 4-byte lead and a letter', 'f020'],
  ['a 4-byte sequence broken at its third byte', 'f09f20'],
  ['a 4-byte sequence broken at its last byte', 'f09f9820'],
  ['a lead followed by a lead', 'c3c3a9'],
  ['a 3-byte sequence followed by a continuation byte too many', 'e282ac80'],
  ['ISO 8859-1 text', '63616666e9'],
  ['UTF-16 text with its byte order mark', 'fffe41004200'],
];

/** Sequences that end too early. */
const cutShort: readonly (readonly [what: string, hex: string])[] = [
  ['a 2-byte lead', 'c3'],
  ['a 3-byte lead', 'e2'],
  ['two bytes of three', 'e282'],
  ['a 4-byte lead', 'f0'],
  ['two bytes of four', 'f09f'],
  ['three bytes of four', 'f09f98'],
  ['text and one byte of two', '63616666c3'],
];

/** One code point of each length, to be cut at every byte. */
const mixed = 'a\u00e9\u20ac\u{1f600}z';

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex');
}

function ofCodePoint(codePoint: number): CaseDraft {
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  const message = String.fromCodePoint(codePoint);
  return answers({ title: `echoes ${name}`, holds: valid, items: [text(message)] }, [message]);
}

function ofSplit(position: number): CaseDraft[] {
  const encoded = Buffer.from(mixed);
  const items = [text(encoded.subarray(0, position), unfinished), continuation(encoded.subarray(position))];
  return [
    answers({ title: `echoes text whose fragments meet at byte ${position}`, holds: valid, items }, [mixed]),
    answers(
      {
        title: `echoes text whose fragments meet at byte ${position}, with a Ping between them, sent frame by frame`,
        holds: [...valid, 'control-frames-between-fragments'],
        items: items.flatMap((each, i) => (i === 0 ? [each] : [ping('?'), each])),
        cut: frameWise,
      },
      [mixed],
      ['?'],
    ),
  ];
}

function ofMalformed([what, digits]: readonly [what: string, hex: string]): CaseDraft[] {
  const bad = hex(digits);
  const framed = Buffer.concat([Buffer.from('Text '), bad, Buffer.from(' text')]);
  return [
    fails({ title: `fails on ${what}`, holds: invalid, items: [text(bad)] }, 1007),
    fails(
      {
        title: `fails on ${what} within text, sent octet by octet`,
        holds: invalid,
        items: [text(framed)],
        cut: octetWise,
      },
      1007,
    ),
    fails(
      {
        title: `fails on ${what} cut into fragments of one byte`,
        holds: invalid,
        items: fragment(framed, Opcode.Text, framed.length),
      },
      1007,
    ),
    steps(
      { title: `fails on ${what} in a first fragment, without waiting for the last`, holds: invalid },
      [send([text(framed, unfinished)]), expectFailure, send([continuation('more')])],
      { type: 'fails', codes: [1007] },
    ),
  ];
}

function ofCutShort([what, digits]: readonly [what: string, hex: string]): CaseDraft[] {
  return [
    fails(
      { title: `fails on a message that ends with ${what}`, holds: invalid, items: [text(hex(digits))] },
      1007,
    ),
    fails(
      {
        title: `fails on a fragmented message that ends with ${what}`,
        holds: invalid,
        items: [text('begun', unfinished), continuation(hex(digits))],
      },
      1007,
    ),
    fails(
      {
        title: `fails on ${what} completed by an empty last fragment`,
        holds: invalid,
        items: [text(hex(digits), unfinished), continuation('')],
      },
      1007,
    ),
    fails(
      {
        title: `does not complete ${what} by the message behind`,
        holds: [...invalid, 'receive-next-message'],
        items: [text(hex(digits)), text('x')],
      },
      1007,
    ),
  ];
}

export const utf8 = family(6, 'UTF-8', [
  ...codePoints.map(ofCodePoint),
  ...words.map((word) =>
    answers(
      { title: `echoes “${word}”, sent octet by octet`, holds: valid, items: [text(word)], cut: octetWise },
      [word],
    ),
  ),
  answers(
    {
      title: 'echoes all code points of the table as one message',
      holds: valid,
      items: [text(String.fromCodePoint(...codePoints))],
    },
    [String.fromCodePoint(...codePoints)],
  ),
  answers(
    {
      title: 'echoes text of 4-byte sequences in fragments of 3 bytes',
      holds: valid,
      items: () => fragment(Buffer.from('😀'.repeat(300)), Opcode.Text, 400),
    },
    ['😀'.repeat(300)],
  ),
  answers(
    {
      title: 'echoes text of 3-byte sequences in fragments of one byte, sent octet by octet',
      holds: valid,
      items: () => fragment(Buffer.from('€'.repeat(20)), Opcode.Text, 60),
      cut: octetWise,
    },
    ['€'.repeat(20)],
  ),
  answers(
    {
      title: 'echoes 70,000 bytes of mixed text in pieces of 1,021',
      holds: valid,
      items: () => [text(mixed.repeat(6364))],
      cut: { type: 'pieces', length: 1021 },
    },
    () => [mixed.repeat(6364)],
  ),
  ...Array.from({ length: Buffer.from(mixed).length - 1 }, (_, i) => i + 1).flatMap(ofSplit),
  ...malformed.flatMap(ofMalformed),
  ...cutShort.flatMap(ofCutShort),
  steps(
    {
      title: 'fails on a byte that cannot stand in UTF-8 before the frame it stands in is complete',
      holds: invalid,
      role: 'server',
    },
    // The frame announces 1,000 bytes; the first of them is wrong and the others are held back.
    () => [
      send([{ raw: Buffer.concat([hex('81fe03e800000000'), hex('ff'), Buffer.from('text')]) }]),
      expectFailure,
      send([{ raw: Buffer.alloc(995, 0x20) }]),
    ],
    { type: 'fails', codes: [1007] },
  ),
  steps(
    {
      title: 'fails on a byte that cannot stand in UTF-8 before the frame it stands in is complete',
      holds: invalid,
      role: 'client',
    },
    () => [
      send([{ raw: Buffer.concat([hex('817e03e8'), hex('ff'), Buffer.from('text')]) }]),
      expectFailure,
      send([{ raw: Buffer.alloc(995, 0x20) }]),
    ],
    { type: 'fails', codes: [1007] },
  ),
  steps(
    {
      title: 'fails on the second byte of a surrogate in a first fragment, without waiting for the third',
      holds: invalid,
    },
    [send([text(hex('eda0'), unfinished)]), expectFailure, send([continuation(hex('80'))])],
    { type: 'fails', codes: [1007] },
  ),
  steps(
    {
      title:
        'fails on the second byte of a code point beyond U+10FFFF in a first fragment, without waiting for more',
      holds: invalid,
    },
    [send([text(hex('f490'), unfinished)]), expectFailure, send([continuation(hex('8080'))])],
    { type: 'fails', codes: [1007] },
  ),
  steps(
    {
      title:
        'fails on the second byte of an overlong sequence in a first fragment, without waiting for the third',
      holds: invalid,
    },
    [send([text(hex('e080'), unfinished)]), expectFailure, send([continuation(hex('af'))])],
    { type: 'fails', codes: [1007] },
  ),
  steps(
    {
      title: 'echoes messages until one is not UTF-8, and nothing behind it',
      holds: [...invalid, 'fail-stops-processing'],
    },
    [
      send([text('first'), text('second')]),
      awaitAnswers({ messages: 2 }),
      send([text(hex('c328')), text('behind')]),
    ],
    { type: 'fails', codes: [1007], messages: ['first', 'second'] },
  ),
  fails(
    {
      title: 'fails on invalid UTF-8 at the end of 100,000 bytes of text',
      holds: invalid,
      items: () => [text(Buffer.concat([Buffer.from(ascii(100_000)), hex('c0')]))],
    },
    1007,
  ),
  fails(
    {
      title: 'fails on invalid UTF-8 at the beginning of 100,000 bytes of text',
      holds: invalid,
      items: () => [text(Buffer.concat([hex('c0'), Buffer.from(ascii(100_000))]))],
    },
    1007,
  ),
]);
