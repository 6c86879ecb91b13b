/**
 * Fragments → messages (RFC 6455 §5.4), decompressed if they were marked (RFC 7692 §6.2), with text validated piece
 * by piece (§8.1). A message that arrives in one piece is handed on without a copy. Otherwise large pieces are kept
 * as they came and small ones are copied together, so that what is kept is never much more than what was received.
 * In streaming mode nothing is kept: pieces are handed on as they arrive, but for compressed messages.
 * Before: `frame-parser.ts`; after: `connection.ts`.
 */

import { type Account, PIECE_OVERHEAD } from './budget.ts';
import { type Allocate, isWorthItsMemory } from './bytes.ts';
import { LimitError, ProtocolError } from './errors.ts';
import type { Extension } from './extension.ts';
import { type FrameHeader, type MessageOpcode, Opcode } from './frame.ts';
import type { Limits } from './limits.ts';
import { Utf8Validator } from './utf8.ts';

/** Pieces from this length on are kept one by one: their own overhead is small beside them. */
const KEEP_BY_REFERENCE_FROM = 4 * 1024;
const FIRST_GATHER_LENGTH = 128;
const MAX_GATHER_LENGTH = 16 * 1024;

/** What the messages of a connection go by. */
export interface MessageAssemblerOptions {
  readonly extension?: Extension | undefined;
  /** Whether pieces are handed on as they arrive. Default false. */
  readonly streaming?: boolean;
  /** Whether text is refused that is not UTF-8. Default true. */
  readonly validateUtf8?: boolean;
}

/** Puts the data frames of one connection together. */
export class MessageAssembler {
  readonly #options: MessageAssemblerOptions;
  readonly #limits: Limits;
  readonly #allocateUncharged: Allocate;
  readonly #account: Account;
  readonly #utf8 = new Utf8Validator();
  /** The opcode of the message under way; undefined between messages. */
  #opcode: MessageOpcode | undefined;
  #isEncoded = false;
  #fragments = 0;
  /** Payload bytes that the headers so far have announced. */
  #announced = 0;
  /** What is kept: `#pieces`, undefined for none, then the first `#gathered` bytes of `#gather`. */
  #pieces: Uint8Array[] | undefined;
  #gather: Uint8Array | undefined;
  #gathered = 0;
  /** Bytes that the account has been charged for it. */
  #charged = 0;

  /** @param account Pays for what is kept. */
  constructor(options: MessageAssemblerOptions, limits: Limits, allocate: Allocate, account: Account) {
    this.#options = options;
    this.#limits = limits;
    this.#allocateUncharged = allocate;
    this.#account = account;
  }

