/** Family 9: payload lengths that are not written as they must be, or announce what nobody can send (RFC 6455 §5.2). */

import { type CaseDraft, family } from '../case.ts';
import { octetWise } from '../wire/cut.ts';
import {
  answers,
  ascii,
  binary,
  bytes,
  close,
  continuation,
  fails,
  ping,
  text,
  unfinished,
} from './frames.ts';

const minimal = ['minimal-length'] as const;

function tooLongForm(length: number, form: 16 | 64): CaseDraft[] {
  return [
    fails(
      {
        title: `fails on a text frame of ${length} bytes with its length in the ${form}-bit form`,
        holds: minimal,
        items: () => [text(ascii(length), { lengthForm: form })],
      },
      1002,
    ),
    fails(
      {
        title: `fails on a binary frame of ${length} bytes with its length in the ${form}-bit form, sent octet by octet up to its payload`,
        holds: minimal,
        items: [binary('', { lengthForm: form, declaredLength: length })],
        cut: octetWise,
      },
      1002,
    ),
  ];
}

/** Lengths that may be written and cannot be received: whoever holds back until all is there waits for ever. */
const huge: readonly (readonly [name: string, length: bigint])[] = [
  ['2^31 - 1', 2n ** 31n - 1n],
  ['2^31', 2n ** 31n],
  ['2^32 - 1', 2n ** 32n - 1n],
  ['2^32', 2n ** 32n],
  ['2^32 + 5', 2n ** 32n + 5n],
  ['2^40', 2n ** 40n],
  ['2^53 - 1', 2n ** 53n - 1n],
  ['2^53', 2n ** 53n],
  ['2^53 + 1', 2n ** 53n + 1n],
  ['2^62', 2n ** 62n],
  ['2^63 - 1', 2n ** 63n - 1n],
];
const topBitSet: readonly (readonly [name: string, length: bigint])[] = [
  ['2^63', 2n ** 63n],
  ['2^63 + 5', 2n ** 63n + 5n],
  ['2^64 - 1', 2n ** 64n - 1n],
];
const tooBig = [1009, 1002, 1008];

export const payloadLengths = family(9, 'Payload lengths', [
  ...[0, 1, 5, 124, 125].flatMap((length) => tooLongForm(length, 16)),
  ...[0, 1, 125, 126, 127, 256, 65_534, 65_535].flatMap((length) => tooLongForm(length, 64)),
  fails(
    {
      title: 'fails on a continuation frame with a length in a form too long',
      holds: minimal,
      items: [text('good ', unfinished), continuation('bad', { lengthForm: 16 })],
    },
    1002,
  ),
  fails(
    {
      title: 'fails on a Close frame with its length in the 16-bit form',
      holds: [...minimal, 'short-control-frames'],
      items: [close(1000, '', { lengthForm: 16 })],
    },
    1002,
  ),
  fails(
    {
      title: 'fails on an empty Ping with its length in the 64-bit form',
      holds: [...minimal, 'short-control-frames'],
      items: [ping('', { lengthForm: 64 })],
    },
    1002,
  ),
  answers(
    {
      title: 'takes the 16-bit form for 126 bytes, its shortest use',
      holds: minimal,
      items: () => [binary(bytes(126), { lengthForm: 16 })],
    },
    () => [bytes(126)],
  ),
  answers(
    {
      title: 'takes the 64-bit form for 65,536 bytes, its shortest use',
      holds: minimal,
      items: () => [binary(bytes(65_536), { lengthForm: 64 })],
    },
    () => [bytes(65_536)],
  ),
  ...topBitSet.flatMap(([name, declaredLength]) => [
    fails(
      {
        title: `fails on a frame that announces ${name} bytes`,
        holds: ['length-top-bit-unset'],
        items: [binary('x', { declaredLength })],
      },
      [1002, 1009],
    ),
    fails(
      {
        title: `fails on a continuation frame that announces ${name} bytes`,
        holds: ['length-top-bit-unset'],
        items: [text('x', unfinished), continuation('x', { declaredLength })],
        cut: octetWise,
      },
      [1002, 1009],
    ),
  ]),
  ...huge.flatMap(([name, declaredLength]) => [
    fails(
      {
        title: `refuses a frame that announces ${name} bytes, without waiting for them`,
        holds: ['limits-protect', 'limits-imposed'],
        items: [binary('x', { declaredLength })],
      },
      tooBig,
    ),
    fails(
      {
        title: `refuses a message whose last fragment announces ${name} bytes`,
        holds: ['limits-protect', 'limits-imposed'],
        items: [binary(bytes(1000), unfinished), continuation('x', { declaredLength })],
      },
      tooBig,
    ),
  ]),
]);
