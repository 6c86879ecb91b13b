/**
 * The standard's WebSocket over a connection that comes back, for any server, without a hub: the same events, properties
 * and methods. What was on its way when a connection was lost stays lost, for there is no protocol to tell; what was not
 * sent yet waits, within a limit. With a hub, use the `Client`.
 */

import { Connection, type ConnectionUser } from './connection.ts';
import type { ConnectionState } from './connection-machine.ts';
import { HawserError, type Problem, problemOf } from './errors.ts';
import { type ReconnectOptions, resolveOptions, withDefaults } from './options.ts';
import type { SocketData, SocketEvents } from './websocket-constructor.ts';

/** What a connection without a hub can be told. */
export interface ReconnectingWebSocketOptions extends ReconnectOptions {
  /** Subprotocols to offer. Default none. */
  readonly protocols?: readonly string[];
  /** Bytes that may wait for a connection, two for each character of text. `send` throws beyond. Default 1 MiB. */
  readonly maxQueuedBytes?: number;
  /**
   * Silence of the server after which the connection is taken for lost, in ms. A server that has nothing to say for so long
   * loses its clients. Default 0: never.
   */
  readonly silenceTimeoutMs?: number;
  /** Whether to come back after a close. Default: always, but after 1000 and 1008, by which servers say no. */
  shouldReconnect?(close: {
    readonly code: number;
    readonly reason: string;
    readonly wasClean: boolean;
  }): boolean;
}

/** A connection has ended. */
export class SocketCloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** Whether another connection follows. */
  readonly willReconnect: boolean;

  constructor(close: SocketEvents['close'], willReconnect: boolean) {
    super('close');
    this.code = close.code;
    this.reason = close.reason;
    this.wasClean = close.wasClean;
    this.willReconnect = willReconnect;
  }
}

type Handler<E> = ((event: E) => void) | null;

/** No connection was made, or it was lost without a word. */
const ABNORMAL: SocketEvents['close'] = { code: 1006, reason: '', wasClean: false };
const NORMAL: SocketEvents['close'] = { code: 1000, reason: '', wasClean: true };

/** Codes after which a server does not want to be asked again. */
const refusals: readonly number[] = [1000, 1008];

/** Never, as far as a timer goes. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * A WebSocket that comes back.
 *
 * `open` and `close` come once for each connection, with `CONNECTING` between them; `CLOSED` is the end of all.
 *
 * @example
 * const socket = new ReconnectingWebSocket('wss://example.com/feed');
 * socket.onmessage = ({ data }) => console.log(data);
 */
