/** Family 1: text and binary frames of every length at which the header changes, cut in every way (RFC 6455 §5.2). */

import { type CaseDraft, family } from '../case.ts';
import { type Cut, frameWise, octetWise } from '../wire/cut.ts';
import { answers, ascii, binary, bytes, text } from './frames.ts';

/** Around the ends of the 7-bit and the 16-bit form, around powers of two, and the masking key's period. */
const lengths = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 31, 63, 64, 100, 124, 125, 126, 127, 128, 129, 255, 256, 1000, 4095,
  4096, 16_383, 65_533, 65_534, 65_535, 65_536, 65_537, 65_538, 100_000,
];
const octetWiseLengths = [0, 1, 125, 126, 127, 128, 256];
const largeLengths = [65_535, 65_536, 131_072];
const pieceLengths = [2, 3, 7, 13, 127, 997, 1460, 4096];

const holds = ['receive-frames', 'receive-type', 'send-in-frames', 'minimal-length'] as const;

function ofLengths(cutName: string, cut: Cut | undefined, list: readonly number[]): CaseDraft[] {
  return list.flatMap((length) => [
    answers(
      {
        title: `echoes a text message of ${length} bytes${cutName}`,
        holds,
        items: () => [text(ascii(length))],
        ...(cut && { cut }),
      },
      () => [ascii(length)],
    ),
    answers(
      {
        title: `echoes a binary message of ${length} bytes${cutName}`,
        holds,
        items: () => [binary(bytes(length))],
        ...(cut && { cut }),
      },
      () => [bytes(length)],
    ),
  ]);
}

const texts = [
  'å',
  'é€😀',
  'Привет, мир',
  '안녕하세요',
  '\u0000',
  '\u{10ffff}',
  '\ufeffwith a byte order mark',
  '\r\n\t',
];

export const framing = family(1, 'Framing', [
  ...ofLengths('', undefined, lengths),
  ...ofLengths(', sent octet by octet', octetWise, octetWiseLengths),
  ...pieceLengths.flatMap((length) =>
    ofLengths(`, sent in pieces of ${length}`, { type: 'pieces', length }, [length < 100 ? 5000 : 65_536]),
  ),
  ...[1, 2, 3, 4].flatMap((seed) =>
    ofLengths(
      `, sent in random pieces (seed ${seed})`,
      { type: 'random', seed, maxLength: 2000 },
      largeLengths.slice(0, 1),
    ),
  ),
  ...texts.map((message) =>
    answers(
      {
        title: `echoes the text ${JSON.stringify(message)} unchanged`,
        holds: [...holds, 'text-is-utf8'],
        items: [text(message)],
      },
      [message],
    ),
  ),
  answers(
    {
      title: 'echoes all 256 bytes unchanged in a binary message',
      holds,
      items: [binary(Uint8Array.from({ length: 256 }, (_, i) => i))],
    },
    [Uint8Array.from({ length: 256 }, (_, i) => i)],
  ),
  answers(
    {
      title: 'echoes invalid UTF-8 in a binary message, which may hold anything',
      holds,
      items: [binary(Uint8Array.of(0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80))],
    },
    [Uint8Array.of(0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80)],
  ),
  answers(
    {
      title: 'keeps text and binary apart in a sequence of both, sent at once',
      holds: ['receive-type', 'receive-next-message'],
      items: [text('one'), binary('two'), text(''), binary(''), text('five'), binary('six')],
    },
    ['one', Buffer.from('two'), '', Buffer.alloc(0), 'five', Buffer.from('six')],
  ),
  answers(
    {
      title: 'keeps text and binary apart in a sequence of both, sent frame by frame',
      holds: ['receive-type', 'receive-next-message'],
      items: [binary('1'), text('2'), binary('3'), text('4')],
      cut: frameWise,
    },
    [Buffer.from('1'), '2', Buffer.from('3'), '4'],
  ),
]);
