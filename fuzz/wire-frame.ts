/** Frames as a peer might send them, right or wrong (RFC 6455 §5.2), written and read without the engine. */
import type { Role } from '../packages/protocol/src/index.ts';
import { concat } from './chunks.ts';

/** Everything that a frame's bytes say. */
export interface WireFrame {
  readonly fin: boolean;
  /** RSV1, RSV2 and RSV3 as the numbers 4, 2 and 1. */
  readonly reserved: number;
  readonly opcode: number;
  /** Four octets; undefined for an unmasked frame. */
  readonly key: readonly number[] | undefined;
  /** The shortest form of the length that may be used; a longer one is used where the length needs it. */
  readonly form: 7 | 16 | 64;
  readonly payload: Uint8Array;
}

/** A header, read as far as it is there. */
export interface WireHeader {
  readonly fin: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly form: 7 | 16 | 64;
  /** Undefined while the length is not all there. */
  readonly payloadLength: bigint | undefined;
  /** Undefined while the key is not all there. */
  readonly key: readonly number[] | undefined;
  /** Bytes of the whole header. */
  readonly length: number;
}

/** The key of every frame that is masked. */
export const wireKey: readonly number[] = [0x37, 0xfa, 0x21, 0x3d];

/** The frame that `sender` would send: masked if that is the client. */
export function wireFrame(
  sender: Role,
  opcode: number,
  payload: Uint8Array,
  fin = true,
  reserved = 0,
): WireFrame {
  return { fin, reserved, opcode, key: sender === 'client' ? wireKey : undefined, form: 7, payload };
}

/** The frame's bytes. */
export function encodeWireFrame({ fin, reserved, opcode, key, form, payload }: WireFrame): Uint8Array {
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = key === undefined ? 0 : 0x80;
  const length = lengthField(payload.length, form);
  const second = mask | (length.length === 0 ? payload.length : length.length === 2 ? 126 : 127);
  const masked = key === undefined ? payload : xor(payload, key);
  return concat(Uint8Array.of(first, second), length, Uint8Array.from(key ?? []), masked);
}

/** Reads a header; undefined while not even its first two bytes are there. */
export function readWireHeader(bytes: Uint8Array): WireHeader | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const form = short === 126 ? 16 : short === 127 ? 64 : 7;
  const masked = second >= 0x80;
  const keyAt = form === 7 ? 2 : 2 + form / 8;
  const length = keyAt + (masked ? 4 : 0);
  const digits = Array.from(bytes.subarray(2, keyAt), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const longLength = bytes.length >= keyAt ? BigInt(`0x${digits || '0'}`) : undefined;
  return {
    fin: first >= 0x80,
    reserved: (first >> 4) & 7,
    opcode: first & 0xf,
    masked,
    form,
    payloadLength: form === 7 ? BigInt(short) : longLength,
    key: bytes.length >= length ? Array.from(bytes.subarray(keyAt, length)) : undefined,
    length,
  };
}

/** RFC 6455 §5.3, to the letter. */
export function xor(bytes: Uint8Array, key: readonly number[]): Uint8Array {
  return bytes.map((octet, i) => octet ^ (key[i % 4] ?? 0));
}

function lengthField(length: number, form: 7 | 16 | 64): Uint8Array {
  if (form === 7 && length <= 125) return new Uint8Array(0);
  const view = new DataView(new ArrayBuffer(form === 64 || length > 0xffff ? 8 : 2));
  if (view.byteLength === 2) view.setUint16(0, length);
  else view.setBigUint64(0, BigInt(length));
  return new Uint8Array(view.buffer);
}