  /**
   * Takes note of a data frame's header.
   *
   * @returns The opcode of the message that the frame belongs to.
   * @throws ProtocolError if the frame is out of sequence, LimitError if the message becomes too large.
   */
  begin(header: Readonly<FrameHeader>): MessageOpcode {
    const { maxMessageLength, maxFragments } = this.#limits;
    const opcode = this.#sequence(header);
    this.#fragments += 1;
    this.#announced += header.payloadLength;
    if (this.#announced > maxMessageLength) {
      throw new LimitError(
        'message-too-long',
        `${this.#announced} bytes or more, the limit is ${maxMessageLength}`,
      );
    }
    if (this.#fragments > maxFragments)
      throw new LimitError('too-many-fragments', `more than ${maxFragments}`);
    return opcode;
  }

  /**
   * Takes a piece of the message's payload.
   *
   * @param isLast Whether the message ends with this piece.
   * @returns What can be handed on: the payload if this was the last piece, or the piece itself in streaming mode.
   * @throws ProtocolError if the piece makes the message invalid, LimitError if it cannot be kept.
   */
  add(piece: Uint8Array, isLast: boolean): Uint8Array | undefined {
    if (!this.#isEncoded) {
      this.#validate(piece, isLast);
      if (this.#options.streaming === true) return this.#handOn(piece, isLast);
    }
    if (!isLast) {
      this.#keep(piece);
      return undefined;
    }
    const payload = this.#isEmpty ? piece : this.#join(piece);
    const decoded = this.#isEncoded ? this.#decode(payload) : payload;
    this.reset();
    return decoded;
  }

  /** Forgets the message under way. */
  reset(): void {
    this.#opcode = undefined;
    this.#fragments = 0;
    this.#announced = 0;
    this.#gather = undefined;
    this.#gathered = 0;
    this.#pieces = undefined;
    this.#account.give(this.#charged);
    this.#charged = 0;
  }

  get #isEmpty(): boolean {
    return this.#gathered === 0 && this.#pieces === undefined;
  }

  /** RFC 6455 §5.4: the first frame names the kind of the message, the others are continuations of it. */
  #sequence({ opcode, rsv1 }: Readonly<FrameHeader>): MessageOpcode {
    if (opcode === Opcode.Text || opcode === Opcode.Binary) {
      if (this.#opcode !== undefined) throw new ProtocolError('expected-continuation', `opcode 0x${opcode}`);
      this.#opcode = opcode;
      this.#isEncoded = rsv1;
      this.#utf8.reset();
    }
    if (this.#opcode === undefined)
      throw new ProtocolError('unexpected-continuation', 'a continuation frame');
    return this.#opcode;
  }

  #validate(piece: Uint8Array, isLast: boolean): void {
    if (this.#opcode !== Opcode.Text || this.#options.validateUtf8 === false) return;
    if (!this.#utf8.push(piece)) throw new ProtocolError('invalid-utf8', 'a byte that cannot stand there');
    if (isLast && !this.#utf8.isComplete) throw new ProtocolError('invalid-utf8', 'a code point cut short');
  }

  #handOn(piece: Uint8Array, isLast: boolean): Uint8Array | undefined {
    if (isLast) this.reset();
    return isLast || piece.length > 0 ? piece : undefined;
  }

  #decode(payload: Uint8Array): Uint8Array {
    const { maxMessageLength, maxHeldBytes } = this.#limits;
    const maxLength = Math.min(maxMessageLength, maxHeldBytes);
    const decoded = this.#options.extension?.decode(payload, maxLength) ?? payload;
    this.#validate(decoded, true);
    return decoded;
  }

  #keep(piece: Uint8Array): void {
    if (piece.length >= KEEP_BY_REFERENCE_FROM) {
      this.#finishGather();
      this.#pushPiece(isWorthItsMemory(piece) ? this.#hold(piece) : this.#copy(piece));
      return;
    }
    const gather = this.#roomFor(piece.length);
    gather.set(piece, this.#gathered);
    this.#gathered += piece.length;
  }

  /** Charges all the memory that the piece keeps alive. */
  #hold(piece: Uint8Array): Uint8Array {
    this.#charge(piece.buffer.byteLength + PIECE_OVERHEAD);
    return piece;
  }

  #copy(piece: Uint8Array): Uint8Array {
    const copy = this.#allocate(piece.length).subarray(0, piece.length);
    copy.set(piece);
    return copy;
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
      this.#refund(gather.length + PIECE_OVERHEAD);
    } else {
      this.#finishGather();
      this.#gather = this.#allocate(MAX_GATHER_LENGTH);
    }
    return this.#gather;
  }

  #pushPiece(piece: Uint8Array): void {
    this.#pieces ??= [];
    this.#pieces.push(piece);
  }

  #finishGather(): void {
    if (this.#gather !== undefined && this.#gathered > 0) {
      this.#pushPiece(this.#gather.subarray(0, this.#gathered));
    }
    this.#gather = undefined;
    this.#gathered = 0;
  }

  #join(last: Uint8Array): Uint8Array {
    this.#finishGather();
    const joined = this.#allocate(this.#announced).subarray(0, this.#announced);
    let position = 0;
    for (const piece of [...(this.#pieces ?? []), last]) {
      joined.set(piece, position);
      position += piece.length;
    }
    return joined;
  }

  /** Allocates at the account's cost. */
  #allocate(length: number): Uint8Array {
    this.#charge(length + PIECE_OVERHEAD);
    return this.#allocateUncharged(length);
  }

  #charge(length: number): void {
    const account = this.#account;
    if (!account.take(length)) {
      throw new LimitError('input-over-budget', `${length} bytes beyond the ${account.used} that are kept`);
    }
    this.#charged += length;
  }

  #refund(length: number): void {
    this.#account.give(length);
    this.#charged -= length;
  }
}
