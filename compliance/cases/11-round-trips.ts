/** Family 11: many messages, one by one and all at once, and segments that end anywhere (RFC 6455 §6). */

import { type CaseDraft, family } from '../case.ts';
import { type Cut, frameWise, octetWise } from '../wire/cut.ts';
import {
  answers,
  ascii,
  awaitAnswers,
  binary,
  bytes,
  continuation,
  ping,
  send,
  steps,
  text,
  unfinished,
} from './frames.ts';

const holds = [
  'send-when-open',
  'frames-transmitted',
  'receive-next-message',
  'clients-stay-connected',
  'clients-close-with-reason',
] as const;

function texts(count: number, length: number): string[] {
  return Array.from({ length: count }, (_, i) => ascii(length, i));
}

function oneByOne(count: number, length: number): CaseDraft {
  const messages = texts(count, length);
  return steps(
    {
      title: `echoes ${count} text messages of ${length} bytes, each sent when the one before was echoed`,
      holds,
      isSlow: count > 500,
    },
    () => messages.flatMap((message, i) => [send([text(message)]), awaitAnswers({ messages: i + 1 })]),
    { type: 'echoes', messages },
  );
}

function allAtOnce(count: number, length: number): CaseDraft {
  const messages = texts(count, length);
  return answers(
    {
      title: `echoes ${count} text messages of ${length} bytes, sent at once`,
      holds,
      items: () => messages.map((each) => text(each)),
    },
    () => messages,
  );
}

/** Messages, Pings and fragments in one stream that is then cut regardless of frames. */
const stream = [
  text('first'),
  ping('1'),
  binary(bytes(200)),
  text('second, ', unfinished),
  ping('2'),
  continuation('in two'),
  binary(''),
  binary(bytes(3000)),
  ping('3'),
  text('last'),
];
const streamMessages = ['first', bytes(200), 'second, in two', Buffer.alloc(0), bytes(3000), 'last'];

function streamCut(name: string, cut: Cut): CaseDraft {
  return answers(
    {
      title: `follows a stream of messages, fragments and Pings cut ${name}`,
      holds: [...holds, 'receive-frames', 'ping-answered'],
      items: stream,
      cut,
    },
    streamMessages,
    ['1', '2', '3'],
  );
}

export const roundTrips = family(11, 'Round trips', [
  ...[0, 1, 64, 256, 1024, 4096, 16_384].map((length) => oneByOne(100, length)),
  oneByOne(1000, 16),
  oneByOne(1000, 4096),
  ...[10, 100, 1000].map((count) => allAtOnce(count, 20)),
  ...[0, 125, 126, 1000, 10_000].map((length) => allAtOnce(100, length)),
  streamCut('frame by frame', frameWise),
  ...[2, 3, 5, 11, 101, 1009, 10_007].map((length) =>
    streamCut(`into pieces of ${length}`, { type: 'pieces', length }),
  ),
  ...Array.from({ length: 12 }, (_, i) => i + 100).map((seed) =>
    streamCut(`into random pieces (seed ${seed})`, {
      type: 'random',
      seed,
      maxLength: 3 ** (1 + (seed % 8)),
    }),
  ),
  ...[2, 3, 4, 5, 6, 7].map((length) =>
    answers(
      {
        title: `takes apart frames whose headers are cut every ${length} bytes`,
        holds: [...holds, 'receive-frames'],
        items: () => headers(),
        cut: { type: 'pieces', length },
      },
      () => headerMessages(),
    ),
  ),
  answers(
    {
      title: 'takes apart frames whose headers come octet by octet',
      holds: [...holds, 'receive-frames'],
      items: () => headers(),
      cut: octetWise,
    },
    () => headerMessages(),
  ),
]);

/** Frames that are little more than header, with every form of length but the longest. */
function headers() {
  return headerMessages().map((message) => binary(message));
}

function headerMessages(): Buffer[] {
  return [0, 1, 0, 126, 0, 125, 1, 127, 0].map((length, i) => bytes(length, i));
}
