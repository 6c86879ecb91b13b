/**
 * Messages that are sent from a stream, as one fragmented message each (RFC 6455 §5.4), no faster than the peer takes
 * them. Until its last fragment has been sent no other message can begin, so what is sent meanwhile waits here.
 * Above: `peer.ts`; below: the connection, through `StreamTarget`.
 */

import type { ReadableStream } from 'node:stream/web';
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
  /** Resolves when there is room for more, or the connection is gone. */
  room(): Promise<void>;
  /** The message cannot be finished, and nothing else can be sent before it is. */
  fail(cause: unknown): void;
}

interface Deferred {
  readonly send: () => void;
  readonly length: number;
}

/** The streams that one connection sends. */
export class OutgoingStreams {
  readonly #target: StreamTarget;
  #waiting: Deferred[] = [];
  #waitingLength = 0;
  #isBusy = false;

  constructor(target: StreamTarget) {
    this.#target = target;
  }

  /** Whether a message is under way, so that others have to wait. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Bytes of the messages that wait. */
  get waitingLength(): number {
    return this.#waitingLength;
  }

  /** Has something sent once the streams before it have ended. */
  defer(send: () => void, length: number): void {
    this.#waiting.push({ send, length });
    this.#waitingLength += length;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
    this.#waitingLength = 0;
  }

  /**
   * Sends a message from a source, behind the streams that were begun before.
   *
   * Rejects with a ConnectionEndedError if the connection ends first, or with what the source throws.
   */
  async send(source: MessageSource, options: StreamOptions): Promise<void> {
    if (this.#isBusy) await this.#turn();
    this.#isBusy = true;
    try {
      await sendChunks(source, options, this.#target);
    } finally {
      this.#isBusy = false;
      this.#sendWaiting();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.defer(() => {
        // Taken here and now: whatever waits behind must not begin before this stream has.
        this.#isBusy = true;
        resolve();
      }, 0);
    });
  }

  /** Sends what waits, up to the next stream. */
  #sendWaiting(): void {
    while (!this.#isBusy) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#waitingLength -= next.length;
      next.send();
    }
  }
}

async function sendChunks(
  source: MessageSource,
  options: StreamOptions,
  target: StreamTarget,
): Promise<void> {
  try {
    for await (const bytes of encodeChunks(source)) {
      if (!target.sendFragment(bytes, options, false)) throw new ConnectionEndedError('an outgoing message');
      await target.room();
    }
  } catch (error) {
    if (!(error instanceof ConnectionEndedError)) target.fail(error);
    throw error;
  }
  if (!target.sendFragment(noBytes, options, true)) throw new ConnectionEndedError('an outgoing message');
}

/** The chunks as bytes. A surrogate pair may be split between two strings: its first half waits for the second. */
async function* encodeChunks(source: MessageSource): AsyncGenerator<Uint8Array> {
  let highSurrogate = '';
  for await (const chunk of source instanceof Blob ? source.stream() : source) {
    if (typeof chunk !== 'string') {
      yield chunk;
      continue;
    }
    const text = highSurrogate + chunk;
    highSurrogate = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
    yield Buffer.from(text.slice(0, text.length - highSurrogate.length));
  }
  if (highSurrogate !== '') yield Buffer.from(highSurrogate);
}

const noBytes = new Uint8Array(0);
