/**
 * A channel's messages for `for await`. What has come and was not asked for waits here, within limits. When they are
 * reached the iterator falls behind: it lets messages pass by, and once it has handed out what it has, it has the
 * subscription go back to where it stopped listening. The hub's log is the buffer.
 */

import type { Data, Position } from '@hawser/wire';
import type { Message } from './channel-events.ts';
import type { HawserError } from './errors.ts';

/** How much may wait. */
export interface IteratorLimits {
  /** Messages that wait for the loop; one is always taken. Default 1,000. */
  readonly maxMessages: number;
  /** Bytes that wait for the loop, as they came; one message is always taken. Default 1 MiB. */
  readonly maxBytes: number;
}

export const defaultIteratorLimits: IteratorLimits = { maxMessages: 1_000, maxBytes: 1024 * 1024 };

/** Who reads a subscription at a pace of its own. */
export interface Reader {
  /** The last message that it was given, or where it began; undefined before it began. The subscription's to set. */
  seen: Position | undefined;
  /** The last message that the application is done with; undefined: `seen` is. */
  readonly done: Position | undefined;
  /** Whether it lets messages pass by for now. */
  isBehind: boolean;
  /** Takes a message of so many bytes; false: there is no room. */
  accept(message: Message<Data>, position: Position, bytes: number): boolean;
  /** There is nothing more to come for now; with an error if that was not wanted. Returns whether it is gone for good. */
  end(error?: HawserError): boolean;
}

/** What an iterator asks of its subscription. */
export interface IteratorSource {
  /** Delivers again what came after `reader.seen`. */
  goBack(reader: Reader): void;
  leave(reader: Reader): void;
}

interface Waiting {
  readonly message: Message<Data>;
  readonly position: Position;
  readonly bytes: number;
}

interface Taker {
  readonly resolve: (result: IteratorResult<Message<Data>, undefined>) => void;
  readonly reject: (error: HawserError) => void;
}

/** One loop over a channel. */
export class MessageIterator implements Reader, AsyncIterableIterator<Message<Data>, undefined> {
  seen: Position | undefined;
  isBehind = false;
  /** Moves when the loop asks for the next message: then it is done with the one before. */
  done: Position | undefined;
  #handedOut: Position | undefined;
  readonly #source: IteratorSource;
  readonly #limits: IteratorLimits;
  readonly #waiting: Waiting[] = [];
  readonly #takers: Taker[] = [];
  #bytes = 0;
  #hasEnded = false;
  #error: HawserError | undefined;

  constructor(source: IteratorSource, limits: IteratorLimits, since: Position | undefined) {
    this.#source = source;
    this.#limits = limits;
    this.seen = since;
  }

  accept(message: Message<Data>, position: Position, bytes: number): boolean {
    const { maxMessages, maxBytes } = this.#limits;
    const isFull = this.#waiting.length >= maxMessages || this.#bytes + bytes > maxBytes;
    if (isFull && this.#waiting.length > 0) return false;
    // Until now it was done with all that it had seen.
    this.done ??= this.seen;
    this.#waiting.push({ message, position, bytes });
    this.#bytes += bytes;
    this.#serve();
    return true;
  }

  end(error?: HawserError): boolean {
    this.#hasEnded = true;
    this.#error = error;
    this.#serve();
    return true;
  }

  next(): Promise<IteratorResult<Message<Data>, undefined>> {
    this.done = this.#handedOut ?? this.done;
    return new Promise((resolve, reject) => {
      this.#takers.push({ resolve, reject });
      this.#serve();
      if (this.isBehind && this.#waiting.length === 0) this.#source.goBack(this);
    });
  }

  return(): Promise<IteratorResult<Message<Data>, undefined>> {
    this.#source.leave(this);
    this.#waiting.length = 0;
    this.end();
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Gives what there is to those who wait for it. */
  #serve(): void {
    while (this.#takers.length > 0 && (this.#waiting.length > 0 || this.#hasEnded)) {
      const taker = this.#takers.shift();
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#bytes -= next.bytes;
        this.#handedOut = next.position;
        taker?.resolve({ value: next.message, done: false });
      } else if (this.#error === undefined) {
        taker?.resolve({ value: undefined, done: true });
      } else {
        taker?.reject(this.#error);
      }
    }
  }
}
