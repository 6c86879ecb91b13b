/**
 * Frames built by hand, and a way to put built frames on a connection: what Socket.IO's adapter uses to encode a
 * broadcast once (`Sender.frame`, then `_sender.sendFrame` of each connection). The messages of a WebSocket do not come
 * this way, but for those with a `mask` that is not their side's.
 */

import type { Duplex } from 'node:stream';
import {
  applyMask,
  headerLength,
  type Opcode,
  randomMaskingKey,
  writeHeader,
} from '@hawser/websocket/driver';
import { byteLength, type OutgoingData, type SendableData, toBuffer, toOutgoing } from './payload.ts';

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

/** Writes frames to a socket. */
export class Sender {
  readonly _socket: Duplex | undefined;

  constructor(socket?: Duplex) {
    this._socket = socket;
  }

  /** Builds one frame, as the pieces in which `sendFrame` takes it. */
  static frame(data: SendableData, options: FrameOptions): Buffer[] {
    const outgoing = toOutgoing(data);
    if (outgoing instanceof Blob) throw new TypeError('Expected text or bytes for a frame, received a Blob');
    const payload = toBuffer(outgoing);
    const maskingKey =
      options.mask === true ? maskingKeysOf(options.generateMask, options.maskBuffer)() : undefined;
    const payloadAt = headerLength(payload.length, maskingKey !== undefined);
    const isMasked = maskingKey !== undefined && payload.length > 0;
    const head = Buffer.allocUnsafe(isMasked ? payloadAt + payload.length : payloadAt);
    const { fin = false, rsv1 = false, opcode } = options;
    writeHeader(head, 0, fin, rsv1, opcode, payload.length, maskingKey);
    if (isMasked) {
      head.set(payload, payloadAt);
      applyMask(head.subarray(payloadAt), maskingKey);
      return [head];
    }
    return payload.length === 0 ? [head] : [head, payload];
  }

  /** Writes a built frame. */
  sendFrame(list: readonly (Buffer | string)[], callback?: SendCallback): void {
    const socket = this._socket;
    socket?.cork();
    list.forEach((part, index) => {
      socket?.write(part, index === list.length - 1 ? (error) => callback?.(error ?? undefined) : undefined);
    });
    socket?.uncork();
  }
}
