/**
 * A message that a server encodes once and sends to any number of connections: all of them write the same bytes.
 * Only a server can share frames, for a client masks each of its frames with a key of its own (RFC 6455 §5.3).
 */

import { headerLength, type MessageOpcode, Opcode } from './frame.ts';
import { writeHeader } from './frame-encoder.ts';

/** One unmasked frame, ready to be written. */
export class PreparedMessage {
  /** The whole frame, header and payload. */
  readonly frame: Uint8Array;

  /**
   * @param data A string is sent as a text message, bytes as a binary one; bytes are copied.
   * @param opcode `Opcode.Text` sends bytes as text; they must be UTF-8.
   */
  constructor(data: string | Uint8Array, opcode?: MessageOpcode) {
    const isText = typeof data === 'string';
    const payload = isText ? new TextEncoder().encode(data) : data;
    const payloadAt = headerLength(payload.length, false);
    this.frame = new Uint8Array(payloadAt + payload.length);
    const messageOpcode = opcode ?? (isText ? Opcode.Text : Opcode.Binary);
    writeHeader(this.frame, 0, true, messageOpcode, payload.length, undefined);
    this.frame.set(payload, payloadAt);
  }
}
