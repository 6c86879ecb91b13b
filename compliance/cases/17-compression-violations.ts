/** Family 17: compressed data and reserved bits that break the rules of permessage-deflate (RFC 7692 §6, §7.2). */

import { constants, deflateRawSync } from 'node:zlib';
import { type CaseDraft, type Exchange, family, type Message, type Outcome } from '../case.ts';
import type { RequirementId } from '../requirements/requirements.ts';
import type { Item } from '../wire/conversation.ts';
import { type Cut, frameWise, octetWise } from '../wire/cut.ts';
import type { DeflateParameters } from '../wire/extension-list.ts';
import { ascii, binary, close, continuation, ping, pong, text, unfinished } from './frames.ts';

const rsv1 = { reserved: 4 } as const;
const misplaced = ['only-data-compressed', 'misplaced-rsv1-fails'] as const;
const broken = ['invalid-compression-fails'] as const;
/** What cannot be inflated is inconsistent data, or a broken protocol; the RFC names no code. */
const invalidData = [1007, 1002, 1003];

interface About {
  readonly title: string;
  readonly holds: readonly RequirementId[];
  readonly compression?: DeflateParameters;
  readonly isSlow?: boolean;
}

function trial(
  { title, holds, compression = {}, isSlow = false }: About,
  items: () => readonly Item[],
  outcome: Outcome,
  cut?: Cut,
): CaseDraft {
  const exchange: Exchange = {
    type: 'exchange',
    compression,
    steps: () => [{ type: 'send', items: items(), ...(cut && { cut }) }],
    outcome,
  };
  return { title, holds, isSlow, trial: exchange };
}

/** RFC 7692 does not say whether data that only lacks its end has to be refused; zlib gives what there is. */
function cutShort(what: string, items: readonly Item[]): CaseDraft {
  return trial({ title: `fails on ${what}`, holds: broken }, () => items, {
    type: 'fails',
    codes: invalidData,
    mayTakeIt: true,
  });
}

function fails(
  title: string,
  holds: readonly RequirementId[],
  items: readonly Item[],
  codes: readonly number[],
  messages: readonly Message[] = [],
  cut?: Cut,
): CaseDraft {
  return trial({ title, holds }, () => items, { type: 'fails', codes, messages }, cut);
}

const hello = Buffer.from('f248cdc9c90700', 'hex');

const controlFrames = [
  ['a Ping', ping('Hello', rsv1)],
  ['an empty Ping', ping('', rsv1)],
  ['a Pong', pong('Hello', rsv1)],
  ['a Close frame', close(1000, '', rsv1)],
] as const;

/** Payloads that no inflater can make anything of, in hex. */
const malformed: readonly (readonly [what: string, hex: string])[] = [
  ['a block of the reserved type', '06'],
  ['a block of the reserved type with BFINAL set', '07'],
  ['a stored block whose length does not match its complement', '000500ffff48656c6c6f00'],
  ['a match that reaches behind the beginning', '0205'],
  ['noise', 'ffffffffffffffffffff'],
  ['plain text marked as compressed', Buffer.from('Hello, world').toString('hex')],
  ['a dynamic block whose code is over-subscribed', '05e0ffffffffffffffff'],
  ['the sample with its first byte damaged', '7e48cdc9c90700'],
];

function damaged(what: string, damage: (compressed: Buffer) => Buffer): CaseDraft {
  return trial(
    { title: `fails on a message of 3,000 bytes ${what}`, holds: broken },
    () => [{ deflate: ascii(3000), damage }],
    { type: 'fails', codes: invalidData },
  );
}

/** A message of zeros that is very much smaller on the wire. */
function bomb(length: number): Buffer {
  const chunk = Buffer.alloc(Math.min(length, 1 << 20));
  const deflated = deflateRawSync(chunk, { finishFlush: constants.Z_FULL_FLUSH, level: 9 });
  // Behind a full flush a block depends on nothing before it, so the same one serves again and again.
  const all = Buffer.concat(new Array<Buffer>(length / chunk.length).fill(deflated));
  return all.subarray(0, all.length - 4);
}

function bombCase(length: number, name: string, fragments: number): CaseDraft {
  return trial(
    {
      title: `stops inflating ${name} of zeros, sent in ${fragments === 1 ? 'one frame' : `${fragments} fragments`}`,
      holds: ['limits-protect', 'limits-imposed'],
      isSlow: length > 1 << 28,
    },
    () => {
      const payload = bomb(length);
      const step = Math.ceil(payload.length / fragments);
      return Array.from({ length: fragments }, (_, i) => ({
        opcode: i === 0 ? 2 : 0,
        payload: payload.subarray(i * step, (i + 1) * step),
        fin: i === fragments - 1,
        reserved: i === 0 ? 4 : 0,
      }));
    },
    { type: 'fails', codes: [1009, 1008, 1011] },
  );
}

const MIB = 1 << 20;

