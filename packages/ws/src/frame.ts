/**
 * Frames built by hand, as the pieces that are written one behind the other: for `Sender`, and for messages with a `mask`
 * that is not their side's. All others are built by the engine.
 */

import {
  applyMask,
  headerLength,
  type Opcode,
  randomMaskingKey,
  writeHeader,
} from '@hawser/websocket/driver';
import { byteLength, type OutgoingData, toBuffer } from './payload.ts';

/** Told when something was written, or why not. */
export type SendCallback = (error?: Error) => void;

/** How a frame is built. */
export interface FrameOptions {
  fin?: boolean | undefined;
  opcode: Opcode;
  mask?: boolean | undefined;
  rsv1?: boolean | undefined;
  /** Accepted and not used: what is handed in is never changed. */
  readOnly?: boolean | undefined;
  generateMask?: ((mask: Buffer) => void) | undefined;
  /** Where `generateMask` writes the key. */
  maskBuffer?: Buffer | undefined;
}

const MASKING_KEY_LENGTH = 4;
const MAX_CONTROL_PAYLOAD_LENGTH = 125;

/** A source of masking keys in the engine's form: the first byte on the wire is the lowest. */
export function maskingKeysOf(
  generateMask: ((mask: Buffer) => void) | undefined,
  maskBuffer: Buffer = Buffer.alloc(MASKING_KEY_LENGTH),
): () => number {
  if (generateMask === undefined) return randomMaskingKey;
  return () => {
    generateMask(maskBuffer);
    return maskBuffer.readInt32LE(0);
  };
}

/** Checks the payload of a ping or pong. */
export function checkControlPayload(data: OutgoingData): void {
  if (byteLength(data) <= MAX_CONTROL_PAYLOAD_LENGTH) return;
  throw new RangeError(`The data size must not be greater than ${MAX_CONTROL_PAYLOAD_LENGTH} bytes`);
}

/** Builds one frame. What is not masked stays what it is, a string included. */
export function buildFrame<Data extends Buffer | string>(
  data: Data,
  options: FrameOptions,
): (Buffer | Data)[] {
  const maskingKey =
    options.mask === true ? maskingKeysOf(options.generateMask, options.maskBuffer)() : undefined;
  const length = byteLength(data);
  const payloadAt = headerLength(length, maskingKey !== undefined);
  const isMasked = maskingKey !== undefined && length > 0;
  const head = Buffer.allocUnsafe(isMasked ? payloadAt + length : payloadAt);
  const { fin = false, rsv1 = false, opcode } = options;
  writeHeader(head, 0, fin, rsv1, opcode, length, maskingKey);
  if (isMasked) {
    head.set(toBuffer(data), payloadAt);
    applyMask(head.subarray(payloadAt), maskingKey);
    return [head];
  }
  return length === 0 ? [head] : [head, data];
}
