/** Family 5: fragmented messages, what may stand between the fragments and what may not (RFC 6455 §5.4). */

import { type CaseDraft, family } from '../case.ts';
import { fragment } from '../wire/conversation.ts';
import { type Cut, frameWise, octetWise, whole } from '../wire/cut.ts';
import { type Frame, Opcode } from '../wire/frame.ts';
import {
  answers,
  ascii,
  awaitAnswers,
  binary,
  bytes,
  close,
  closes,
  continuation,
  fails,
  ping,
  pong,
  send,
  steps,
  text,
  unfinished,
} from './frames.ts';

const assembled = ['both-kinds-of-messages', 'fragments-in-order', 'fragments-of-one-type'] as const;
const between = ['control-frames-between-fragments', 'ping-answered'] as const;
const sequence = ['no-interleaving'] as const;
const cuts: readonly (readonly [name: string, cut: Cut])[] = [
  ['at once', whole],
  ['frame by frame', frameWise],
  ['octet by octet', octetWise],
];
const sentence = 'A message in pieces is one message.';

function cutInAllWays(make: (name: string, cut: Cut) => CaseDraft): CaseDraft[] {
  return cuts.map(([name, cut]) => make(name, cut));
}

function inFragments(count: number): CaseDraft[] {
  return [
    answers(
      {
        title: `echoes a text message in ${count} fragments`,
        holds: assembled,
        items: () => fragment(Buffer.from(ascii(1000)), Opcode.Text, count),
      },
      () => [ascii(1000)],
    ),
    answers(
      {
        title: `echoes a binary message in ${count} fragments`,
        holds: assembled,
        items: () => fragment(bytes(1000), Opcode.Binary, count),
      },
      () => [bytes(1000)],
    ),
  ];
}

/** Sequences that are in order, and what they come to. */
const valid: readonly (readonly [title: string, items: readonly Frame[], message: string])[] = [
  ['whose first fragment is empty', [text('', unfinished), continuation(sentence)], sentence],
  ['whose last fragment is empty', [text(sentence, unfinished), continuation('')], sentence],
  [
    'whose middle fragment is empty',
    [text('A', unfinished), continuation('', unfinished), continuation('B')],
    'AB',
  ],
  [
    'all of whose fragments are empty',
    [text('', unfinished), continuation('', unfinished), continuation('')],
    '',
  ],
  [
    'in fragments of very different lengths',
    [
      text('x', unfinished),
      continuation(ascii(70_000), unfinished),
      continuation('y', unfinished),
      continuation(ascii(130)),
    ],
    `x${ascii(70_000)}y${ascii(130)}`,
  ],
];

/** Sequences that are out of order: what is sent and what has been whole before. */
const invalid: readonly (readonly [title: string, items: readonly Frame[], messages: readonly string[]])[] = [
  ['a continuation frame that continues nothing', [continuation('nothing')], []],
  ['an empty continuation frame that continues nothing', [continuation('')], []],
  ['an unfinished continuation frame that continues nothing', [continuation('nothing', unfinished)], []],
  ['a continuation frame behind a whole message', [text('whole'), continuation('more')], ['whole']],
  [
    'a continuation frame behind a fragmented message',
    [text('who', unfinished), continuation('le'), continuation('more')],
    ['whole'],
  ],
  ['a continuation frame behind a Pong', [pong('pong'), continuation('nothing')], []],
  ['a text frame inside a text message', [text('begun', unfinished), text('another')], []],
  [
    'an unfinished text frame inside a text message',
    [text('begun', unfinished), text('another', unfinished)],
    [],
  ],
  ['a binary frame inside a text message', [text('begun', unfinished), binary('another')], []],
  ['a text frame inside a binary message', [binary('begun', unfinished), text('another')], []],
  ['a binary frame inside a binary message', [binary('begun', unfinished), binary('another')], []],
  ['an empty text frame inside a text message', [text('begun', unfinished), text('')], []],
  [
    'a text frame behind two fragments',
    [text('a', unfinished), continuation('b', unfinished), text('c')],
    [],
  ],
];

const fragmentedControl: readonly (readonly [title: string, frame: Frame])[] = [
  ['a Ping with FIN unset', ping('fragment', unfinished)],
  ['an empty Ping with FIN unset', ping('', unfinished)],
  ['a Pong with FIN unset', pong('fragment', unfinished)],
  ['a Close frame with FIN unset', close(1000, '', unfinished)],
  ['an empty Close frame with FIN unset', close(undefined, '', unfinished)],
];

const interjected = [
  text('one ', unfinished),
  ping('1'),
  continuation('two ', unfinished),
  ping('2'),
  continuation('three'),
];

