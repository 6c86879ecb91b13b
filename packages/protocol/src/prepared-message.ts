/**
 * A message that a server encodes once, and deflates once, to send it to any number of connections: all of them write
 * the same bytes. Only a server can share frames, for a client masks each of its frames with a key of its own
 * (RFC 6455 §5.3).
 */

import { checkIsBytes } from './bytes.ts';
import type { ShareableMessage } from './extension.ts';
import { headerLength, type MessageOpcode, Opcode } from './frame.ts';
import { writeHeader } from './frame-encoder.ts';

/** How a message is prepared. */
export interface PreparedMessageOptions {
  /** `Opcode.Text` sends bytes as text; they must be UTF-8. Default: text for a string, binary for bytes. */
  readonly opcode?: MessageOpcode;
  /** Whether connections that compress may compress it. False for secrets beside foreign text (RFC 7692 §8). Default true. */
  readonly compress?: boolean;
}

/** One message in all the forms that connections have asked for, each made once. */
export class PreparedMessage implements ShareableMessage {
  readonly payload: Uint8Array;
  /** The message as one plain frame. */
  readonly frame: Uint8Array;
  readonly compress: boolean;
  readonly #opcode: MessageOpcode;
  readonly #encodedFrames = new Map<string, Uint8Array>();

  /**
   * @param data The message; bytes are copied.
   * @throws TypeError if it is neither a string nor bytes.
   */
  constructor(data: string | Uint8Array, options: PreparedMessageOptions = {}) {
    const isText = typeof data === 'string';
    if (!isText) checkIsBytes(data);
    const payload = isText ? new TextEncoder().encode(data) : data;
    this.#opcode = options.opcode ?? (isText ? Opcode.Text : Opcode.Binary);
    this.compress = options.compress ?? true;
    this.frame = encodeFrame(this.#opcode, false, payload);
    this.payload = this.frame.subarray(this.frame.length - payload.length);
  }

  encodedFrame(form: string, encode: (payload: Uint8Array) => Uint8Array): Uint8Array {
    const known = this.#encodedFrames.get(form);
    if (known !== undefined) return known;
    const frame = encodeFrame(this.#opcode, true, encode(this.payload));
    this.#encodedFrames.set(form, frame);
    return frame;
  }
}

function encodeFrame(opcode: MessageOpcode, rsv1: boolean, payload: Uint8Array): Uint8Array {
  const payloadAt = headerLength(payload.length, false);
  const frame = new Uint8Array(payloadAt + payload.length);
  writeHeader(frame, 0, true, rsv1, opcode, payload.length, undefined);
  frame.set(payload, payloadAt);
  return frame;
}
