/** Family 16: messages compressed with permessage-deflate (RFC 7692 §6, §7.2). */

import { type CaseDraft, type Exchange, family, type Message, type Outcome, type Step } from '../case.ts';
import type { RequirementId } from '../requirements/requirements.ts';
import type { CompressedMessage, Item } from '../wire/conversation.ts';
import { type Cut, frameWise, octetWise, randomIntegers } from '../wire/cut.ts';
import type { Blocks } from '../wire/deflate-context.ts';
import { type DeflateParameters, formatDeflate } from '../wire/extension-list.ts';
import {
  awaitAnswers,
  binary,
  bytes,
  close,
  continuation,
  ping,
  pong,
  send,
  text,
  unfinished,
} from './frames.ts';

const inflated = [
  'marked-message-inflated',
  'inflated-with-tail',
  'compressed-with-deflate',
  'compressed-message-marked',
] as const;
const takeover = ['window-kept-for-takeover', ...inflated] as const;

interface About {
  readonly title: string;
  readonly holds?: readonly RequirementId[];
  readonly compression?: DeflateParameters;
  readonly isSlow?: boolean;
}

function compressed(
  { title, holds = inflated, compression = {}, isSlow = false }: About,
  steps: () => readonly Step[],
  outcome: Outcome,
): CaseDraft {
  const trial: Exchange = { type: 'exchange', compression, steps, outcome };
  return { title, holds, isSlow, trial };
}

/** Messages sent compressed are echoed. */
function echoes(
  about: About,
  messages: () => readonly Message[],
  options: Omit<CompressedMessage, 'deflate'> = {},
  cut?: Cut,
): CaseDraft {
  return compressed(
    about,
    () => [
      send(
        messages().map((deflate) => ({ deflate, ...options })),
        cut,
      ),
    ],
    { type: 'echoes', messages },
  );
}

function echoesItems(
  about: About,
  items: readonly Item[],
  messages: readonly Message[],
  pongs: readonly Message[] = [],
  cut?: Cut,
): CaseDraft {
  return compressed(about, () => [send(items, cut)], { type: 'echoes', messages, pongs });
}

const sentences = [
  'Price 101.25 volume 300 ',
  'Price 101.50 volume 200 ',
  'bid 101.00 ask 101.75 ',
  'The market is open. ',
  'Price 101.25 volume 100 ',
];

/** Text that compresses as text does. */
function prose(length: number, seed = 0): string {
  const random = randomIntegers(seed);
  let result = '';
  while (result.length < length) result += sentences[random() % sentences.length] ?? '';
  return result.slice(0, length);
}

/** Bytes that do not compress. */
function noise(length: number, seed = 1): Buffer {
  const random = randomIntegers(seed);
  const result = Buffer.alloc(length);
  for (let i = 0; i < length; i++) result[i] = random() & 0xff;
  return result;
}

const sizes = [
  1, 2, 3, 8, 16, 64, 125, 126, 127, 256, 511, 512, 513, 1024, 4096, 8192, 16_384, 32_767, 32_768, 32_769,
  65_535, 65_536, 131_072,
];
/** The largest leaves room for what DEFLATE adds to bytes that do not compress, within a limit of 16 MiB. */
/** zlib refers no further back than 262 bytes less than its window. */
const FAR_BACK = 32_768 - 262;
const slowSizes = [1 << 20, 4 << 20, 15 << 20];

function ofSize(length: number): CaseDraft[] {
  const isSlow = slowSizes.includes(length);
  return [
    echoes({ title: `echoes compressed text of ${length} bytes`, isSlow }, () => [prose(length)]),
    echoes({ title: `echoes compressed bytes of ${length} bytes that do not compress`, isSlow }, () => [
      noise(length),
    ]),
  ];
}

const blocks: readonly (readonly [name: string, blocks: Blocks])[] = [
  ['dynamic', 'dynamic'],
  ['fixed', 'fixed'],
  ['stored', 'stored'],
  ['match-free', 'literals'],
  ['final', 'final'],
];

function ofBlocks([name, kind]: readonly [name: string, blocks: Blocks]): CaseDraft[] {
  const holds: readonly RequirementId[] = ['every-block-type-inflated', 'final-block-padded', ...inflated];
  return [
    echoes({ title: `echoes a message of ${name} blocks`, holds }, () => [prose(3000)], { blocks: kind }),
    echoes({ title: `echoes an empty message of ${name} blocks`, holds }, () => ['', Buffer.alloc(0)], {
      blocks: kind,
    }),
    echoes(
      { title: `echoes 200,000 bytes in ${name} blocks`, holds },
      () => [noise(100_000), prose(100_000)],
      { blocks: kind },
    ),
    echoes(
      {
        title: `echoes three messages of ${name} blocks with context takeover`,
        holds: [...holds, 'window-kept-for-takeover'],
      },
      () => [prose(500), prose(500), prose(500, 1)],
      { blocks: kind },
    ),
  ];
}

