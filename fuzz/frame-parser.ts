/**
 * Fuzzes the frame parser alone: noise and damaged frames in random pieces, with control frames and payloads read as
 * the connection reads them. Each header and payload, and the violation that ends them, is what the slow reading of
 * `wire-frame.ts` and the checks of `reference-model.ts` say.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LimitError, ProtocolError } from '../packages/protocol/src/errors.ts';
import type { Role } from '../packages/protocol/src/frame.ts';
import { FrameParser } from '../packages/protocol/src/frame-parser.ts';
import { defaultLimits } from '../packages/protocol/src/limits.ts';
import { concat, cut, cuts } from './chunks.ts';
import { checkHeader, type ModelSettings, Violation } from './reference-model.ts';
import { hex, target } from './target.ts';
import { damage, Sender, traffic } from './traffic.ts';
import { readWireHeader, xor } from './wire-frame.ts';

interface Input {
  readonly settings: ModelSettings;
  readonly bytes: Uint8Array;
  readonly cuts: readonly number[];
}

const inputs: fc.Arbitrary<Input> = fc
  .record({
    role: fc.constantFrom<Role>('client', 'server'),
    allowsRsv1: fc.boolean(),
    maxFramePayloadLength: fc.constantFrom(50, 10_000),
    acts: traffic,
    noise: fc.uint8Array({ maxLength: 30 }),
    isDamaged: fc.boolean(),
    cuts,
  })
  .chain(({ role, acts, noise, isDamaged, ...rest }) => {
    const sender = new Sender(role === 'server' ? 'client' : 'server', undefined);
    const bytes = fc.constant(concat(...acts.map((act) => act(sender)), noise));
    const settings = {
      role,
      maxFramePayloadLength: rest.maxFramePayloadLength,
      maxMessageLength: Number.MAX_SAFE_INTEGER,
      maxFragments: Number.MAX_SAFE_INTEGER,
      inflating: rest.allowsRsv1 ? { takesOver: false, windowBits: 15 } : undefined,
    };
    return fc.record({
      settings: fc.constant(settings),
      bytes: isDamaged ? damage(bytes) : bytes,
      cuts: fc.constant(rest.cuts),
    });
  });

export const frameParser = target<Input>({
  name: 'frame-parser',
  inputs,
  check: ({ settings, bytes, cuts: lengths }) =>
    assert.deepEqual(parse(cut(bytes, lengths), settings), expected(bytes, settings)),
  show: ({ settings, bytes, cuts: lengths }) =>
    `settings ${JSON.stringify(settings)}\nbytes ${hex(bytes)}\ncut ${JSON.stringify(lengths)}`,
});

/** Headers and payloads as the parser reads them, one line each; a violation is the last. */
function parse(
  chunks: readonly Uint8Array[],
  { role, inflating, maxFramePayloadLength }: ModelSettings,
): string[] {
  const limits = { ...defaultLimits, maxFramePayloadLength };
  const parser = new FrameParser(role, inflating !== undefined, limits, (length) => new Uint8Array(length));
  const lines: string[] = [];
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      readFrames(parser, lines);
      parser.compact();
    }
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof LimitError)) throw error;
    lines.push(`violation ${error.closeCode}`);
  }
  return lines;
}

/** Reads as many frames as are there. The payload that has come so far stands in the last line. */
function readFrames(parser: FrameParser, lines: string[]): void {
  for (;;) {
    const isNew = parser.remaining === 0;
    const header = parser.readHeader();
    if (header === undefined) return;
    if (isNew) lines.push(line(header, header.rsv1));
    do {
      const piece = parser.readPiece();
      if (piece.length > 0) lines.push(`${lines.pop()}${Buffer.from(piece).toString('hex')}`);
      if (piece.length === 0 && parser.remaining > 0) return;
    } while (parser.remaining > 0);
  }
}

function expected(bytes: Uint8Array, settings: ModelSettings): string[] {
  const lines: string[] = [];
  try {
    for (let at = 0; at < bytes.length; ) {
      const header = readWireHeader(bytes.subarray(at));
      if (header === undefined) break;
      checkHeader(header, settings);
      if (header.payloadLength === undefined || (header.masked && header.key === undefined)) break;
      const end = at + header.length + Number(header.payloadLength);
      if (at + header.length > bytes.length) break;
      const payload = xor(bytes.slice(at + header.length, end), header.key?.length === 4 ? header.key : [0]);
      lines.push(`${line(header, header.reserved === 4)}${Buffer.from(payload).toString('hex')}`);
      at = end;
    }
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    lines.push(`violation ${error.closeCodes.join()}`);
  }
  return lines;
}

function line({ opcode, fin }: { opcode: number; fin: boolean }, rsv1: boolean): string {
  return `opcode ${opcode}${fin ? ', fin' : ''}${rsv1 ? ', rsv1' : ''}: `;
}
