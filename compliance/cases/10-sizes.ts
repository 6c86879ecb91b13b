/** Family 10: large messages up to 16 MiB, in one frame or many, in TCP pieces of many sizes (RFC 6455 §5.4, §10.4). */

import { type CaseDraft, family } from '../case.ts';
import { fragment } from '../wire/conversation.ts';
import { type Cut, frameWise } from '../wire/cut.ts';
import { Opcode } from '../wire/frame.ts';
import { answers, ascii, binary, bytes, text } from './frames.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Up to this length a case belongs to the quick run. */
const QUICK_LENGTH = 256 * KIB;

const whole = ['receive-frames', 'frames-transmitted'] as const;
const assembled = ['both-kinds-of-messages', 'fragments-in-order'] as const;

function nameOf(length: number): string {
  return length >= MIB ? `${length / MIB} MiB` : `${length / KIB} KiB`;
}

function inOneFrame(length: number): CaseDraft[] {
  const isSlow = length > QUICK_LENGTH;
  return [
    answers(
      {
        title: `echoes a text message of ${nameOf(length)} in one frame`,
        holds: whole,
        items: () => [text(ascii(length))],
        isSlow,
      },
      () => [ascii(length)],
    ),
    answers(
      {
        title: `echoes a binary message of ${nameOf(length)} in one frame`,
        holds: whole,
        items: () => [binary(bytes(length))],
        isSlow,
      },
      () => [bytes(length)],
    ),
  ];
}

function inFragments(length: number, fragmentLength: number): CaseDraft[] {
  const isSlow = length > QUICK_LENGTH;
  const count = length / fragmentLength;
  const name = fragmentLength < KIB ? `${fragmentLength} bytes` : nameOf(fragmentLength);
  return [
    answers(
      {
        title: `echoes a text message of ${nameOf(length)} in fragments of ${name}`,
        holds: assembled,
        items: () => fragment(Buffer.from(ascii(length)), Opcode.Text, count),
        isSlow,
      },
      () => [ascii(length)],
    ),
    answers(
      {
        title: `echoes a binary message of ${nameOf(length)} in fragments of ${name}`,
        holds: assembled,
        items: () => fragment(bytes(length), Opcode.Binary, count),
        isSlow,
      },
      () => [bytes(length)],
    ),
  ];
}

function inPieces(length: number, pieceLength: number): CaseDraft[] {
  const cut: Cut = { type: 'pieces', length: pieceLength };
  const isSlow = length > QUICK_LENGTH;
  return [
    answers(
      {
        title: `echoes a text message of ${nameOf(length)} in TCP pieces of ${pieceLength} bytes`,
        holds: whole,
        items: () => [text(ascii(length))],
        cut,
        isSlow,
      },
      () => [ascii(length)],
    ),
    answers(
      {
        title: `echoes a binary message of ${nameOf(length)} in TCP pieces of ${pieceLength} bytes`,
        holds: whole,
        items: () => [binary(bytes(length))],
        cut,
        isSlow,
      },
      () => [bytes(length)],
    ),
  ];
}

const sizes = [64, 128, 256, 512, KIB, 2 * KIB, 4 * KIB, 8 * KIB, 16 * KIB].map((kib) => kib * KIB);
const fragmentLengths = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const pieceLengths = [64, 128, 256, 512, 1024, 2048, 4096, 16_384, 65_536];

export const sizesFamily = family(10, 'Sizes', [
  ...sizes.flatMap(inOneFrame),
  ...fragmentLengths
    .filter((length) => length <= 64 * KIB)
    .flatMap((length) => inFragments(256 * KIB, length)),
  ...fragmentLengths.filter((length) => length >= KIB).flatMap((length) => inFragments(4 * MIB, length)),
  ...[64 * KIB, MIB, 4 * MIB].flatMap((length) => inFragments(16 * MIB, length)),
  ...pieceLengths.flatMap((length) => inPieces(128 * KIB, length)),
  ...pieceLengths.filter((length) => length >= 512).flatMap((length) => inPieces(MIB, length)),
  ...[4096, 65_536].flatMap((length) => inPieces(16 * MIB, length)),
  answers(
    {
      title: 'echoes ten messages of 16 KiB to 160 KiB, sent at once',
      holds: whole,
      items: () => tenMessages().map((each) => binary(each)),
    },
    tenMessages,
  ),
  answers(
    {
      title: 'echoes ten messages of 16 KiB to 160 KiB, sent frame by frame',
      holds: whole,
      items: () => tenMessages().map((each) => binary(each)),
      cut: frameWise,
    },
    tenMessages,
  ),
  answers(
    {
      title: 'echoes four messages of 4 MiB, sent at once',
      holds: whole,
      items: () => fourMessages().map((each) => binary(each)),
      isSlow: true,
    },
    fourMessages,
  ),
]);

function tenMessages(): Buffer[] {
  return Array.from({ length: 10 }, (_, i) => bytes((i + 1) * 16 * KIB, i));
}

function fourMessages(): Buffer[] {
  return Array.from({ length: 4 }, (_, i) => bytes(4 * MIB, i));
}
