/**
 * The messages of a session as two streams, with backpressure both ways: a message is read from the connection when
 * the ReadableStream has room for one more, and a write is done when the connection has room for the next. Below:
 * `client-session.ts`; above: `websocket-stream.ts`.
 */

import {
  ReadableStream,
  type ReadableStreamDefaultController,
  type UnderlyingSource,
  WritableStream,
  type WritableStreamDefaultController,
} from 'node:stream/web';
import { type MessageOpcode, Opcode, type PieceEvent } from '@hawser/protocol';
import type { ClientSession } from './client-session.ts';
import { ConnectionEndedError } from './connection-ended-error.ts';
import type { IncomingMessage } from './incoming-message.ts';
import { decodeText, payloadLength, toArrayBuffer, toSendableData } from './message-data.ts';
import { MessageGate } from './message-gate.ts';
import { OutgoingMessage } from './outgoing-message.ts';
import { toDomString } from './web-idl.ts';
import type { WebSocketError } from './websocket-error.ts';

/** What is read: text is a string, binary is bytes in memory of their own. */
export type ReceivedChunk = string | Uint8Array<ArrayBuffer>;

/** What can be written: bytes are sent as binary, an OutgoingMessage as it says, all else as text. */
export type WrittenChunk = string | ArrayBuffer | ArrayBufferView | OutgoingMessage;

/** What is read, depending on whether messages are read while they arrive. */
export type ReadChunk<Streaming extends boolean> = Streaming extends true ? IncomingMessage : ReceivedChunk;

/** Closes the connection, with what the application gave as the reason: at once, or once what was written is sent. */
export type CloseStreams = (reason: unknown, isAtOnce: boolean) => void;

/** How it ended, for those who wait for the end. */
interface Ending {
  readonly isClean: boolean;
  readonly error: DOMException;
}

/** The two streams of one connection. */
export class MessageStreams<Streaming extends boolean = false> {
  readonly readable: ReadableStream<ReadChunk<Streaming>>;
  readonly writable: WritableStream<WrittenChunk>;
  readonly #session: ClientSession;
  readonly #ending: Promise<Ending>;
  #resolveEnding: (ending: Ending) => void = () => undefined;
  /** In streaming mode: when the session reads on. */
  readonly #gate: MessageGate | undefined;
  #reading: ReadableStreamDefaultController<ReadChunk<boolean>> | undefined;
  #writing: WritableStreamDefaultController | undefined;

  /** @param isStreaming Whether messages are read while they arrive. */
  constructor(session: ClientSession, isStreaming: boolean, close: CloseStreams) {
    this.#session = session;
    if (isStreaming) this.#gate = new MessageGate(session, (message) => this.#reading?.enqueue(message));
    this.#ending = new Promise((resolve) => {
      this.#resolveEnding = resolve;
    });
    this.readable = createReadable<Streaming>(this.#source(close));
    this.writable = this.#createWritable(close);
  }

  /** A message came. It was asked for, so there is room. */
  receive(opcode: MessageOpcode, payload: Uint8Array): void {
    this.#reading?.enqueue(
      opcode === Opcode.Text ? decodeText(payload) : new Uint8Array(toArrayBuffer(payload)),
    );
  }

  /** A part of a message came, in streaming mode. */
  receivePiece(piece: PieceEvent): void {
    this.#gate?.push(piece);
  }

  /** The connection is closed: cleanly, or with an error. */
  end(failure: WebSocketError | undefined): void {
    const error =
      failure ?? new DOMException('Expected an open connection, received a closed one', 'InvalidStateError');
    this.#gate?.end(failure);
    if (failure === undefined) this.#reading?.close();
    else this.#reading?.error(failure);
    this.#writing?.error(error);
    this.#resolveEnding({ isClean: failure === undefined, error });
  }

  #source(close: CloseStreams): UnderlyingSource<ReadChunk<boolean>> {
    return {
      start: (controller) => {
        this.#reading = controller;
      },
      pull: () => (this.#gate ?? this.#session).resume(),
      cancel: (reason) => {
        this.#reading = undefined;
        close(reason, false);
      },
    };
  }

  #createWritable(close: CloseStreams): WritableStream<WrittenChunk> {
    return new WritableStream<WrittenChunk>({
      start: (controller) => {
        this.#writing = controller;
        // The stream's own call of `abort` waits for the write that is under way, and so perhaps for ever.
        const signal = abortSignalOf(controller);
        signal?.addEventListener('abort', () => close(signal.reason, true), { once: true });
      },
      write: (chunk) => this.#write(chunk),
      close: async () => {
        close(undefined, false);
        const { isClean, error } = await this.#ending;
        if (!isClean) throw error;
      },
    });
  }

  async #write(chunk: unknown): Promise<void> {
    const send = this.#senderOf(chunk);
    if (this.#session.isOpen && (await send()) && (await this.#session.room())) return;
    const { error } = await this.#ending;
    throw error;
  }

  /** What sends a chunk, and tells whether the connection has taken all of it. */
  #senderOf(chunk: unknown): () => boolean | Promise<boolean> {
    if (chunk instanceof OutgoingMessage) return () => this.#sendStream(chunk);
    // A Blob is neither bytes nor a string here, so it is made a string.
    const data = chunk instanceof Blob ? toDomString(chunk) : toSendableData(chunk);
    return () => {
      this.#session.send(data, payloadLength(data));
      return true;
    };
  }

  async #sendStream({ source, options }: OutgoingMessage): Promise<boolean> {
    try {
      await this.#session.sendStream(source, options);
      return true;
    } catch (error) {
      // The source may be a message of another connection, which has ended.
      if (error instanceof ConnectionEndedError && !this.#session.isOpen) return false;
      throw error;
    }
  }
}

/** The readable, as the option's type says that it is. */
function createReadable<Streaming extends boolean>(
  source: UnderlyingSource<ReadChunk<boolean>>,
): ReadableStream<ReadChunk<Streaming>>;
function createReadable(source: UnderlyingSource<ReadChunk<boolean>>): ReadableStream<ReadChunk<boolean>> {
  return new ReadableStream(source);
}

/** Node.js has it; the types of its oldest version that is supported do not say so. */
function abortSignalOf(controller: object): AbortSignal | undefined {
  const signal = 'signal' in controller ? controller.signal : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}
