/**
 * `WebSocketStream`, the WHATWG's proposal (https://github.com/whatwg/websockets/pull/48), for Node.js: a connection as
 * a ReadableStream and a WritableStream of messages. Its steps stand beside the lines that do them. Before: `dial.ts`,
 * which establishes the connection; below: `client-session.ts` and `message-streams.ts`; after: the application's
 * reader and writer.
 */

import type { ReadableStream, WritableStream } from 'node:stream/web';
import { CloseCode, type CloseStatus, formatExtensionList, type PieceEvent } from '@hawser/protocol';
import { type ClientSettings, resolveClientOptions, type WebSocketOptions } from './client-options.ts';
import { ClientSession } from './client-session.ts';
import { type CheckedCloseInfo, checkCloseInfo, toCloseInfo, type WebSocketCloseInfo } from './close-info.ts';
import { type Dialed, dial, prepareCall } from './dial.ts';
import { MessageStreams, type ReadChunk, type WrittenChunk } from './message-streams.ts';
import { describeInterface, toUsvString } from './web-idl.ts';
import { closedUncleanly, WebSocketError } from './websocket-error.ts';
import { checkProtocols, parseWebSocketUrl } from './websocket-url.ts';

/** The second argument of `new WebSocketStream`: the proposal's two, and what browsers decide for their pages. */
export interface WebSocketStreamOptions<Streaming extends boolean = false> extends WebSocketOptions {
  /** Subprotocols to ask for; the server has to choose one of them. Default none. */
  readonly protocols?: string | Iterable<string>;
  /** Gives the connection up while it is not open; does nothing afterwards. */
  readonly signal?: AbortSignal;
  /**
   * Whether messages are read while they arrive: the readable then gives IncomingMessages, the next once the one before
   * it has been read or left. Nothing is kept, so messages and frames may be of any length unless `limits` are given
   * for them. (A compressed message is inflated as a whole, within `limits.maxHeldBytes`, and comes as one part.)
   * Default false.
   */
  readonly streaming?: Streaming;
}

/** An open connection. */
export interface WebSocketOpenInfo<Streaming extends boolean = false> {
  /** The messages that come. Not to read is to hold the server back. Cancelled, it closes the connection. */
  readonly readable: ReadableStream<ReadChunk<Streaming>>;
  /**
   * Messages to be sent. A write is done when there is room for the next. Closed, it closes the connection; aborted, it
   * does so in the middle of an OutgoingMessage.
   */
  readonly writable: WritableStream<WrittenChunk>;
  /** Extensions in use, as in Sec-WebSocket-Extensions; empty for none. */
  readonly extensions: string;
  /** The subprotocol in use; empty for none. */
  readonly protocol: string;
}

const ABNORMAL_CLOSURE: CloseStatus = { code: CloseCode.AbnormalClosure, reason: '', clean: false };

/**
 * A connection to a WebSocket server, as a pair of streams.
 *
 * @typeParam Streaming Whether messages are read while they arrive: the option of that name.
 *
 * @example
 * const stream = new WebSocketStream('wss://example.com/prices');
 * const { readable, writable } = await stream.opened;
 * const writer = writable.getWriter();
 * await writer.write('subscribe');
 * for await (const message of readable) console.log(message);
 */
export class WebSocketStream<Streaming extends boolean = false> {
  readonly #url: URL;
  readonly #opened = new Settlement<WebSocketOpenInfo<Streaming>>();
  readonly #closed = new Settlement<Required<WebSocketCloseInfo>>();
  /** Aborted to give up the call that is under way. */
  readonly #calling = new AbortController();
  /** Undefined while the connection is not established. */
  #session: ClientSession | undefined;
  #stopObeying: () => void = () => undefined;

