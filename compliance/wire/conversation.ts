/**
 * An open connection between the compliance peer and what it tests: items go out as frames, frames come in and are
 * written down. Before: `frame.ts`, `deflate-context.ts`, `transcript.ts`; after: the trials.
 */

import type { Channel } from './channel.ts';
import { type Cut, whole } from './cut.ts';
import { type Blocks, Deflater, type Direction, InflateJudge } from './deflate-context.ts';
import { encodeFrame, type Frame, FrameReader, Opcode, otherRole, type Role, toBuffer } from './frame.ts';
import { Transcript } from './transcript.ts';

/** Something to send: a frame, a message that is compressed as was agreed, or bytes that may be no frame at all. */
export type Item = Frame | CompressedMessage | { readonly raw: Uint8Array };

/** A message to send compressed (RFC 7692 §7.2.1). */
export interface CompressedMessage {
  /** Text is sent as text, bytes as binary. */
  readonly deflate: string | Uint8Array;
  readonly blocks?: Blocks;
  /** How many frames the compressed payload is cut into. Default 1. */
  readonly fragments?: number;
  /** A control frame to send between the fragments. */
  readonly between?: Frame;
  /** A change to the compressed payload, to break it. */
  readonly damage?: (compressed: Buffer) => Buffer;
}

/** What was agreed on for the two directions of permessage-deflate. */
export interface Agreement {
  readonly ours: Direction;
  readonly theirs: Direction;
}

/** One open connection. */
export class Conversation {
  /** Our own role. */
  readonly role: Role;
  readonly transcript: Transcript;
  readonly channel: Channel;
  /** Undefined unless permessage-deflate is in use. */
  readonly agreement: Agreement | undefined;
  readonly #deflater: Deflater | undefined;

  constructor(channel: Channel, role: Role, agreement: Agreement | undefined) {
    this.role = role;
    this.channel = channel;
    this.agreement = agreement;
    this.#deflater = agreement && new Deflater(agreement.ours);
    this.transcript = new Transcript(otherRole(role), agreement && new InflateJudge(agreement.theirs));
    const reader = new FrameReader();
    channel.listen((chunk) => {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) this.transcript.add(frame);
    });
  }

  /** Whether the other side has sent a Close frame or ended TCP. */
  get isOver(): boolean {
    return this.transcript.close !== undefined || this.channel.hasEnded;
  }

  /** Sends items, cut as told. */
  async send(items: readonly Item[], cut: Cut = whole): Promise<void> {
    const frames = items.flatMap((item) => this.#encode(item));
    await this.channel.write(frames, cut);
  }

  /** Sends items and the end of our direction as closely together as TCP allows. */
  end(items: readonly Item[] = []): void {
    this.channel.end(Buffer.concat(items.flatMap((item) => this.#encode(item))));
  }

  #encode(item: Item): Buffer[] {
    if ('raw' in item) return [toBuffer(item.raw)];
    if ('deflate' in item) return this.#encodeCompressed(item);
    return [encodeFrame(item, this.role)];
  }

  #encodeCompressed(message: CompressedMessage): Buffer[] {
    if (this.#deflater === undefined) throw new TypeError('Expected permessage-deflate to be in use');
    const compressed = this.#deflater.deflate(toBuffer(message.deflate), message.blocks);
    const payload = message.damage?.(compressed) ?? compressed;
    const opcode = typeof message.deflate === 'string' ? Opcode.Text : Opcode.Binary;
    const frames = fragment(payload, opcode, message.fragments ?? 1, 4);
    const { between } = message;
    const items = between === undefined ? frames : frames.flatMap((each) => [between, each]).slice(1);
    return items.map((each) => encodeFrame(each, this.role));
  }
}

/** Cuts a payload into frames of about the same length; RSV bits stand on the first (RFC 7692 §6.1). */
export function fragment(payload: Buffer, opcode: number, count: number, reserved = 0): Frame[] {
  const length = Math.ceil(payload.length / count);
  return Array.from({ length: count }, (_, i) => ({
    opcode: i === 0 ? opcode : Opcode.Continuation,
    payload: payload.subarray(i * length, (i + 1) * length),
    fin: i === count - 1,
    reserved: i === 0 ? reserved : 0,
  }));
}