function ofWindow(bits: number): CaseDraft[] {
  const messages = (): Message[] => [
    prose(2000),
    prose(2000),
    prose(70_000, 3),
    noise(40_000),
    prose(70_000, 3),
  ];
  const sets: readonly DeflateParameters[] = [
    { server_max_window_bits: bits },
    { client_max_window_bits: bits },
    { server_max_window_bits: bits, client_max_window_bits: bits },
    {
      server_max_window_bits: bits,
      client_max_window_bits: bits,
      server_no_context_takeover: true,
      client_no_context_takeover: true,
    },
  ];
  return sets.map((compression) =>
    echoes(
      {
        title: `echoes messages larger than the window with ${formatDeflate(compression)}`,
        compression,
        holds: ['server-window-obeyed', 'client-window-obeyed', ...takeover],
      },
      messages,
    ),
  );
}

const takeoverSets: readonly DeflateParameters[] = [
  {},
  { server_no_context_takeover: true },
  { client_no_context_takeover: true },
  { server_no_context_takeover: true, client_no_context_takeover: true },
];

function ofTakeover(compression: DeflateParameters): CaseDraft[] {
  const holds: readonly RequirementId[] = [
    'server-no-takeover-obeyed',
    'client-no-takeover-obeyed',
    ...takeover,
  ];
  const name = formatDeflate(compression);
  return [
    echoes({ title: `echoes the same message ten times with ${name}`, compression, holds }, () =>
      Array.from({ length: 10 }, () => prose(700)),
    ),
    echoes({ title: `echoes 100 similar messages with ${name}`, compression, holds }, () =>
      Array.from({ length: 100 }, (_, i) => prose(200, i % 7)),
    ),
    echoes(
      { title: `echoes 100 similar messages in random pieces with ${name}`, compression, holds },
      () => Array.from({ length: 100 }, (_, i) => prose(200, i % 5)),
      {},
      { type: 'random', seed: 4, maxLength: 300 },
    ),
    compressed(
      { title: `echoes 20 messages in turn with ${name}`, compression, holds },
      () =>
        Array.from({ length: 20 }, (_, i) => [
          send([{ deflate: prose(300, i % 3) }]),
          awaitAnswers({ messages: i + 1 }),
        ]).flat(),
      { type: 'echoes', messages: () => Array.from({ length: 20 }, (_, i) => prose(300, i % 3)) },
    ),
    echoesItems(
      {
        title: `echoes compressed and plain messages in turn with ${name}`,
        compression,
        holds: [...holds, 'uncompressed-message-unmarked'],
      },
      [
        { deflate: prose(300) },
        text(prose(300)),
        { deflate: prose(300) },
        binary(bytes(100)),
        { deflate: prose(300) },
        text(''),
      ],
      [prose(300), prose(300), prose(300), bytes(100), prose(300), ''],
    ),
    echoes({ title: `echoes messages with empty ones between them with ${name}`, compression, holds }, () => [
      prose(300),
      '',
      prose(300),
      Buffer.alloc(0),
      '',
      prose(300),
    ]),
    echoes(
      { title: `echoes messages that do not compress between some that do with ${name}`, compression, holds },
      () => [prose(900), noise(900), prose(900), noise(40_000), prose(900)],
    ),
  ];
}

const fragmented: readonly RequirementId[] = [
  'fragments-after-compression',
  'only-data-compressed',
  ...inflated,
];

function ofFragments(fragments: number): CaseDraft[] {
  return [
    echoes(
      { title: `echoes a message compressed and cut into ${fragments} fragments`, holds: fragmented },
      () => [prose(5000)],
      { fragments },
    ),
    echoes(
      {
        title: `answers Pings between ${fragments} compressed fragments`,
        holds: [...fragmented, 'control-frames-between-fragments'],
      },
      () => [prose(5000), noise(5000)],
      { fragments, between: pong('!') },
      frameWise,
    ),
  ];
}

const cuts: readonly (readonly [name: string, cut: Cut])[] = [
  ['octet by octet', octetWise],
  ['frame by frame', frameWise],
  ...[3, 17, 1000].map((length) => [`in pieces of ${length}`, { type: 'pieces', length }] as const),
  ...[1, 2, 3].map(
    (seed) => [`in random pieces (seed ${seed})`, { type: 'random', seed, maxLength: 64 }] as const,
  ),
];

