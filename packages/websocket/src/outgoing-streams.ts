/**
 * Messages that are sent from a stream, as one fragmented message each (RFC 6455 §5.4), no faster than the peer takes
 * them. Until its last fragment has been sent no other message can begin, so what is sent meanwhile waits here.
 * Above: `peer.ts` and `send-queue.ts`; below: the connection, through `StreamTarget`.
 */

import type { ReadableStream } from 'node:stream/web';
import { type ConnectionError, InternalError, LimitError, type Limits } from '@hawser/protocol';
import { ConnectionEndedError } from './connection-ended-error.ts';

/** What a message can be streamed from. */
export type MessageSource = Blob | ReadableStream<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** How a streamed message is sent. */
export interface StreamOptions {
  /** Text or binary. Bytes sent as text must be UTF-8. Default `binary`. */
  readonly type?: 'text' | 'binary';
  /** Whether it is compressed where that was negotiated. Default false. */
  readonly compress?: boolean;
}

/** Where fragments go. */
export interface StreamTarget {
  /** Returns whether the connection was open to take it. */
  sendFragment(bytes: Uint8Array, options: StreamOptions, isLast: boolean): boolean;
  /** Has the messages that are sent from here on wait; each `release` lets those go that the earliest `hold` held. */
  hold(): void;
  release(): void;
  /** Resolves when there is room for more, or the connection is gone. */
  room(): Promise<unknown>;
  /** Fails the connection: a message cannot be finished, and nothing else can be sent before it is, or too much waits. */
  fail(error: ConnectionError): void;
}

/** Longest fragment, however much a source gives at once. */
const MAX_FRAGMENT_LENGTH = 256 * 1024;
/** A fragment takes at most this part of what may wait in the connection. */
const FRAGMENTS_PER_BUFFER = 4;

/** What it costs to have something wait, beside its bytes. */
const WAITING_OVERHEAD = 256;

interface Deferred {
  readonly send: () => void;
  /** Called instead, if the connection has ended. */
  readonly drop: (() => void) | undefined;
  readonly length: number;
}

/** The streams that one connection sends. */
export class OutgoingStreams {
  readonly #target: StreamTarget;
  readonly #maxBufferedOutput: number;
  #waiting: Deferred[] = [];
  #waitingLength = 0;
  #isBusy = false;
  /** Ends the wait for a part of the source. */
  #giveUp: ((error: Error) => void) | undefined;
  /** The end of this connection, which a source's own error is told from: it may be that of another one. */
  #ended: ConnectionEndedError | undefined;

  constructor(target: StreamTarget, { maxBufferedOutput }: Limits) {
    this.#target = target;
    this.#maxBufferedOutput = maxBufferedOutput;
  }

  /** Whether a message is under way, so that others have to wait. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Has something of so many bytes sent once the streams before it have ended, unless too much waits already. */
  defer(send: () => void, length: number, drop?: () => void): void {
    this.#waiting.push({ send, drop, length });
    this.#waitingLength += length + WAITING_OVERHEAD;
    if (this.#waitingLength <= this.#maxBufferedOutput) return;
    const received = `${this.#waitingLength} bytes waiting, the limit is ${this.#maxBufferedOutput}`;
    this.#target.fail(new LimitError('too-much-buffered-output', received));
  }

  /** The connection has ended: forgets what waits. */
  clear(): void {
    const dropped = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    for (const { drop } of dropped) drop?.();
    this.#giveUp?.(this.#end);
  }

  /**
   * Sends a message from a source, behind the streams that were begun before.
   *
   * Rejects with a ConnectionEndedError if the connection ends first, or with what the source throws.
   */
  async send(source: MessageSource, options: StreamOptions): Promise<void> {
    this.#target.hold();
    if (this.#isBusy) await this.#turn();
    this.#isBusy = true;
    try {
      await this.#sendFragments(source, options);
    } catch (cause) {
      if (cause !== this.#ended) {
        this.#target.fail(new InternalError('unexpected-condition', 'an exception', { cause }));
      }
      throw cause;
    } finally {
      this.#isBusy = false;
      this.#target.release();
      this.#sendWaiting();
    }
  }

  get #end(): ConnectionEndedError {
    this.#ended ??= new ConnectionEndedError('an outgoing message');
    return this.#ended;
  }

  async #sendFragments(source: MessageSource, options: StreamOptions): Promise<void> {
    const maxLength = Math.ceil(
      Math.min(MAX_FRAGMENT_LENGTH, this.#maxBufferedOutput / FRAGMENTS_PER_BUFFER),
    );
    // The end of a Blob is known beforehand; that of another source takes an empty fragment to tell.
    let toCome = source instanceof Blob ? source.size : Number.POSITIVE_INFINITY;
    const parts = fragments(source, maxLength);
    try {
      for (let part = await this.#next(parts); part.done !== true; part = await this.#next(parts)) {
        await this.#target.room();
        toCome -= part.value.length;
        this.#sendFragment(part.value, options, toCome === 0);
        if (toCome === 0) return;
      }
      this.#sendFragment(noBytes, options, true);
    } finally {
      // Not waited for: a source that has nothing at present hears of it when it has.
      parts.return(undefined).catch(ignore);
    }
  }

  /** The next part, unless the connection ends first: a source may have nothing for ever. */
  #next(parts: AsyncGenerator<Uint8Array, void>): Promise<IteratorResult<Uint8Array, void>> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      parts.next().then(resolve, reject);
    });
  }

  #sendFragment(bytes: Uint8Array, options: StreamOptions, isLast: boolean): void {
    const wasTaken = this.#target.sendFragment(bytes, options, isLast);
    if (!wasTaken) throw this.#end;
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        // Taken here and now: whatever waits behind must not begin before this stream has.
        this.#isBusy = true;
        resolve();
      };
      this.defer(take, 0, () => reject(this.#end));
    });
  }

  /** Sends what waits, up to the next stream. */
  #sendWaiting(): void {
    while (!this.#isBusy) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#waitingLength -= next.length + WAITING_OVERHEAD;
      next.send();
    }
  }
}

/** The source's bytes, in parts of some length at the most. */
async function* fragments(source: MessageSource, maxLength: number): AsyncGenerator<Uint8Array, void> {
  if (source instanceof Blob) return yield* fragmentsOfBlob(source, maxLength);
  for await (const bytes of encodeChunks(source)) {
    for (let start = 0; start < bytes.length; start += maxLength) {
      yield bytes.subarray(start, start + maxLength);
    }
  }
}

/** Its own stream would give the parts that it was made of, however long or short. */
async function* fragmentsOfBlob(blob: Blob, maxLength: number): AsyncGenerator<Uint8Array, void> {
  for (let start = 0; start < blob.size; start += maxLength) {
    yield new Uint8Array(await blob.slice(start, start + maxLength).arrayBuffer());
  }
}

/** The chunks as bytes. A surrogate pair may be split between two strings: its first half waits for the second. */
async function* encodeChunks(source: Exclude<MessageSource, Blob>): AsyncGenerator<Uint8Array> {
  let highSurrogate = '';
  for await (const chunk of source) {
    if (typeof chunk !== 'string') {
      yield checkBytes(chunk);
      continue;
    }
    const text = highSurrogate + chunk;
    highSurrogate = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
    yield Buffer.from(text.slice(0, text.length - highSurrogate.length));
  }
  if (highSurrogate !== '') yield Buffer.from(highSurrogate);
}

/** A source may give anything, whatever its type says. */
function checkBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`Expected a chunk of text or bytes, received ${typeof chunk}`);
}

const noBytes = new Uint8Array(0);

function ignore(): void {}
