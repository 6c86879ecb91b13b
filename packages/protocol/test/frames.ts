/**
 * Frames by hand (RFC 6455 §5.2): written and read here without the engine's encoder, parser or masking, so that the
 * tests compare it with something else than itself.
 */
import type { Role } from '../src/index.ts';

/** Both ends, for tests of what concerns both. */
export const roles: readonly Role[] = ['client', 'server'];

/** The other end. */
export function peerOf(role: Role): Role {
  return role === 'client' ? 'server' : 'client';
}

/** What a frame may have that a well-formed one by its sender would not. */
export interface FrameOptions {
  readonly fin?: boolean;
  /** RSV1, RSV2 and RSV3 as the numbers 4, 2 and 1. */
  readonly reserved?: number;
  readonly masked?: boolean;
  readonly key?: readonly number[];
}

const exampleKey = [0x37, 0xfa, 0x21, 0x3d];

/** A frame as `sender` sends it: masked if that is the client. */
export function frame(
  sender: Role,
  opcode: number,
  payload: string | Uint8Array = '',
  options: FrameOptions = {},
): Uint8Array {
  const { fin = true, reserved = 0, masked = sender === 'client', key = exampleKey } = options;
  const bytes = typeof payload === 'string' ? utf8(payload) : payload;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const length = lengthField(bytes.length, shortestForm(bytes.length), masked);
  if (!masked) return concat(Uint8Array.of(first), length, bytes);
  return concat(Uint8Array.of(first), length, Uint8Array.from(key), xor(bytes, key));
}

/** The ways to write a payload length. */
export type LengthForm = 7 | 16 | 64;

/** A header alone, up to the end of its length, which may be any length in any form. */
export function header(sender: Role, opcode: number, length: number | bigint, form: LengthForm): Uint8Array {
  return concat(Uint8Array.of(0x80 | opcode), lengthField(length, form, sender === 'client'));
}

/** The payload of a Close frame, which may have any code. */
export function closePayload(code: number, reason: string | Uint8Array = ''): Uint8Array {
  const bytes = typeof reason === 'string' ? utf8(reason) : reason;
  return concat(Uint8Array.of(code >> 8, code & 0xff), bytes);
}

/** One frame, read. */
export interface ReadFrame {
  readonly fin: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly form: LengthForm;
  /** Undefined for an unmasked frame. */
  readonly key: readonly number[] | undefined;
  readonly payload: Uint8Array;
}

/** Reads whole frames; throws if the bytes do not end with one. */
export function readFrames(bytes: Uint8Array): ReadFrame[] {
  const frames: ReadFrame[] = [];
  for (let position = 0; position < bytes.length; ) {
    const { frame, end } = readFrame(bytes, position);
    frames.push(frame);
    position = end;
  }
  return frames;
}

function readFrame(bytes: Uint8Array, start: number): { frame: ReadFrame; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint8(start);
  const second = view.getUint8(start + 1);
  const form = formOf(second & 0x7f);
  const extended = {
    7: () => second & 0x7f,
    16: () => view.getUint16(start + 2),
    64: () => read64(view, start + 2),
  };
  const length = extended[form]();
  const keyAt = start + { 7: 2, 16: 4, 64: 10 }[form];
  const masked = (second & 0x80) !== 0;
  const key = masked ? Array.from(bytes.subarray(keyAt, keyAt + 4)) : undefined;
  const payloadAt = keyAt + (masked ? 4 : 0);
  const end = payloadAt + length;
  if (end > bytes.length)
    throw new RangeError(`Expected a frame up to byte ${end}, received ${bytes.length}`);
  const wire = bytes.slice(payloadAt, end);
  const payload = key === undefined ? wire : xor(wire, key);
  const frame = { fin: first >= 0x80, reserved: (first >> 4) & 7, opcode: first & 0xf, form, key, payload };
  return { frame, end };
}

/** Bytes from annotated hex: what follows a `#` on a line is for the reader. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/#.*$/gm, '').replace(/\s/g, '');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

/** Puts chunks together. */
export function concat(...chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

/** RFC 6455 §5.3, to the letter. */
export function xor(bytes: Uint8Array, key: readonly number[]): Uint8Array {
  return bytes.map((octet, i) => octet ^ (key[i % 4] ?? 0));
}

function shortestForm(length: number): LengthForm {
  if (length <= 125) return 7;
  return length <= 65_535 ? 16 : 64;
}

function formOf(length: number): LengthForm {
  if (length === 126) return 16;
  return length === 127 ? 64 : 7;
}

function lengthField(length: number | bigint, form: LengthForm, masked: boolean): Uint8Array {
  const mask = masked ? 0x80 : 0;
  if (form === 7) return Uint8Array.of(mask | Number(length));
  const view = new DataView(new ArrayBuffer(form === 16 ? 3 : 9));
  view.setUint8(0, mask | (form === 16 ? 126 : 127));
  if (form === 16) view.setUint16(1, Number(length));
  else view.setBigUint64(1, BigInt(length));
  return new Uint8Array(view.buffer);
}

function read64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at));
}
