/**
 * A message that is read while it arrives: an async iteration over its parts, which holds the sender back while
 * nobody asks for the next one. Used by `peer.ts` and `websocket-stream.ts` in streaming mode.
 */

import { StringDecoder } from 'node:string_decoder';
import { type Limits, type MessageOpcode, Opcode, resolveLimits } from '@hawser/protocol';
import { MessageIterator, type Pausable } from './message-iterator.ts';

/** In streaming mode messages are not held, so their length is no danger unless the application says so. */
const unlimitedMessages = {
  maxFramePayloadLength: Number.MAX_SAFE_INTEGER,
  maxMessageLength: Number.MAX_SAFE_INTEGER,
  maxFragments: Number.MAX_SAFE_INTEGER,
} as const;

/**
 * Fills in the limits, which in streaming mode have other defaults.
 *
 * @throws RangeError if one is out of range.
 */
export function resolveMessageLimits(limits: Partial<Limits> | undefined, isStreaming: boolean): Limits {
  return resolveLimits(isStreaming ? { ...unlimitedMessages, ...limits } : limits);
}

/** One message of a peer, in parts. It can be read once. */
export class IncomingMessage implements AsyncIterable<string | Uint8Array> {
  /** Text comes in strings, binary in bytes. */
  readonly type: 'text' | 'binary';
  readonly #parts: MessageIterator;
  readonly #decoder: StringDecoder | undefined;
  /** Whether the rest is dropped: the consumer has left, or knows that there is no rest. */
  #isAbandoned = false;

  /** @param source Paused while the consumer is busy. */
  constructor(opcode: MessageOpcode, source: Pausable) {
    this.type = opcode === Opcode.Text ? 'text' : 'binary';
    this.#decoder = opcode === Opcode.Text ? new StringDecoder('utf8') : undefined;
    this.#parts = new MessageIterator(source, () => {
      this.#isAbandoned = true;
    });
  }

  /**
   * The parts, as they arrive. To leave the loop is to skip the rest of the message.
   *
   * Throws a ConnectionEndedError if the connection ends before the message does.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<string | Uint8Array> {
    return this.#parts;
  }

  /** A part came. @internal */
  push(bytes: Uint8Array): void {
    if (this.#isAbandoned) return;
    const part = this.#decoder === undefined ? bytes : this.#decoder.write(Buffer.from(bytes));
    if (part.length > 0) this.#parts.push(part);
  }

  /** The message is complete. @internal */
  end(): void {
    this.#parts.end();
  }

  /** The message will not be completed. @internal */
  fail(error: Error): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    this.#parts.fail(error);
  }
}
