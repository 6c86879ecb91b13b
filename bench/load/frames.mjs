/**
 * Frames as a client writes them and reads them (RFC 6455 §5.2): to encode the messages of a load before it begins,
 * and to take a server's first answers apart. While the load runs nothing here is called.
 */
import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

export const Opcode = { Continuation: 0x0, Text: 0x1, Binary: 0x2 };

const FIN = 0x80;
const RSV1 = 0x40;
const MASKED = 0x80;
/** RFC 7692 §7.2.1: what the sender leaves out at the end of each message. */
const FLUSH_TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** One message as one masked frame, as a client sends it, deflated if asked for. */
export function encodeMessage({ opcode, payload }, compress) {
  const body = compress ? deflate(payload) : payload;
  const first = FIN | (compress ? RSV1 : 0) | opcode;
  const key = randomBytes(4);
  const masked = Uint8Array.from(body, (byte, i) => byte ^ key[i & 3]);
  return Buffer.concat([Buffer.from([first, ...lengthBytes(body.length)]), key, masked]);
}

/** One message as one frame, as a server sends it. */
export function encodeServerMessage({ opcode, payload }) {
  const [length, ...extended] = lengthBytes(payload.length);
  return Buffer.concat([Buffer.from([FIN | opcode, length & ~MASKED, ...extended]), payload]);
}

/**
 * Reads a server's frame.
 *
 * @returns undefined if the bytes do not hold all of it.
 */
export function readFrame(bytes) {
  if (bytes.length < 2) return undefined;
  const short = bytes[1];
  if (short & MASKED) throw new Error('Expected an unmasked frame from the server, received a masked one');
  const payloadAt = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < payloadAt) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : bytes.readUIntBE(4, 6);
  const end = payloadAt + length;
  if (bytes.length < end) return undefined;
  const payload = bytes.subarray(payloadAt, end);
  return { fin: (bytes[0] & FIN) > 0, rsv1: (bytes[0] & RSV1) > 0, opcode: bytes[0] & 0x0f, payload, end };
}

/**
 * Reads a message of one or more frames, from where `bytes` begin.
 *
 * @returns undefined if the bytes do not hold all of it.
 */
export function readMessage(bytes) {
  const frames = [];
  for (let at = 0; ; ) {
    const frame = readFrame(bytes.subarray(at));
    if (frame === undefined) return undefined;
    frames.push(frame);
    at += frame.end;
    if (!frame.fin) continue;
    const [{ opcode, rsv1 }] = frames;
    const body = Buffer.concat(frames.map(({ payload }) => payload));
    return { opcode, isCompressed: rsv1, payload: rsv1 ? inflate(body) : body, end: at };
  }
}

function lengthBytes(length) {
  const bytes = Buffer.alloc(9);
  if (length < 126) return [MASKED | length];
  if (length < 0x10000) {
    bytes[0] = MASKED | 126;
    bytes.writeUInt16BE(length, 1);
    return bytes.subarray(0, 3);
  }
  bytes[0] = MASKED | 127;
  bytes.writeUIntBE(length, 3, 6);
  return bytes;
}

function deflate(payload) {
  const stream = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
  return stream.subarray(0, stream.length - FLUSH_TAIL.length);
}

function inflate(body) {
  return inflateRawSync(Buffer.concat([body, FLUSH_TAIL]), { finishFlush: constants.Z_SYNC_FLUSH });
}
