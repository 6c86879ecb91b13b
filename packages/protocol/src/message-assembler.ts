/**
 * Fragments → messages (RFC 6455 §5.4), with text validated piece by piece (§8.1). A message that arrives in one
 * piece is handed on without a copy. Otherwise large pieces are kept as they came and small ones are copied together,
 * so that what is kept is never much more than what was received. Before: `frame-parser.ts`; after: `connection.ts`.
 */

import type { Allocate } from './bytes.ts';
import { LimitError, ProtocolError } from './errors.ts';
import { type FrameHeader, type MessageOpcode, Opcode } from './frame.ts';
import type { Limits } from './limits.ts';
import { Utf8Validator } from './utf8.ts';

/** Pieces from this length on are kept by reference: their own overhead is small beside them. */
const KEEP_BY_REFERENCE_FROM = 4 * 1024;
const FIRST_GATHER_LENGTH = 128;
const MAX_GATHER_LENGTH = 16 * 1024;

/** Puts the data frames of one connection together. */
export class MessageAssembler {
  readonly #limits: Limits;
  readonly #allocate: Allocate;
  readonly #utf8 = new Utf8Validator();
  /** The opcode of the message under way; undefined between messages. */
  #opcode: MessageOpcode | undefined;
  #fragments = 0;
  /** Payload bytes that the headers so far have announced. */
  #announced = 0;
  /** What is kept: `#pieces`, then the first `#gathered` bytes of `#gather`. */
  #pieces: Uint8Array[] = [];
  #gather: Uint8Array | undefined;
  #gathered = 0;

  constructor(limits: Limits, allocate: Allocate) {
    this.#limits = limits;
    this.#allocate = allocate;
  }

  /**
   * Takes note of a data frame's header.
   *
   * @returns The opcode of the message that the frame belongs to.
   * @throws ProtocolError if the frame is out of sequence, LimitError if the message becomes too large.
   */
  begin(header: Readonly<FrameHeader>): MessageOpcode {
    const opcode = this.#sequence(header.opcode);
    this.#fragments += 1;
    this.#announced += header.payloadLength;
    if (this.#announced > this.#limits.maxMessageLength) {
      throw new LimitError(
        'message-too-long',
        `${this.#announced} bytes or more, the limit is ${this.#limits.maxMessageLength}`,
      );
    }
    if (this.#fragments > this.#limits.maxFragments) {
      throw new LimitError('too-many-fragments', `more than ${this.#limits.maxFragments}`);
    }
    return opcode;
  }

  /**
   * Takes a piece of the message's payload.
   *
   * @param isLast Whether the message ends with this piece.
   * @returns The message's payload if this was its last piece.
   * @throws ProtocolError if the piece makes a text message invalid.
   */
  add(piece: Uint8Array, isLast: boolean): Uint8Array | undefined {
    if (this.#opcode === Opcode.Text) this.#validate(piece, isLast);
    if (!isLast) {
      this.#keep(piece);
      return undefined;
    }
    const payload = this.#isEmpty ? piece : this.#join(piece);
    this.reset();
    return payload;
  }

  /** Forgets the message under way. */
  reset(): void {
    this.#opcode = undefined;
    this.#fragments = 0;
    this.#announced = 0;
    this.#gather = undefined;
    this.#gathered = 0;
    if (this.#pieces.length > 0) this.#pieces = [];
  }

  get #isEmpty(): boolean {
    return this.#gathered === 0 && this.#pieces.length === 0;
  }

  /** RFC 6455 §5.4: the first frame names the kind of the message, the others are continuations of it. */
  #sequence(opcode: Opcode): MessageOpcode {
    if (opcode === Opcode.Text || opcode === Opcode.Binary) {
      if (this.#opcode !== undefined) throw new ProtocolError('expected-continuation', `opcode 0x${opcode}`);
      this.#opcode = opcode;
      this.#utf8.reset();
    }
    if (this.#opcode === undefined)
      throw new ProtocolError('unexpected-continuation', 'a continuation frame');
    return this.#opcode;
  }

  #validate(piece: Uint8Array, isLast: boolean): void {
    if (!this.#utf8.push(piece)) throw new ProtocolError('invalid-utf8', 'a byte that cannot stand there');
    if (isLast && !this.#utf8.isComplete) throw new ProtocolError('invalid-utf8', 'a code point cut short');
  }

  #keep(piece: Uint8Array): void {
    if (piece.length >= KEEP_BY_REFERENCE_FROM) {
      this.#finishGather();
      this.#pieces.push(piece);
      return;
    }
    const gather = this.#roomFor(piece.length);
    gather.set(piece, this.#gathered);
    this.#gathered += piece.length;
  }

  /** Memory with room for `length` more bytes after `#gathered`: doubled while it is small, then block after block. */
  #roomFor(length: number): Uint8Array {
    const gather = this.#gather ?? this.#allocate(FIRST_GATHER_LENGTH);
    const needed = this.#gathered + length;
    if (needed <= gather.length) {
      this.#gather = gather;
    } else if (needed <= MAX_GATHER_LENGTH) {
      this.#gather = this.#allocate(Math.min(Math.max(needed, 2 * gather.length), MAX_GATHER_LENGTH));
      this.#gather.set(gather.subarray(0, this.#gathered));
    } else {
      this.#finishGather();
      this.#gather = this.#allocate(MAX_GATHER_LENGTH);
    }
    return this.#gather;
  }

  #finishGather(): void {
    if (this.#gather !== undefined && this.#gathered > 0)
      this.#pieces.push(this.#gather.subarray(0, this.#gathered));
    this.#gather = undefined;
    this.#gathered = 0;
  }

  #join(last: Uint8Array): Uint8Array {
    this.#finishGather();
    this.#pieces.push(last);
    const joined = this.#allocate(this.#announced).subarray(0, this.#announced);
    let position = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, position);
      position += piece.length;
    }
    return joined;
  }
}