export class ReconnectingWebSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  onopen: Handler<Event> = null;
  onmessage: Handler<MessageEvent> = null;
  onerror: Handler<Event> = null;
  onclose: Handler<SocketCloseEvent> = null;

  readonly #connection: Connection;
  readonly #url: string;
  readonly #options: ReconnectingWebSocketOptions;
  readonly #maxQueuedBytes: number;
  readonly #silenceTimeoutMs: number;
  readonly #queue: SocketData[] = [];
  #queuedBytes = 0;
  #binaryType = 'blob';
  #isClosing = false;
  #lastClose = ABNORMAL;

  /**
   * @throws SyntaxError or TypeError for a URL that is none of ws:, wss:, http: or https:; HawserError `no-websocket`;
   *   RangeError.
   */
  constructor(url: string | { readonly href: string }, options: ReconnectingWebSocketOptions = {}) {
    super();
    const { maxQueuedBytes, silenceTimeoutMs } = withDefaults(
      { maxQueuedBytes: 1024 * 1024, silenceTimeoutMs: 0 },
      options,
    );
    const settings = resolveOptions(url, [...(options.protocols ?? [])], options);
    this.#options = options;
    this.#maxQueuedBytes = maxQueuedBytes;
    this.#silenceTimeoutMs = silenceTimeoutMs;
    this.#url = settings.url;
    // Half of the silence before asking, and half for the answer, which is anything at all.
    this.#connection = new Connection({ ...settings, pongTimeoutMs: silenceTimeoutMs / 2 }, this.#user());
    this.#connection.dispatch({ type: 'connect' });
  }

  get url(): string {
    return this.#url;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    const { status } = this.#connection.state;
    if (status === 'closed') return 3;
    if (this.#isClosing) return 2;
    return status === 'connected' ? 1 : 0;
  }

  /** The subprotocol of the present connection. */
  get protocol(): string {
    return this.#connection.socket?.protocol ?? '';
  }

  /** The extensions of the present connection. */
  get extensions(): string {
    return this.#connection.socket?.extensions ?? '';
  }

  /** Bytes that were given to `send` and that no network has taken. */
  get bufferedAmount(): number {
    return this.#queuedBytes + this.#connection.measureBuffer();
  }

  get binaryType(): string {
    return this.#binaryType;
  }

  set binaryType(binaryType: string) {
    if (binaryType !== 'blob' && binaryType !== 'arraybuffer') return;
    this.#binaryType = binaryType;
    const { socket } = this.#connection;
    if (socket) socket.binaryType = binaryType;
  }

  /**
   * Sends now, or once there is a connection.
   *
   * @throws HawserError `queue-full`
   */
  send(data: SocketData): void {
    if (this.#isClosing || this.readyState === this.CLOSED) return;
    if (this.readyState === this.OPEN) return this.#connection.send(data);
    const bytes = this.#queuedBytes + sizeOf(data);
    if (bytes > this.#maxQueuedBytes) throw new HawserError(problemOf('queue-full'));
    this.#queuedBytes = bytes;
    // A copy, because the caller may go on writing into it.
    this.#queue.push(typeof data === 'string' ? data : data.slice(0));
  }

  /**
   * Ends the connection for good.
   *
   * @throws DOMException InvalidAccessError or SyntaxError, as the standard's.
   */
  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code < 5000)) {
      throw new DOMException(
        `Expected 1000 or a code from 3000 to 4999, received ${code}`,
        'InvalidAccessError',
      );
    }
    if (this.#isClosing) return;
    const { socket, state } = this.#connection;
    if (socket !== undefined && state.status === 'connected') {
      socket.close(code, reason);
      this.#isClosing = true;
    } else {
      this.#isClosing = true;
      this.#connection.dispatch({ type: 'close' });
    }
  }

  #user(): ConnectionUser {
    return {
      authorize: () => this.#connection.dispatch({ type: 'authorized' }),
      greet: () => this.#greet(),
      // Whatever comes is a sign of life. Nothing can be asked for.
      ping: () => {},
      receive: (data) => this.#tell(new MessageEvent('message', { data }), this.onmessage),
      judge: (close) => this.#judge(close),
      changed: (state, previous) => this.#changed(state, previous),
      hidden: () => {},
    };
  }

  #greet(): void {
    const { socket } = this.#connection;
    if (socket) socket.binaryType = this.#binaryType;
    const pingIntervalMs = this.#silenceTimeoutMs / 2 || NEVER_MS;
    this.#connection.dispatch({ type: 'greeted', pingIntervalMs, expiresInMs: undefined });
  }

  #judge(close: SocketEvents['close']): { problem: Problem; isFinal: boolean } {
    this.#lastClose = close;
    const shouldReconnect = this.#options.shouldReconnect?.(close) ?? !refusals.includes(close.code);
    const problem = problemOf('connection-lost', undefined, close.reason || undefined);
    return { problem: { ...problem, closeCode: close.code }, isFinal: this.#isClosing || !shouldReconnect };
  }

  #changed(state: ConnectionState, previous: ConnectionState): void {
    if (state.status === 'connected' && previous.status !== 'connected') return this.#opened();
    if (state.status !== 'closed' && state.status !== 'waiting') return;
    if (previous.status === 'waiting' && state.status === 'waiting') return;
    const isAsked = this.#isClosing && previous.status !== 'connected';
    const close = isAsked ? NORMAL : this.#lastClose;
    this.#lastClose = ABNORMAL;
    if (!close.wasClean) this.#tell(new Event('error'), this.onerror);
    this.#tell(new SocketCloseEvent(close, state.status === 'waiting'), this.onclose);
  }

  #opened(): void {
    this.#tell(new Event('open'), this.onopen);
    for (const data of this.#queue.splice(0)) this.#connection.send(data);
    this.#queuedBytes = 0;
  }

  #tell<E extends Event>(event: E, handler: Handler<E>): void {
    this.dispatchEvent(event);
    handler?.call(this, event);
  }
}

function sizeOf(data: SocketData): number {
  return typeof data === 'string' ? 2 * data.length : data.byteLength;
}
