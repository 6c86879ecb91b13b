/** Family 3: reserved bits that no extension has defined, in every combination and on every frame (RFC 6455 §5.2). */

import { type CaseDraft, family } from '../case.ts';
import { octetWise } from '../wire/cut.ts';
import { encodeFrame, type Frame } from '../wire/frame.ts';
import {
  binary,
  close,
  continuation,
  expectFailure,
  fails,
  ping,
  pong,
  send,
  steps,
  text,
  unfinished,
} from './frames.ts';

const holds = ['reserved-bits-fail'] as const;
const names = [
  'none',
  'RSV3',
  'RSV2',
  'RSV2 and RSV3',
  'RSV1',
  'RSV1 and RSV3',
  'RSV1 and RSV2',
  'all three',
];
const combinations = [1, 2, 3, 4, 5, 6, 7];

const frames: readonly (readonly [name: string, frame: (reserved: number) => Frame])[] = [
  ['a text frame', (reserved) => text('reserved', { reserved })],
  ['an empty text frame', (reserved) => text('', { reserved })],
  ['a binary frame', (reserved) => binary('reserved', { reserved })],
  ['a Ping', (reserved) => ping('reserved', { reserved })],
  ['a Pong', (reserved) => pong('reserved', { reserved })],
  ['a Close frame', (reserved) => close(1000, '', { reserved })],
];

function perCombination(make: (reserved: number, name: string) => CaseDraft): CaseDraft[] {
  return combinations.map((reserved) => make(reserved, names[reserved] ?? ''));
}

export const reservedBits = family(3, 'Reserved bits', [
  ...frames.flatMap(([frameName, frame]) =>
    perCombination((reserved, name) =>
      fails({ title: `fails on ${frameName} with ${name} set`, holds, items: [frame(reserved)] }, 1002),
    ),
  ),
  ...perCombination((reserved, name) =>
    fails(
      {
        title: `fails on a continuation frame with ${name} set`,
        holds,
        items: [text('begun ', unfinished), continuation('ended', { reserved })],
      },
      1002,
    ),
  ),
  ...perCombination((reserved, name) =>
    fails(
      {
        title: `echoes the message before a text frame with ${name} set, then fails, and ignores the Ping behind`,
        holds: [...holds, 'fail-stops-processing'],
        items: [text('good'), text('bad', { reserved }), ping('behind')],
      },
      1002,
      ['good'],
    ),
  ),
  ...perCombination((reserved, name) =>
    fails(
      {
        title: `fails on a text frame with ${name} set, sent octet by octet`,
        holds,
        items: [text('reserved', { reserved })],
        cut: octetWise,
      },
      1002,
    ),
  ),
  ...[4, 2, 1]
    .map((reserved) =>
      steps(
        {
          title: `fails on the header of a text frame with ${names[reserved]} set, before its payload comes`,
          holds,
        },
        // A frame announced and not delivered: whoever waits for all of it finds nothing wrong for ever.
        () => [
          send([{ raw: encodeFrame(text('', { reserved, declaredLength: 100 }), 'client').subarray(0, 2) }]),
          expectFailure,
        ],
        { type: 'fails', codes: [1002] },
      ),
    )
    .map((draft) => ({ ...draft, role: 'server' as const })),
]);
