/** Family 4: reserved opcodes, of data and of control frames (RFC 6455 §5.2). */

import { type CaseDraft, family } from '../case.ts';
import { frameWise, octetWise } from '../wire/cut.ts';
import { bytes, continuation, fails, ping, text, unfinished } from './frames.ts';

const holds = ['unknown-opcode-fails'] as const;
const reservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

function ofOpcode(opcode: number): CaseDraft[] {
  const name = `reserved ${opcode < 8 ? 'data' : 'control'} opcode 0x${opcode.toString(16)}`;
  return [
    fails({ title: `fails on an empty frame with ${name}`, holds, items: [{ opcode }] }, 1002),
    fails(
      {
        title: `fails on a frame with ${name} and a payload`,
        holds,
        items: [{ opcode, payload: 'reserved' }],
      },
      1002,
    ),
    fails(
      {
        title: `echoes the message before a frame with ${name}, then fails, and ignores the Ping behind`,
        holds: [...holds, 'fail-stops-processing'],
        items: [text('good'), { opcode, payload: 'bad' }, ping('behind')],
      },
      1002,
      ['good'],
    ),
    fails(
      {
        title: `fails on a frame with ${name} between fragments`,
        holds,
        items: [text('begun ', unfinished), { opcode, payload: 'bad' }, continuation('ended')],
        cut: frameWise,
      },
      1002,
    ),
    fails(
      {
        title: `fails on a frame with ${name} and FIN unset`,
        holds,
        items: [{ opcode, payload: 'x', fin: false }],
      },
      1002,
    ),
    fails(
      {
        title: `fails on a frame with ${name} and 200 bytes, sent octet by octet`,
        holds,
        items: [{ opcode, payload: bytes(200) }],
        cut: octetWise,
      },
      1002,
    ),
  ];
}

export const opcodes = family(4, 'Opcodes', reservedOpcodes.flatMap(ofOpcode));