  /**
   * Connects.
   *
   * @param url An absolute URL: `ws:` or `wss:`, or their other names `http:` and `https:`, without a fragment.
   * @throws DOMException (SyntaxError) if the URL or a subprotocol cannot be used.
   * @throws TypeError, RangeError if an option cannot be used.
   */
  constructor(url: string | URL, options: WebSocketStreamOptions<Streaming> = {}) {
    // biome-ignore lint/complexity/noArguments: only the count tells no argument from one that is undefined.
    if (arguments.length === 0) throw new TypeError('Expected a URL, received no argument');
    // 1., 2. and 5. Get a URL record; it is this object's URL.
    this.#url = parseWebSocketUrl(toUsvString(url));
    // 3. and 4. Each subprotocol is a token, and comes once.
    const protocols = checkProtocols(options.protocols ?? []);
    const isStreaming = options.streaming === true;
    const settings = resolveClientOptions(options, isStreaming);
    // 8. The signal gives the connection up.
    if (this.#obey(options.signal)) return;
    // 10. In parallel, establish a WebSocket connection.
    dial(prepareCall(this.#url, protocols, settings), this.#calling).then(
      (dialed) => setImmediate(() => this.#open(dialed, settings, isStreaming)),
      (error: Error) => this.#failed(error),
    );
  }

  /** The URL, serialized. */
  get url(): string {
    return this.#url.href;
  }

  /** Resolves when the connection is open; rejects with a WebSocketError if it never was, or the signal's reason. */
  get opened(): Promise<WebSocketOpenInfo<Streaming>> {
    return this.#opened.promise;
  }

  /**
   * Resolves with what the server's Close frame said when the connection was closed cleanly; rejects otherwise, with a
   * WebSocketError or the signal's reason. Nobody has to listen.
   */
  get closed(): Promise<Required<WebSocketCloseInfo>> {
    return this.#closed.promise;
  }

  /**
   * Closes the connection, or gives it up if it is not open yet.
   *
   * @throws DOMException (InvalidAccessError) for a code other than 1000 and 3000 to 4999, (SyntaxError) for a reason of
   *   more than 123 bytes.
   */
  close(closeInfo: WebSocketCloseInfo = {}): void {
    const { code, reason } = toCloseInfo(closeInfo);
    if (this.#session === undefined) this.#giveUp();
    else this.#session.close(code, reason);
  }

  /** Returns whether the signal was aborted already. */
  #obey(signal: AbortSignal | undefined): boolean {
    if (signal === undefined) return false;
    if (!(signal instanceof AbortSignal)) throw new TypeError('Expected an AbortSignal');
    const abort = (): void => {
      this.#opened.reject(signal.reason);
      this.#closed.reject(signal.reason);
      this.#calling.abort(signal.reason);
    };
    this.#stopObeying = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return signal.aborted;
  }

  #giveUp(): void {
    const reason = new DOMException('close() was called before the connection was open', 'AbortError');
    this.#calling.abort(reason);
    this.#failed(reason);
  }

  // Feedback from the protocol

  /** When the connection could not be established. */
  #failed(cause: Error): void {
    this.#stopObeying();
    this.#closedWith(ABNORMAL_CLOSURE, closedUncleanly(ABNORMAL_CLOSURE, cause));
  }

  /** When the connection is established. */
  #open(
    { duplex, head, agreement, extension }: Dialed,
    settings: ClientSettings,
    isStreaming: boolean,
  ): void {
    this.#stopObeying();
    // Given up meanwhile.
    if (this.#calling.signal.aborted) return extension?.close();
    const session = new ClientSession(duplex, extension, settings, {
      handleMessage: (opcode, payload) => {
        // 1. Not once it is closing.
        if (session.isOpen) streams.receive(opcode, payload);
        // The reader asks for the next one.
        return false;
      },
      ...(isStreaming && { handlePiece: (piece: PieceEvent) => streams.receivePiece(piece) }),
      handleClosing: () => undefined,
      handleTaken: () => undefined,
      handleClosed: (status, failure) => {
        const error = status.clean ? undefined : closedUncleanly(status, failure);
        streams.end(error);
        this.#closedWith(status, error);
      },
    });
    this.#session = session;
    session.start(head);
    const streams = new MessageStreams<Streaming>(session, isStreaming, (reason, isAtOnce) =>
      this.#closeUsing(reason, isAtOnce),
    );
    const { readable, writable } = streams;
    const extensions = formatExtensionList(agreement.extensions);
    this.#opened.resolve({ readable, writable, extensions, protocol: agreement.subprotocol ?? '' });
  }

  /** Close using a reason: if it is a WebSocketError that could be sent, with its code and reason. */
  #closeUsing(error: unknown, isAtOnce: boolean): void {
    const { code, reason = '' } = (error instanceof WebSocketError ? infoToSend(error) : undefined) ?? {};
    if (isAtOnce) this.#session?.cutShort(code, reason);
    else this.#session?.close(code, reason);
  }

  /** When the connection is closed. */
  #closedWith({ code, reason }: CloseStatus, error: WebSocketError | undefined): void {
    if (error === undefined) return this.#closed.resolve({ closeCode: code, reason });
    this.#opened.reject(error);
    this.#closed.reject(error);
  }
}

/** What an error says, unless it tells how another connection ended: with a code that nobody may send. */
function infoToSend({ closeCode, reason }: WebSocketError): CheckedCloseInfo | undefined {
  try {
    return checkCloseInfo(closeCode ?? undefined, reason);
  } catch {
    return undefined;
  }
}

/** A promise with its two ends in one place. A rejection that nobody listens to ends nothing. */
class Settlement<Value> {
  readonly promise: Promise<Value>;
  resolve: (value: Value) => void = () => undefined;
  reject: (reason: unknown) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }
}

describeInterface(WebSocketStream, ['url', 'opened', 'closed', 'close']);
