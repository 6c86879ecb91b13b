/**
 * The sending half of the engine over a socket, for those who have frames and no connection; and the way to put built
 * frames on a connection: Socket.IO's adapter encodes a broadcast once (`Sender.frame`, then `_sender.sendFrame` of each
 * connection). A WebSocket's own messages do not come this way. Before: `frame.ts`, `per-message-deflate.ts`.
 */

import type { Duplex } from 'node:stream';
import { Opcode } from '@hawser/websocket/driver';
import { BlobQueue } from './blob-queue.ts';
import { checkCloseReason } from './close-reason.ts';
import { buildFrame, checkControlPayload, type FrameOptions, type SendCallback } from './frame.ts';
import {
  asBuffer,
  byteLength,
  emptyBuffer,
  isBlob,
  type OutgoingData,
  type SendableData,
  toBuffer,
  toOutgoing,
} from './payload.ts';
import type { Extensions } from './per-message-deflate.ts';

/** How a message is sent. */
export interface SenderOptions {
  binary?: boolean | undefined;
  /** Whether it is compressed, if there is an extension that does it. */
  compress?: boolean | undefined;
  fin?: boolean | undefined;
  mask?: boolean | undefined;
}

const CLOSE_CODE_LENGTH = 2;

/** Writes frames to a socket. */
export class Sender {
  readonly _socket: Duplex | undefined;
  readonly #extensions: Extensions;
  readonly #generateMask: ((mask: Buffer) => void) | undefined;
  readonly #blobs: BlobQueue = new BlobQueue({
    isGone: () => this._socket?.destroyed === true,
    onError: () => undefined,
  });
  #isInsideMessage = false;
  /** Whether the message that is being sent is compressed: its first fragment decides. */
  #compresses = false;

  constructor(socket?: Duplex, extensions: Extensions = {}, generateMask?: (mask: Buffer) => void) {
    this._socket = socket;
    this.#extensions = extensions;
    this.#generateMask = generateMask;
  }

  /** Builds one frame, as the pieces in which `sendFrame` takes it. */
  static frame(data: SendableData, options: FrameOptions): Buffer[] {
    const outgoing = toOutgoing(data);
    if (isBlob(outgoing)) throw new TypeError('Expected text or bytes for a frame, received a Blob');
    return buildFrame(toBuffer(outgoing), options);
  }

  /** Sends a message, or a fragment of one. */
  send(
    data: SendableData,
    { binary, compress, fin = false, mask }: SenderOptions,
    callback?: SendCallback,
  ): void {
    const outgoing = toOutgoing(data);
    const isFirst = !this.#isInsideMessage;
    this.#isInsideMessage = !fin;
    const deflate = this.#extensions['permessage-deflate'];
    if (isFirst) this.#compresses = compress === true && deflate?.wants(byteLength(outgoing)) === true;
    const opcode = binary === true ? Opcode.Binary : Opcode.Text;
    const options = {
      fin,
      mask,
      rsv1: isFirst && this.#compresses,
      opcode: isFirst ? opcode : Opcode.Continuation,
    };
    const extension = this.#compresses ? deflate?.extension : undefined;
    this.#inOrder(outgoing, callback, (bytes) => {
      const payload = extension === undefined ? bytes : asBuffer(extension.encode(toBuffer(bytes), fin));
      this.#write(payload, options, callback);
    });
  }

  /** Sends a ping. */
  ping(data?: SendableData, mask?: boolean, callback?: SendCallback): void {
    this.#sendControl(Opcode.Ping, data, mask, callback);
  }

  /** Sends a pong. */
  pong(data?: SendableData, mask?: boolean, callback?: SendCallback): void {
    this.#sendControl(Opcode.Pong, data, mask, callback);
  }

  /**
   * Sends a Close frame.
   *
   * @throws TypeError, RangeError if the code or the reason cannot stand in one.
   */
  close(code?: number, data?: string | Buffer, mask?: boolean, callback?: SendCallback): void {
    const payload = code === undefined ? emptyBuffer : closePayload(code, checkCloseReason(code, data));
    this.#inOrder(payload, callback, (bytes) => {
      this.#write(bytes, { fin: true, mask, opcode: Opcode.Close }, callback);
    });
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

  #sendControl(
    opcode: typeof Opcode.Ping | typeof Opcode.Pong,
    data: SendableData,
    mask: boolean | undefined,
    callback: SendCallback | undefined,
  ): void {
    const outgoing = toOutgoing(data);
    checkControlPayload(outgoing);
    this.#inOrder(outgoing, callback, (bytes) => this.#write(bytes, { fin: true, mask, opcode }, callback));
  }

  /** Sends something behind the Blobs that are being read. */
  #inOrder(
    data: OutgoingData,
    callback: SendCallback | undefined,
    send: (bytes: string | Buffer) => void,
  ): void {
    const blobs = this.#blobs;
    if (isBlob(data)) blobs.read(data, send, callback);
    else if (blobs.isReading) blobs.defer(byteLength(data), () => send(data), callback);
    else send(data);
  }

  #write(data: string | Buffer, options: FrameOptions, callback: SendCallback | undefined): void {
    this.sendFrame(buildFrame(data, { ...options, generateMask: this.#generateMask }), callback);
  }
}

function closePayload(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(CLOSE_CODE_LENGTH + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, CLOSE_CODE_LENGTH);
  return payload;
}
