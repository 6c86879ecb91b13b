/**
 * permessage-deflate on messages (RFC 7692 §7.2), over a Codec port. Context takeover needs no running zlib stream,
 * only the window: the last bytes of what was sent or received serve as dictionary for the next message.
 */

import { LimitError, ProtocolError } from '../errors.ts';
import type { Extension, ShareableMessage } from '../extension.ts';
import type { Role } from '../frame.ts';
import { formatExtensionList } from '../handshake/headers.ts';
import type { Codec } from './codec.ts';
import { type DeflateParameters, describeAnswer, MIN_SENDING_WINDOW_BITS } from './parameters.ts';
import { type PooledWindow, slideWindow, type WindowPool } from './window-pool.ts';

/** What the transform of one connection is made of. */
export interface PerMessageDeflateOptions {
  /** Our own role. */
  readonly role: Role;
  readonly parameters: DeflateParameters;
  readonly codec: Codec;
  readonly windows: WindowPool;
  /** Messages shorter than this, in bytes, are sent as they are. */
  readonly threshold: number;
}

/** RFC 7692 §7.2.1: an empty stored block's last four bytes are left out of a message. */
const TAIL_LENGTH = 4;

/**
 * How far back our own messages refer, at most, in bytes. A whole window is read into zlib anew for each message: beyond
 * this length that takes more time than a running zlib stream would, for next to no fewer bytes (docs/compression.md).
 */
const MAX_SENDING_REACH = 4096;

/** One direction's agreement. */
interface Direction {
  readonly takesOver: boolean;
  readonly windowBits: number;
}

/** The state of permessage-deflate on one connection. */
export class PerMessageDeflate implements Extension {
  readonly description: string;
  readonly #codec: Codec;
  readonly #windows: WindowPool;
  readonly #threshold: number;
  readonly #sending: Direction;
  readonly #receiving: Direction;
  readonly #sendingWindow: PooledWindow = { bytes: undefined };
  #receivingWindow: Uint8Array | undefined;
  #reserved = 0;

  constructor({ role, parameters, codec, windows, threshold }: PerMessageDeflateOptions) {
    this.description = formatExtensionList([describeAnswer(parameters)]);
    this.#codec = codec;
    this.#windows = windows;
    this.#threshold = threshold;
    const server = {
      takesOver: !parameters.serverNoContextTakeover,
      windowBits: parameters.serverMaxWindowBits,
    };
    const client = {
      takesOver: !parameters.clientNoContextTakeover,
      windowBits: parameters.clientMaxWindowBits,
    };
    this.#sending = role === 'server' ? server : client;
    this.#receiving = role === 'server' ? client : server;
  }

  /** Sets memory aside for the receiving window, if there is to be one. Returns whether there was enough. */
  reserveWindow(): boolean {
    if (!this.#receiving.takesOver || this.#reserved > 0) return true;
    const length = 2 ** this.#receiving.windowBits;
    if (!this.#windows.reserve(length)) return false;
    this.#reserved = length;
    return true;
  }

  close(): void {
    this.#windows.drop(this.#sendingWindow);
    this.#windows.release(this.#reserved);
    this.#reserved = 0;
    this.#receivingWindow = undefined;
  }

  decode(payload: Uint8Array, maxLength: number): Uint8Array {
    const inflated = this.#codec.inflate(payload, this.#receivingWindow, maxLength);
    switch (inflated.type) {
      case 'too-long':
        throw new LimitError('message-too-long', `one that inflates to more than ${maxLength} bytes`);
      case 'malformed':
        throw new ProtocolError('invalid-compressed-data', inflated.reason);
      case 'bytes':
        this.#rememberReceived(inflated.bytes);
        return inflated.bytes;
    }
  }

  wantsToEncode(length: number): boolean {
    return length >= this.#threshold && this.#sending.windowBits >= MIN_SENDING_WINDOW_BITS;
  }

  encode(payload: Uint8Array, isLast: boolean): Uint8Array {
    const dictionary = this.#sendingWindow.bytes;
    const windowBits = this.#windowBitsFor(payload.length + (dictionary?.length ?? 0));
    const deflated = this.#codec.deflate(payload, windowBits, dictionary);
    if (this.#sending.takesOver) this.#rememberSent(payload);
    return isLast ? withoutTail(deflated) : deflated;
  }

  encodeShared(message: ShareableMessage): Uint8Array | undefined {
    if (!this.wantsToEncode(message.payload.length)) return undefined;
    const windowBits = this.#windowBitsFor(message.payload.length);
    // The shared form refers to nothing before it, but what follows it may refer to it.
    if (this.#sending.takesOver) this.#rememberSent(message.payload);
    return message.encodedFrame(`deflate-${windowBits}`, (payload) =>
      withoutTail(this.#codec.deflate(payload, windowBits, undefined)),
    );
  }

  /** The smallest window that holds so many bytes, within what was agreed on: a larger one would only take memory. */
  #windowBitsFor(length: number): number {
    const needed = Math.max(MIN_SENDING_WINDOW_BITS, Math.ceil(Math.log2(length + 1)));
    return Math.min(needed, this.#sending.windowBits);
  }

  #rememberSent(payload: Uint8Array): void {
    const reach = Math.min(2 ** this.#sending.windowBits, MAX_SENDING_REACH);
    this.#windows.keep(this.#sendingWindow, slideWindow(this.#sendingWindow.bytes, payload, reach));
  }

  #rememberReceived(bytes: Uint8Array): void {
    const { takesOver, windowBits } = this.#receiving;
    if (takesOver) this.#receivingWindow = slideWindow(this.#receivingWindow, bytes, 2 ** windowBits);
  }
}

function withoutTail(deflated: Uint8Array): Uint8Array {
  return deflated.subarray(0, deflated.length - TAIL_LENGTH);
}
