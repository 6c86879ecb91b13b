/**
 * What a tested endpoint says on an open connection, written down and judged frame by frame: whatever it sends has to
 * follow RFC 6455 §5 and RFC 7692 §6, in every case, whatever the case is about. After: `conversation.ts`.
 */

import { isUtf8 } from 'node:buffer';
import type { InflateJudge } from './deflate-context.ts';
import { Opcode, type ReceivedFrame, type Role } from './frame.ts';

/** A whole message. */
export interface ReceivedMessage {
  readonly isText: boolean;
  readonly payload: Buffer;
  readonly isCompressed: boolean;
}

/** A Close frame. */
export interface ReceivedClose {
  /** Undefined if its payload was empty. */
  readonly code: number | undefined;
  readonly reason: string;
}

const RSV1 = 4;

/** The transcript of one side. */
export class Transcript {
  readonly messages: ReceivedMessage[] = [];
  readonly pongs: Buffer[] = [];
  readonly pings: Buffer[] = [];
  /** Rules that it broke. */
  readonly faults: string[] = [];
  /** The masking keys of its frames, as hex. */
  readonly keys: string[] = [];
  close: ReceivedClose | undefined;

  readonly #speaker: Role;
  readonly #inflate: InflateJudge | undefined;
  #fragments: Buffer[] = [];
  #message: { readonly isText: boolean; readonly isCompressed: boolean } | undefined;

  /**
   * @param speaker Whose frames these are.
   * @param inflate Undefined unless permessage-deflate was agreed on.
   */
  constructor(speaker: Role, inflate: InflateJudge | undefined) {
    this.#speaker = speaker;
    this.#inflate = inflate;
  }

  /** Takes the next frame. */
  add(frame: ReceivedFrame): void {
    if (this.close !== undefined) this.#fault(`sent a frame (opcode ${frame.opcode}) behind its Close frame`);
    this.#checkHeader(frame);
    if ((frame.opcode & 8) === 0) this.#addDataFrame(frame);
    else this.#addControlFrame(frame);
  }

  #fault(fault: string): void {
    if (!this.faults.includes(fault)) this.faults.push(fault);
  }

  #checkHeader(frame: ReceivedFrame): void {
    const isMasked = frame.key !== undefined;
    if (isMasked !== (this.#speaker === 'client')) {
      this.#fault(isMasked ? 'sent a masked frame as a server' : 'sent an unmasked frame as a client');
    }
    if (frame.key !== undefined) this.keys.push(frame.key);
    if (!frame.hasMinimalLength) this.#fault('wrote a payload length longer than needed');
    const mayBeCompressed =
      this.#inflate !== undefined && (frame.opcode === Opcode.Text || frame.opcode === Opcode.Binary);
    if (frame.reserved !== 0 && !(mayBeCompressed && frame.reserved === RSV1)) {
      this.#fault(`set reserved bits (${frame.reserved.toString(2).padStart(3, '0')}) that mean nothing`);
    }
  }

  #addDataFrame(frame: ReceivedFrame): void {
    if (frame.opcode !== Opcode.Continuation) this.#beginMessage(frame);
    else if (this.#message === undefined) this.#fault('sent a continuation frame outside of a message');
    this.#fragments.push(frame.payload);
    if (frame.fin) this.#endMessage();
  }

  #beginMessage(frame: ReceivedFrame): void {
    if (frame.opcode > Opcode.Binary) this.#fault(`sent reserved opcode ${frame.opcode}`);
    if (this.#message !== undefined) this.#fault('began a message inside another');
    this.#message = { isText: frame.opcode === Opcode.Text, isCompressed: (frame.reserved & RSV1) !== 0 };
    this.#fragments = [];
  }

  #endMessage(): void {
    const { isText, isCompressed } = this.#message ?? { isText: false, isCompressed: false };
    const joined = Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#message = undefined;
    const payload = isCompressed ? this.#inflateMessage(joined) : joined;
    if (isText && !isUtf8(payload)) this.#fault('sent a text message that is not UTF-8');
    this.messages.push({ isText, payload, isCompressed });
  }

  #inflateMessage(compressed: Buffer): Buffer {
    try {
      const { bytes, faults } = this.#inflate?.inflate(compressed) ?? { bytes: compressed, faults: [] };
      for (const fault of faults) this.#fault(fault);
      return bytes;
    } catch (error) {
      this.#fault(`sent a compressed message with ${error instanceof Error ? error.message : String(error)}`);
      return Buffer.alloc(0);
    }
  }

  #addControlFrame(frame: ReceivedFrame): void {
    if (!frame.fin) this.#fault('sent a fragmented control frame');
    if (frame.payload.length > 125) this.#fault('sent a control frame of more than 125 bytes');
    if (frame.opcode === Opcode.Close) this.#addClose(frame.payload);
    else if (frame.opcode === Opcode.Ping) this.pings.push(frame.payload);
    else if (frame.opcode === Opcode.Pong) this.pongs.push(frame.payload);
    else this.#fault(`sent reserved opcode ${frame.opcode}`);
  }

  #addClose(payload: Buffer): void {
    if (payload.length === 1) this.#fault('sent a Close frame of one byte');
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : undefined;
    if (code !== undefined && !mayStandInClose(code)) this.#fault(`sent close code ${code}`);
    const reason = payload.subarray(2);
    if (!isUtf8(reason)) this.#fault('sent a close reason that is not UTF-8');
    this.close = { code, reason: reason.toString() };
  }
}

/** RFC 6455 §7.4 and IANA's registry of close codes. */
function mayStandInClose(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