/** The DEFLATE of RFC 7692 §7.2.3, byte for byte, and of other encoders than zlib. */
const samples: readonly (readonly [what: string, hex: string, message: string])[] = [
  ['one fixed block (§7.2.3.1)', 'f248cdc9c90700', 'Hello'],
  ['a stored block (§7.2.3.3)', '000500faff48656c6c6f00', 'Hello'],
  ['a block with BFINAL set (§7.2.3.4)', 'f348cdc9c9070000', 'Hello'],
  ['two blocks (§7.2.3.5)', 'f24805000000ffffcac9c90700', 'Hello'],
  ['the single byte of an empty message (§7.2.3.6)', '00', ''],
  ['an empty fixed block', '0200', ''],
  ['two empty stored blocks', '000000ffff00', ''],
  ['an empty block with BFINAL set', '030000', ''],
  ['two blocks with BFINAL set', 'f348cdc9c90700f348cdc9c9070000', 'HelloHello'],
  ['a stored block with BFINAL set', '010500faff48656c6c6f00', 'Hello'],
];

export const compressedMessages = family(16, 'Compression: messages', [
  ...samples.flatMap(([what, hex, message]) => {
    const frame = text(Buffer.from(hex, 'hex'), { reserved: 4 });
    const holds: readonly RequirementId[] = ['every-block-type-inflated', ...inflated];
    return [
      echoesItems(
        { title: `inflates ${what}`, holds, compression: { client_no_context_takeover: true } },
        [frame],
        [message],
      ),
      echoesItems(
        { title: `inflates ${what}, octet by octet, one octet a fragment`, holds },
        Array.from(Buffer.from(hex, 'hex'), (octet, i) => ({
          ...frame,
          payload: Buffer.of(octet),
          opcode: i === 0 ? 1 : 0,
          reserved: i === 0 ? 4 : 0,
          fin: i === hex.length / 2 - 1,
        })),
        [message],
        [],
        octetWise,
      ),
    ];
  }),
  ...[...sizes, ...slowSizes].flatMap(ofSize),
  ...blocks.flatMap(ofBlocks),
  ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap(ofWindow),
  ...takeoverSets.flatMap(ofTakeover),
  ...[2, 3, 10, 50].flatMap(ofFragments),
  ...cuts.map(([name, cut]) =>
    echoes(
      { title: `echoes compressed messages sent ${name}`, holds: [...takeover, 'receive-frames'] },
      () => [prose(400), noise(300), '', prose(400, 2)],
      { fragments: 2 },
      cut,
    ),
  ),
  echoesItems(
    { title: 'answers Pings before, inside and behind a compressed message', holds: fragmented },
    [ping('1'), { deflate: prose(1000), fragments: 2, between: ping('2') }, ping('3')],
    [prose(1000)],
    ['1', '2', '3'],
  ),
  echoesItems(
    { title: 'takes an empty first fragment that says the message is compressed', holds: fragmented },
    [text('', { fin: false, reserved: 4 }), continuation(Buffer.from('f248cdc9c90700', 'hex'))],
    ['Hello'],
  ),
  echoesItems(
    { title: 'takes a compressed message with an empty last fragment', holds: fragmented },
    [text(Buffer.from('f248cdc9c90700', 'hex'), { fin: false, reserved: 4 }), continuation('')],
    ['Hello'],
  ),
  echoesItems(
    {
      title: 'takes a plain fragmented message between compressed ones',
      holds: [...fragmented, 'uncompressed-message-unmarked'],
    },
    [{ deflate: prose(200) }, text('plain ', unfinished), continuation('fragments'), { deflate: prose(200) }],
    [prose(200), 'plain fragments', prose(200)],
  ),
  echoes(
    {
      title: 'echoes text whose multi-byte characters are cut between compressed fragments',
      holds: [...fragmented, 'text-is-utf8'],
    },
    () => ['日本語テキスト😀'.repeat(40)],
    { blocks: 'stored', fragments: 101 },
  ),
  echoes({ title: 'echoes a million bytes that compress to a few thousand', holds: takeover }, () => [
    Buffer.alloc(1_000_000, 'hawser '),
  ]),
  compressed(
    {
      title: 'echoes a compressed message and answers the Close frame right behind it',
      holds: [...inflated, 'close-answered'],
    },
    () => [send([{ deflate: prose(1000) }, close(1000)])],
    { type: 'closes', codes: [1000], messages: [prose(1000)] },
  ),
  compressed(
    {
      title: 'drops a compressed message that a Close frame interrupts',
      holds: [...fragmented, 'close-answered'],
    },
    () => [send([text(Buffer.from('f248', 'hex'), { fin: false, reserved: 4 }), close(1000)])],
    { type: 'closes', codes: [1000] },
  ),
  echoes(
    {
      title: 'echoes messages that refer back over nearly all of a window that nobody has limited',
      holds: ['full-window-without-limit', ...takeover],
    },
    () => [Buffer.concat([noise(FAR_BACK), noise(FAR_BACK)]), noise(FAR_BACK)],
  ),
]);
