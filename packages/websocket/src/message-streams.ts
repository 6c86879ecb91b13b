/**
 * The messages of a session as two streams, with backpressure both ways: a message is read from the connection when
 * the ReadableStream has room for one more, and a write is done when the connection has room for the next. Below:
 * `client-session.ts`; above: `websocket-stream.ts`.
 */

import {
  ReadableStream,
  type ReadableStreamDefaultController,
  WritableStream,
  type WritableStreamDefaultController,
} from 'node:stream/web';
import { type MessageOpcode, Opcode } from '@hawser/protocol';
import type { ClientSession } from './client-session.ts';
import { decodeText, payloadLength, toArrayBuffer, toSendableData } from './message-data.ts';
import { toDomString } from './web-idl.ts';
import type { WebSocketError } from './websocket-error.ts';

/** What is read: text is a string, binary is bytes in memory of their own. */
export type ReceivedChunk = string | Uint8Array<ArrayBuffer>;

/** What can be written: bytes are sent as binary, all else as text. */
export type WrittenChunk = string | ArrayBuffer | ArrayBufferView;

/** How it ended, for those who wait for the end. */
interface Ending {
  readonly isClean: boolean;
  readonly error: DOMException;
}

/** The two streams of one connection. */
export class MessageStreams {
  readonly readable: ReadableStream<ReceivedChunk>;
  readonly writable: WritableStream<WrittenChunk>;
  readonly #session: ClientSession;
  readonly #ending: Promise<Ending>;
  #resolveEnding: (ending: Ending) => void = () => undefined;
  #reading: ReadableStreamDefaultController<ReceivedChunk> | undefined;
  #writing: WritableStreamDefaultController | undefined;

  /** @param close Closes the connection, with what the application gave as the reason. */
  constructor(session: ClientSession, close: (reason: unknown) => void) {
    this.#session = session;
    this.#ending = new Promise((resolve) => {
      this.#resolveEnding = resolve;
    });
    this.readable = this.#createReadable(close);
    this.writable = this.#createWritable(close);
  }

  /** A message came. It was asked for, so there is room. */
  receive(opcode: MessageOpcode, payload: Uint8Array): void {
    this.#reading?.enqueue(
      opcode === Opcode.Text ? decodeText(payload) : new Uint8Array(toArrayBuffer(payload)),
    );
  }

  /** The connection is closed: cleanly, or with an error. */
  end(failure: WebSocketError | undefined): void {
    const error =
      failure ?? new DOMException('Expected an open connection, received a closed one', 'InvalidStateError');
    if (failure === undefined) this.#reading?.close();
    else this.#reading?.error(failure);
    this.#writing?.error(error);
    this.#resolveEnding({ isClean: failure === undefined, error });
  }

  #createReadable(close: (reason: unknown) => void): ReadableStream<ReceivedChunk> {
    return new ReadableStream<ReceivedChunk>({
      start: (controller) => {
        this.#reading = controller;
      },
      pull: () => this.#session.resume(),
      cancel: (reason) => {
        this.#reading = undefined;
        close(reason);
      },
    });
  }

  #createWritable(close: (reason: unknown) => void): WritableStream<WrittenChunk> {
    return new WritableStream<WrittenChunk>({
      start: (controller) => {
        this.#writing = controller;
        // The stream's own call of `abort` waits for the write that is under way, and so perhaps for ever.
        const signal = abortSignalOf(controller);
        signal?.addEventListener('abort', () => close(signal.reason), { once: true });
      },
      write: (chunk) => this.#write(chunk),
      close: async () => {
        close(undefined);
        const { isClean, error } = await this.#ending;
        if (!isClean) throw error;
      },
    });
  }

  async #write(chunk: unknown): Promise<void> {
    // A Blob is neither bytes nor a string here, so it is made a string.
    const data = chunk instanceof Blob ? toDomString(chunk) : toSendableData(chunk);
    if (this.#session.isOpen) {
      this.#session.send(data, payloadLength(data));
      if (await this.#session.room()) return;
    }
    const { error } = await this.#ending;
    throw error;
  }
}

/** Node.js has it; the types of its oldest version that is supported do not say so. */
function abortSignalOf(controller: object): AbortSignal | undefined {
  const signal = 'signal' in controller ? controller.signal : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}
