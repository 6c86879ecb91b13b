/**
 * Frames (RFC 6455 §5.2) as the compliance peer writes and reads them: to the letter of the RFC, one byte after the
 * other, and able to break every rule. Nothing here comes from the engine that is tested. After: `conversation.ts`.
 */

/** The two ends of a connection (RFC 6455 §1.2). */
export type Role = 'client' | 'server';

/** The opcodes of RFC 6455 §5.2. */
export const Opcode = {
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
} as const;

/** The three ways to write a payload length, by the bits that they have. */
export type LengthForm = 7 | 16 | 64;

/** A frame to send. What is left out is as a well-formed frame of its sender has it. */
export interface Frame {
  readonly opcode: number;
  /** Text stands for its UTF-8. Default: empty. */
  readonly payload?: string | Uint8Array;
  /** Default true. */
  readonly fin?: boolean;
  /** RSV1, RSV2 and RSV3 as the numbers 4, 2 and 1. Default 0. */
  readonly reserved?: number;
  /** Default: true for a client. */
  readonly masked?: boolean;
  /** Four bytes. Default: the RFC's own example. */
  readonly key?: readonly number[];
  /** Default: the shortest that fits. */
  readonly lengthForm?: LengthForm;
  /** What the header says of the payload's length. Default: the truth. */
  readonly declaredLength?: number | bigint;
}

/** A frame that was received whole. */
export interface ReceivedFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly fin: boolean;
  readonly reserved: number;
  /** Undefined for an unmasked frame. */
  readonly key: string | undefined;
  /** Whether the payload length was written in its shortest form. */
  readonly hasMinimalLength: boolean;
}

const exampleKey: readonly number[] = [0x37, 0xfa, 0x21, 0x3d];

/** The other end. */
export function otherRole(role: Role): Role {
  return role === 'client' ? 'server' : 'client';
}

/** The frame's bytes as `sender` sends them. */
export function encodeFrame(frame: Frame, sender: Role): Buffer {
  const { fin = true, reserved = 0, masked = sender === 'client', key = exampleKey } = frame;
  const payload = toBuffer(frame.payload ?? '');
  const first = (fin ? 0x80 : 0) | (reserved << 4) | frame.opcode;
  const length = encodeLength(frame, payload.length, masked);
  if (!masked) return Buffer.concat([Buffer.of(first), length, payload]);
  return Buffer.concat([Buffer.of(first), length, Buffer.from(key), mask(payload, key)]);
}

/** The bytes of a text, or the bytes as they are. */
export function toBuffer(payload: string | Uint8Array): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload, 'utf8');
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length);
}

function encodeLength(frame: Frame, actualLength: number, masked: boolean): Buffer {
  const length = frame.declaredLength ?? actualLength;
  const form = frame.lengthForm ?? shortestForm(length);
  const maskBit = masked ? 0x80 : 0;
  if (form === 7) return Buffer.of(maskBit | Number(length));
  const bytes = Buffer.alloc(form === 16 ? 3 : 9);
  bytes[0] = maskBit | (form === 16 ? 126 : 127);
  if (form === 16) bytes.writeUInt16BE(Number(length), 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

function shortestForm(length: number | bigint): LengthForm {
  if (length <= 125) return 7;
  return length <= 65_535 ? 16 : 64;
}

/** RFC 6455 §5.3, to the letter. */
function mask(payload: Buffer, key: readonly number[]): Buffer {
  const masked = Buffer.from(payload);
  const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = key;
  const keyBytes = [k0, k1, k2, k3];
  for (let i = 0; i < masked.length; i++) masked[i] = (masked[i] ?? 0) ^ (keyBytes[i & 3] ?? 0);
  return masked;
}

/** Reads frames from the bytes of one connection. It judges nothing; `transcript.ts` does. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  /** Bytes that belong to no whole frame yet. */
  get pendingLength(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next frame, once it is all there. */
  next(): ReceivedFrame | undefined {
    const head = this.#peek(14);
    const header = readHeader(head);
    if (header === undefined || this.#length < header.payloadAt + header.payloadLength) return undefined;
    const bytes = this.#take(header.payloadAt + header.payloadLength);
    const wire = bytes.subarray(header.payloadAt);
    const payload = header.key === undefined ? wire : mask(wire, [...header.key]);
    return {
      opcode: header.first & 0xf,
      payload,
      fin: header.first >= 0x80,
      reserved: (header.first >> 4) & 7,
      key: header.key?.toString('hex'),
      hasMinimalLength: header.form === shortestForm(header.payloadLength),
    };
  }

  #peek(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) return first.subarray(0, length);
    return Buffer.concat(this.#chunks.slice(0, length)).subarray(0, length);
  }

  #take(length: number): Buffer {
    const all = Buffer.concat(this.#chunks);
    const rest = all.subarray(length);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    return all.subarray(0, length);
  }
}

interface Header {
  readonly first: number;
  readonly form: LengthForm;
  readonly key: Buffer | undefined;
  readonly payloadAt: number;
  readonly payloadLength: number;
}

function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const form = formOf(second & 0x7f);
  const keyAt = { 7: 2, 16: 4, 64: 10 }[form];
  const payloadAt = keyAt + (second >= 0x80 ? 4 : 0);
  if (bytes.length < payloadAt) return undefined;
  const key = second >= 0x80 ? Buffer.from(bytes.subarray(keyAt, payloadAt)) : undefined;
  return { first, form, key, payloadAt, payloadLength: readLength(bytes, form) };
}

function formOf(length: number): LengthForm {
  if (length === 126) return 16;
  return length === 127 ? 64 : 7;
}

function readLength(bytes: Buffer, form: LengthForm): number {
  if (form === 7) return bytes.readUInt8(1) & 0x7f;
  return form === 16 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
}
