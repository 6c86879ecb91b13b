/** Family 2: Pings and Pongs (RFC 6455 §5.5, §5.5.2, §5.5.3). */

import { family } from '../case.ts';
import { frameWise, octetWise } from '../wire/cut.ts';
import {
  answers,
  awaitAnswers,
  binary,
  bytes,
  close,
  closes,
  fails,
  ping,
  pong,
  send,
  steps,
  text,
} from './frames.ts';

const answered = ['ping-answered', 'ping-answered-soon', 'receive-control-frames'] as const;
const short = ['short-control-frames'] as const;

const pingPayloads: readonly (readonly [name: string, payload: string | Buffer])[] = [
  ['an empty Ping', ''],
  ['a Ping of one byte', 'x'],
  ['a Ping of text', 'Are you still there?'],
  ['a Ping of bytes that are not UTF-8', Buffer.from([0, 255, 254, 253, 252, 251, 0])],
  ['a Ping of 124 bytes', bytes(124)],
  ['a Ping of 125 bytes', bytes(125)],
  ['a Ping of 125 zeros', Buffer.alloc(125)],
];

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `ping ${i}`);
const inTurn = (count: number) =>
  numbered(count).flatMap((each, i) => [send([ping(each)]), awaitAnswers({ pongs: i + 1 })]);

export const pingsAndPongs = family(2, 'Pings and Pongs', [
  ...pingPayloads.map(([name, payload]) =>
    answers(
      { title: `answers ${name} with its payload`, holds: answered, items: [ping(payload)] },
      [],
      [payload],
    ),
  ),
  ...pingPayloads.map(([name, payload]) =>
    answers(
      {
        title: `answers ${name}, sent octet by octet`,
        holds: answered,
        items: [ping(payload)],
        cut: octetWise,
      },
      [],
      [payload],
    ),
  ),
  ...[126, 127, 1000, 65_535, 65_536].map((length) =>
    fails({ title: `fails on a Ping of ${length} bytes`, holds: short, items: [ping(bytes(length))] }, 1002),
  ),
  ...[126, 65_536].map((length) =>
    fails({ title: `fails on a Pong of ${length} bytes`, holds: short, items: [pong(bytes(length))] }, 1002),
  ),
  fails(
    {
      title: 'fails on the header of a Ping that announces 126 bytes, before they come',
      holds: short,
      items: [ping('', { declaredLength: 126 })],
    },
    1002,
  ),
  fails(
    {
      title: 'fails on a Ping of 126 bytes, sent octet by octet',
      holds: short,
      items: [ping(bytes(126))],
      cut: octetWise,
    },
    1002,
  ),
  fails(
    {
      title: 'fails on a short Ping with its length in the 16-bit form',
      holds: short,
      items: [ping('hello', { lengthForm: 16 })],
    },
    1002,
  ),
  fails(
    {
      title: 'fails on a short Pong with its length in the 64-bit form',
      holds: short,
      items: [pong('hello', { lengthForm: 64 })],
    },
    1002,
  ),
  ...[2, 10, 50].map((count) =>
    answers(
      {
        title: `answers ${count} Pings sent at once, the latest at least`,
        holds: answered,
        items: numbered(count).map((each) => ping(each)),
      },
      [],
      numbered(count),
    ),
  ),
  answers(
    {
      title: 'answers 10 Pings sent octet by octet',
      holds: answered,
      items: numbered(10).map((each) => ping(each)),
      cut: octetWise,
    },
    [],
    numbered(10),
  ),
  answers(
    {
      title: 'answers 10 Pings sent frame by frame',
      holds: answered,
      items: numbered(10).map((each) => ping(each)),
      cut: frameWise,
    },
    [],
    numbered(10),
  ),
  steps(
    { title: 'answers each of 10 Pings, each sent when the one before was answered', holds: answered },
    inTurn(10),
    { type: 'echoes', pongs: numbered(10) },
  ),
  answers(
    {
      title: 'ignores an unsolicited empty Pong',
      holds: ['receive-control-frames'],
      items: [pong(), text('still here')],
    },
    ['still here'],
  ),
  answers(
    {
      title: 'ignores an unsolicited Pong with a payload',
      holds: ['receive-control-frames'],
      items: [pong('unsolicited'), text('still here')],
    },
    ['still here'],
  ),
  answers(
    {
      title: 'ignores an unsolicited Pong of 125 bytes, sent octet by octet',
      holds: ['receive-control-frames'],
      items: [pong(bytes(125)), text('still here')],
      cut: octetWise,
    },
    ['still here'],
  ),
  answers(
    {
      title: 'ignores 100 unsolicited Pongs',
      holds: ['receive-control-frames'],
      items: [...numbered(100).map((each) => pong(each)), text('still here')],
    },
    ['still here'],
  ),
  answers(
    {
      title: 'answers a Ping behind an unsolicited Pong with the Ping’s payload',
      holds: answered,
      items: [pong('not this'), ping('but this')],
    },
    [],
    ['but this'],
  ),
  answers(
    {
      title: 'answers the Ping and not the Pong that has the same payload',
      holds: answered,
      items: [pong('same'), ping('same'), pong('same')],
    },
    [],
    ['same'],
  ),
  answers(
    {
      title: 'answers Pings between messages and echoes the messages',
      holds: answered,
      items: [ping('a'), text('1'), ping('b'), binary('2'), ping('c')],
    },
    ['1', Buffer.from('2')],
    ['a', 'b', 'c'],
  ),
  answers(
    {
      title: 'answers a Ping right behind a message in the same segment',
      holds: answered,
      items: [text('message'), ping('ping')],
    },
    ['message'],
    ['ping'],
  ),
  closes(
    {
      title: 'answers a Ping that comes before a Close frame in the same segment',
      holds: ['ping-answered', 'close-answered'],
      items: [ping('last'), close(1000)],
    },
    [1000],
    [],
    ['last'],
  ),
  closes(
    {
      title: 'does not answer a Ping that comes behind a Close frame',
      holds: ['close-answered', 'no-data-after-close'],
      items: [close(1000), ping('too late')],
    },
    [1000],
  ),
  closes(
    {
      title: 'ignores a Pong that comes behind a Close frame',
      holds: ['close-answered'],
      items: [close(1000), pong('too late')],
    },
    [1000],
  ),
]);