export const compressionViolations = family(17, 'Compression: violations', [
  ...controlFrames.flatMap(([what, frame]) => [
    fails(`fails on ${what} with RSV1 set`, misplaced, [frame], [1002]),
    fails(
      `fails on ${what} with RSV1 set inside a compressed message`,
      misplaced,
      [text(hello.subarray(0, 3), { ...rsv1, fin: false }), frame, continuation(hello.subarray(3))],
      [1002],
      [],
      frameWise,
    ),
  ]),
  fails(
    'fails on a continuation frame with RSV1 set in a compressed message',
    misplaced,
    [text(hello.subarray(0, 3), { ...rsv1, fin: false }), continuation(hello.subarray(3), rsv1)],
    [1002],
  ),
  fails(
    'fails on a continuation frame with RSV1 set in a plain message',
    misplaced,
    [text('plain', unfinished), continuation(hello, rsv1)],
    [1002],
  ),
  fails(
    'fails on an empty continuation frame with RSV1 set',
    misplaced,
    [text(hello, { ...rsv1, fin: false }), continuation('', rsv1)],
    [1002],
  ),
  fails(
    'fails on a continuation frame with RSV1 set that continues nothing',
    [...misplaced, 'no-interleaving'],
    [continuation(hello, rsv1)],
    [1002],
  ),
  ...[1, 2, 3, 5, 6, 7].flatMap((reserved) => [
    fails(
      `fails on a compressed text frame with reserved bits ${reserved.toString(2).padStart(3, '0')}`,
      ['reserved-bits-fail'],
      [text(hello, { reserved })],
      [1002],
    ),
    fails(
      `fails on a compressed binary frame with reserved bits ${reserved.toString(2).padStart(3, '0')}, sent octet by octet`,
      ['reserved-bits-fail'],
      [binary(hello, { reserved })],
      [1002],
      [],
      octetWise,
    ),
  ]),
  ...[3, 7, 11, 15].map((opcode) =>
    fails(
      `fails on reserved opcode ${opcode} with RSV1 set`,
      ['unknown-opcode-fails'],
      [{ opcode, payload: hello, ...rsv1 }],
      [1002],
    ),
  ),
  ...malformed.flatMap(([what, hex]) => [
    fails(`fails on ${what}`, broken, [binary(Buffer.from(hex, 'hex'), rsv1)], invalidData),
    fails(
      `echoes what comes before ${what}, then fails`,
      [...broken, 'fail-stops-processing'],
      [{ deflate: 'good' }, text('plain'), binary(Buffer.from(hex, 'hex'), rsv1), { deflate: 'behind' }],
      invalidData,
      ['good', 'plain'],
    ),
  ]),
  damaged('with its bytes in reverse', (compressed) => Buffer.from(compressed).reverse()),
  cutShort('a stored block longer than the message', [
    binary(Buffer.from('00ff0000ff48656c6c6f', 'hex'), rsv1),
  ]),
  cutShort('a stored block cut short in its header', [binary(Buffer.from('000500', 'hex'), rsv1)]),
  cutShort('a dynamic block cut short in its code lengths', [binary(Buffer.from('04', 'hex'), rsv1)]),
  cutShort('3,000 bytes that lack the last 20', [
    { deflate: Buffer.from(ascii(3000)), damage: (all) => all.subarray(0, all.length - 20) },
  ]),
  cutShort('3,000 bytes of which only the first is left', [
    { deflate: Buffer.from(ascii(3000)), damage: (all) => all.subarray(0, 1) },
  ]),
  trial(
    {
      title: 'fails on a match into the message before, where the sender gave up context takeover',
      holds: ['client-no-takeover-obeyed', 'invalid-compression-fails'],
      compression: { client_no_context_takeover: true, server_no_context_takeover: true },
    },
    // The second message (§7.2.3.2) is made of a match into the first.
    () => [text(hello, rsv1), text(Buffer.from('f200110000', 'hex'), rsv1)],
    { type: 'fails', codes: invalidData, messages: ['Hello'], mayTakeIt: true },
  ),
  trial(
    {
      title: 'takes a match into the message before with context takeover',
      holds: ['window-kept-for-takeover'],
    },
    () => [text(hello, rsv1), text(Buffer.from('f200110000', 'hex'), rsv1)],
    { type: 'echoes', messages: ['Hello', 'Hello'] },
  ),
  fails(
    'fails on compressed text that is not UTF-8',
    ['text-is-utf8', 'invalid-utf8-fails'],
    [text(storedBlock(Buffer.from('c328', 'hex')), rsv1)],
    [1007],
  ),
  fails(
    'fails on compressed text that ends inside a character',
    ['text-is-utf8', 'invalid-utf8-fails'],
    [text(storedBlock(Buffer.from('48e282', 'hex')), rsv1)],
    [1007],
  ),
  fails(
    'fails on compressed text that is not UTF-8, in fragments',
    ['text-is-utf8', 'invalid-utf8-fails'],
    [
      text(storedBlock(Buffer.from('eda080', 'hex')).subarray(0, 4), { ...rsv1, fin: false }),
      continuation(storedBlock(Buffer.from('eda080', 'hex')).subarray(4)),
    ],
    [1007],
  ),
  fails(
    'fails on a compressed message inside another',
    ['no-interleaving'],
    [text(hello.subarray(0, 3), { ...rsv1, fin: false }), text(hello, rsv1)],
    [1002],
  ),
  fails(
    'fails on a compressed frame with a length in a form too long',
    ['minimal-length'],
    [text(hello, { ...rsv1, lengthForm: 16 })],
    [1002],
  ),
  bombCase(128 * MIB, '128 MiB', 1),
  bombCase(128 * MIB, '128 MiB', 10),
  bombCase(1024 * MIB, '1 GiB', 1),
  bombCase(1024 * MIB, '1 GiB', 1000),
]);

/** A message of one stored block, its tail taken off. */
function storedBlock(bytes: Buffer): Buffer {
  const { length } = bytes;
  return Buffer.concat([Buffer.of(0, length, 0, length ^ 0xff, 0xff), bytes, Buffer.of(0)]);
}