export const fragmentation = family(5, 'Fragmentation', [
  ...[2, 3, 4, 5, 8, 16, 64, 100, 250, 500, 1000].flatMap(inFragments),
  ...cutInAllWays((name, cut) =>
    answers(
      {
        title: `echoes a message of 1,000 one-byte fragments, sent ${name}`,
        holds: assembled,
        items: () => fragment(bytes(1000), Opcode.Binary, 1000),
        cut,
      },
      () => [bytes(1000)],
    ),
  ),
  ...valid.flatMap(([title, items, message]) =>
    cuts
      .slice(0, 2)
      .map(([name, cut]) =>
        answers({ title: `echoes a message ${title}, sent ${name}`, holds: assembled, items, cut }, [
          message,
        ]),
      ),
  ),
  ...invalid.flatMap(([title, items, messages]) =>
    cutInAllWays((name, cut) =>
      fails({ title: `fails on ${title}, sent ${name}`, holds: sequence, items, cut }, 1002, messages),
    ),
  ),
  ...fragmentedControl.flatMap(([title, frame]) => [
    fails({ title: `fails on ${title}`, holds: ['control-frames-whole'], items: [frame] }, 1002),
    fails(
      {
        title: `fails on ${title} that is continued`,
        holds: ['control-frames-whole'],
        items: [frame, continuation('rest')],
        cut: frameWise,
      },
      1002,
    ),
    fails(
      {
        title: `fails on ${title} inside a message`,
        holds: ['control-frames-whole'],
        items: [text('begun', unfinished), frame, continuation('ended')],
      },
      1002,
    ),
  ]),
  ...cutInAllWays((name, cut) =>
    answers(
      {
        title: `answers Pings between fragments and echoes the message, sent ${name}`,
        holds: between,
        items: interjected,
        cut,
      },
      ['one two three'],
      ['1', '2'],
    ),
  ),
  ...cutInAllWays((name, cut) =>
    answers(
      {
        title: `ignores Pongs between fragments and echoes the message, sent ${name}`,
        holds: ['control-frames-between-fragments'],
        items: [text('a', unfinished), pong('!'), continuation('b', unfinished), pong(), continuation('c')],
        cut,
      },
      ['abc'],
    ),
  ),
  answers(
    {
      title: 'answers a Ping between every two of 100 fragments, the latest at least',
      holds: between,
      items: () =>
        fragment(bytes(100), Opcode.Binary, 100).flatMap((each, i) => [
          each,
          ...(i < 99 ? [ping(`${i}`)] : []),
        ]),
    },
    () => [bytes(100)],
    Array.from({ length: 99 }, (_, i) => `${i}`),
  ),
  steps(
    {
      title: 'answers a Ping inside a message before the message is complete',
      holds: [...between, 'ping-answered-soon'],
    },
    [
      send([text('begun ', unfinished), ping('now')]),
      awaitAnswers({ pongs: 1 }),
      send([continuation('ended')]),
    ],
    { type: 'echoes', messages: ['begun ended'], pongs: ['now'] },
  ),
  steps(
    {
      title: 'answers a Ping of 125 bytes inside a message before the message is complete',
      holds: [...between, 'ping-answered-soon'],
    },
    [
      send([binary(bytes(300), unfinished), ping(bytes(125))], octetWise),
      awaitAnswers({ pongs: 1 }),
      send([continuation('')]),
    ],
    { type: 'echoes', messages: [bytes(300)], pongs: [bytes(125)] },
  ),
  ...cutInAllWays((name, cut) =>
    closes(
      {
        title: `answers a Close frame inside a message and drops what was begun, sent ${name}`,
        holds: ['close-answered', 'control-frames-between-fragments'],
        items: [text('begun', unfinished), close(1000)],
        cut,
      },
      [1000],
    ),
  ),
  closes(
    {
      title: 'ignores a continuation frame behind the Close frame that interrupts its message',
      holds: ['close-answered', 'no-data-after-close'],
      items: [text('begun', unfinished), close(1000), continuation('ended')],
    },
    [1000],
  ),
  answers(
    {
      title: 'echoes fragmented and unfragmented messages in turn',
      holds: [...assembled, 'receive-next-message'],
      items: [
        text('a', unfinished),
        continuation('b'),
        text('c'),
        binary('d', unfinished),
        continuation('e', unfinished),
        continuation('f'),
        binary('g'),
      ],
    },
    ['ab', 'c', Buffer.from('def'), Buffer.from('g')],
  ),
  ...[1, 2, 3, 4, 5, 6].map((seed) =>
    answers(
      {
        title: `echoes five fragmented messages of 20,000 bytes in random pieces (seed ${seed})`,
        holds: assembled,
        items: () =>
          [1, 2, 3, 4, 5].flatMap((each) => fragment(bytes(20_000, each), Opcode.Binary, 3 * each)),
        cut: { type: 'random', seed, maxLength: 1500 },
      },
      () => [1, 2, 3, 4, 5].map((each) => bytes(20_000, each)),
    ),
  ),
]);
