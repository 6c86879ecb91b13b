/**
 * Frames by hand (RFC 6455 §5.2), for the end of a connection that the tests play themselves: written and read without
 * the engine.
 */

/** The opcodes of §5.2 as the tests name them. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Added to an opcode, it marks a compressed message (RFC 7692 §6). */
export const RSV1 = 0x40;

/** One frame, read. */
export interface ReadFrame {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** A frame from a client: masked. */
export function clientFrame(opcode: number, payload: string | Uint8Array = '', fin = true): Buffer {
  const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  const bytes = Buffer.from(payload);
  const masked = bytes.map((byte, i) => byte ^ (key[i % 4] ?? 0));
  return Buffer.concat([head(fin, opcode, bytes.length, 0x80), key, masked]);
}

/** A frame from a server: unmasked. */
export function serverFrame(opcode: number, payload: string | Uint8Array = '', fin = true): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([head(fin, opcode, bytes.length, 0), bytes]);
}

/** A text message from a client. */
export function text(message: string): Buffer {
  return clientFrame(opcodes.text, message);
}

/** The payload of a Close frame. */
export function closePayload(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
}

/** Reads the frame at the front of the bytes; undefined if it is not all there. */
export function readFrame(bytes: Buffer): { frame: ReadFrame; rest: Buffer } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const lengthEnd = { 126: 4, 127: 10 }[short] ?? 2;
  if (bytes.length < lengthEnd) return undefined;
  const masked = second >= 0x80;
  const start = lengthEnd + (masked ? 4 : 0);
  const end = start + payloadLength(bytes, short);
  if (bytes.length < end) return undefined;
  const key = bytes.subarray(lengthEnd, start);
  const payload = bytes.subarray(start, end).map((byte, i) => byte ^ (masked ? (key[i % 4] ?? 0) : 0));
  const rsv1 = (first & RSV1) !== 0;
  const frame = { fin: first >= 0x80, rsv1, opcode: first & 0xf, masked, payload: Buffer.from(payload) };
  return { frame, rest: bytes.subarray(end) };
}

/** Reads whole frames, as many as there are. */
export function readFrames(bytes: Buffer): ReadFrame[] {
  const frames: ReadFrame[] = [];
  for (let read = readFrame(bytes); read !== undefined; read = readFrame(read.rest)) frames.push(read.frame);
  return frames;
}

/** A frame as a line: `text "Hello"`, `close 1000 "bye"`, `binary 01 02`. */
export function tellFrame({ opcode, payload }: ReadFrame): string {
  if (opcode === opcodes.close && payload.length > 0)
    return `close ${payload.readUInt16BE(0)} ${JSON.stringify(payload.toString('utf8', 2))}`;
  const name = Object.entries(opcodes).find(([, value]) => value === opcode)?.[0] ?? opcode;
  const isText = opcode !== opcodes.binary;
  return `${name} ${isText ? JSON.stringify(payload.toString()) : payload.toString('hex')}`;
}

function head(fin: boolean, opcode: number, length: number, mask: number): Buffer {
  const first = (fin ? 0x80 : 0) | opcode;
  if (length <= 125) return Buffer.from([first, mask | length]);
  const bytes = Buffer.alloc(length <= 0xffff ? 4 : 10);
  bytes[0] = first;
  bytes[1] = mask | (length <= 0xffff ? 126 : 127);
  if (length <= 0xffff) bytes.writeUInt16BE(length, 2);
  else bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

function payloadLength(bytes: Buffer, short: number): number {
  if (short === 126) return bytes.readUInt16BE(2);
  return short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
}
