/**
 * One client of a server: what the application holds in its hands. It turns the connection's events into calls of
 * the server's handlers (or into an async iteration) and the application's calls into frames. Below:
 * `duplex-driver.ts`; above: the application, through `server.ts`. (Longer than a file should be: the handlers, the public
 * class and what drives it share one state, and a quarter of the lines is their contract.)
 */

import type { Duplex } from 'node:stream';
import {
  CloseCode,
  type CloseStatus,
  Connection,
  type ConnectionEvent,
  type ConnectionOptions,
  type Extension,
  InternalError,
  type Limits,
  Opcode,
  PreparedMessage,
} from '@hawser/protocol';
import { assertNever } from './assert-never.ts';
import { type DriverOptions, type DriverOwner, DuplexDriver } from './duplex-driver.ts';
import type { Monitored } from './heartbeat.ts';
import { Inbox } from './inbox.ts';
import type { IncomingMessage } from './incoming-message.ts';
import { decodeText } from './message-data.ts';
import {
  type MessageSource,
  OutgoingStreams,
  type StreamOptions,
  type StreamTarget,
} from './outgoing-streams.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

/** What happens to peers. One set serves all connections. A handler that throws, or whose promise is rejected, fails
 * its peer with 1011, which `error` hears of. */
export interface PeerHandlers<Data> {
  /** A connection was opened. */
  open?(peer: Peer<Data>): void | Promise<void>;
  /** A message came: a string for text, bytes for binary. The bytes are the handler's to keep. */
  message?(peer: Peer<Data>, message: string | Uint8Array): void | Promise<void>;
  /**
   * A message began to arrive, and can be read part by part. A server with this handler is in streaming mode: nothing
   * is kept, `message` is not called, and messages and frames may be of any length unless `limits` are given for them.
   * (A compressed message is inflated as a whole, within `limits.maxHeldBytes`, and comes as one part.) The next message
   * is not read before this one has been read to its end or its loop has been left.
   */
  stream?(peer: Peer<Data>, message: IncomingMessage): void | Promise<void>;
  /** The connection is gone; `status` tells how. */
  close?(peer: Peer<Data>, status: CloseStatus): void | Promise<void>;
  /** All that was sent has been taken by the kernel, after a `send` that returned false. */
  drain?(peer: Peer<Data>): void | Promise<void>;
  /**
   * Something broke: a ProtocolError or LimitError of the peer, an InternalError if a handler threw, or the
   * transport's own error. `close` follows. Default: ignored, for `close` tells the code.
   */
  error?(peer: Peer<Data>, error: Error): void | Promise<void>;
}

/** How one message is sent. */
export interface SendOptions {
  /** Whether it may be compressed; false for secrets beside foreign text (RFC 7692 §8). Default true. */
  readonly compress?: boolean;
}

/** What a peer goes by. */
export interface PeerSettings extends DriverOptions {
  /** Bytes that wait for a peer above which `send` returns false. */
  readonly highWaterMark: number;
}

/** What the handshake made of a client. */
export interface PeerIdentity<Data> {
  readonly data: Data;
  readonly request: UpgradeRequest;
  readonly subprotocol: string | undefined;
  /** The negotiated compression; closed with the connection. */
  readonly extension: Extension | undefined;
}

/** What all peers of a server have in common. */
export interface PeerContext<Data> {
  readonly handlers: PeerHandlers<Data>;
  readonly settings: PeerSettings;
  /** What their connections are made of, but for the extension that each negotiates. */
  readonly connection: ConnectionOptions & { readonly limits: Limits };
  /** Called once when the connection is gone, before the `close` handler. */
  readonly onGone: (peer: Peer<Data>) => void;
}

/**
 * A connected client.
 *
 * @typeParam Data What `authorize` gave: yours to read and to change.
 */
export class Peer<Data = undefined> implements DriverOwner, Monitored, AsyncIterable<string | Uint8Array> {
  /** Yours: what `authorize` gave, undefined without it. */
  data: Data;
  /** The request that opened the connection. */
  readonly request: UpgradeRequest;
  /** The subprotocol in use; undefined for none. */
  readonly subprotocol: string | undefined;
  /** The extensions in use, as the handshake has them: empty, or for example `permessage-deflate`. */
  readonly extensions: string;

  readonly #context: PeerContext<Data>;
  readonly #connection: Connection;
  readonly #driver: DuplexDriver;
  /** Made when messages are iterated over, or read part by part. */
  #inbox: Inbox | undefined;
  /** Made with the first stream that is sent. */
  #outgoing: OutgoingStreams | undefined;
  /** Whether a `send` has returned false since the last `drain`. */
  #wantsDrain = false;
  /** Whoever waits for room; undefined while there is room. */
  #whenRoom: (() => void)[] | undefined;

  constructor(duplex: Duplex, identity: PeerIdentity<Data>, context: PeerContext<Data>) {
    const { data, request, subprotocol, extension } = identity;
    const { connection, settings } = context;
    this.data = data;
    this.request = request;
    this.subprotocol = subprotocol;
    this.extensions = extension?.description ?? '';
    this.#context = context;
    this.#connection = new Connection(extension === undefined ? connection : { ...connection, extension });
    this.#driver = new DuplexDriver(duplex, this.#connection, this, settings);
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.#connection.state === 'open';
  }

  /** Bytes, framing included, that were sent and that the kernel has not taken yet. */
  get bufferedAmount(): number {
    return this.#driver.bufferedAmount + this.#connection.heldOutput;
  }

  /**
   * Sends a message: a string as text, bytes as binary. It leaves at the end of this turn of the event loop, together
   * with all else that is sent until then. Large bytes go by reference: do not change them until the peer has drained.
   * On a connection that is not open this does nothing.
   *
   * @param options `compress: false` sends the message as it is where compression was negotiated; a prepared message
   *   has said so itself.
   * @returns Whether there is room for more; if not, wait for `drain`.
   */
  send(message: string | Uint8Array | PreparedMessage, options?: SendOptions): boolean {
    const compress = options?.compress ?? true;
    if (typeof message === 'string') this.#connection.sendText(message, compress);
    else if (message instanceof PreparedMessage) this.#connection.sendPrepared(message);
    else this.#connection.sendBytes(message, Opcode.Binary, compress);
    return this.#used();
  }

  /**
   * Sends one message from a stream, a Blob or an async iterable, in fragments, no faster than the peer takes them.
   * Messages that are sent meanwhile wait until it is complete.
   *
   * Rejects with a ConnectionEndedError if the connection ends first, or with what the source throws, in which case
   * the connection is failed with 1011: half a message cannot be taken back.
   */
  sendStream(source: MessageSource, options: StreamOptions = {}): Promise<void> {
    this.#outgoing ??= new OutgoingStreams(this.#streamTarget(), this.#context.connection.limits);
    return this.#outgoing.send(source, options);
  }

  /**
   * Sends a Ping (RFC 6455 §5.5.2).
   *
   * @param payload At most 125 bytes; more throw a RangeError.
   */
  ping(payload?: Uint8Array): void {
    this.#connection.sendPing(payload);
    this.#used();
  }

  /**
   * Begins the closing handshake (RFC 6455 §7.1.2). Does nothing if it has begun.
   *
   * @param code 1000-1003, 1007-1014 or 3000-4999; anything else throws a RangeError. Default 1000.
   * @param reason At most 123 bytes of UTF-8; more throw a RangeError. Default empty.
   */
  close(code: number = CloseCode.NormalClosure, reason = ''): void {
    this.#connection.close(code, reason);
    this.#used();
  }

  /** Ends the connection now, without a closing handshake; the `close` handler gets 1006. */
  terminate(): void {
    this.#driver.destroy();
  }

  /** Stops reading: messages wait with the sender, and so does all else that it sends. */
  pause(): void {
    this.#driver.pause();
  }

  /** Goes on reading. */
  resume(): void {
    this.#driver.resume();
  }

  /** Whether reading is paused. */
  get isPaused(): boolean {
    return this.#driver.isPaused;
  }

  /**
   * The messages, one for each turn of a `for await`; the peer is read no faster than the loop runs. While a loop
   * runs, the `message` handler is not called. The loop ends when the connection closes, and throws the error if we
   * failed it.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<string | Uint8Array> {
    const iterator = this.#openInbox().iterate();
    if (this.#connection.state === 'closed') iterator.end();
    return iterator;
  }

  // Called by the server

  /** Begins to read and write; calls `open`. @internal */
  start(head: Uint8Array): void {
    this.#call(() => this.#context.handlers.open?.(this));
    this.#driver.start(head);
  }

  // Called by the heartbeat

  /** @internal */
  get lastReceivedAt(): number {
    return this.#driver.lastReceivedAt;
  }

  /** @internal */
  beat(): void {
    this.ping();
  }

  /** @internal */
  drop(): void {
    this.terminate();
  }

  // Called by the driver

  /** @internal */
  handleEvent(event: ConnectionEvent): void {
    switch (event.type) {
      case 'message':
        return this.#deliver(event.opcode === Opcode.Text ? decodeText(event.payload) : event.payload);
      case 'fail':
        return this.#fail(event.error);
      case 'piece':
        return this.#openInbox().pushPiece(event);
      case 'ping':
      case 'pong':
      case 'close':
      case 'lost':
        return;
      default:
        return assertNever(event);
    }
  }

  /** @internal */
  handleWrite(): (() => void) | undefined {
    return this.#wantsDrain || this.#whenRoom !== undefined ? () => this.#drained() : undefined;
  }

  /** @internal */
  handleClosed(status: CloseStatus, error: Error | undefined): void {
    this.#context.onGone(this);
    if (error !== undefined) this.#call(() => this.#context.handlers.error?.(this, error));
    this.#inbox?.end();
    this.#outgoing?.clear();
    this.#roomIsThere();
    this.#call(() => this.#context.handlers.close?.(this, status));
  }

  #deliver(message: string | Uint8Array): void {
    // A paused peer that is closing is read on, to find the Close frame: its messages have nobody who wants them.
    if (this.isPaused && !this.isOpen) return;
    if (this.#inbox?.push(message) === true) return;
    try {
      this.#settle(this.#context.handlers.message?.(this, message));
    } catch (cause) {
      this.#handlerFailed(cause);
    }
  }

  #openInbox(): Inbox {
    this.#inbox ??= new Inbox(this, (message) =>
      this.#call(() => this.#context.handlers.stream?.(this, message)),
    );
    return this.#inbox;
  }

  #streamTarget(): StreamTarget {
    return {
      hold: () => this.#connection.hold(),
      release: () => {
        this.#connection.release();
        this.#driver.connectionUsed();
      },
      sendFragment: (bytes, { type, compress }, isLast) => {
        const opcode = type === 'text' ? Opcode.Text : Opcode.Binary;
        const wasTaken = this.#connection.sendFragment(bytes, opcode, isLast, compress);
        this.#driver.connectionUsed();
        if (!this.#hasRoom) this.#whenRoom ??= [];
        return wasTaken;
      },
      room: () => this.#room(),
      fail: (error) => {
        this.#connection.fail(error);
        this.#driver.connectionUsed();
      },
    };
  }

  get #hasRoom(): boolean {
    return this.#driver.bufferedAmount <= this.#context.settings.highWaterMark;
  }

  #room(): Promise<void> {
    if (!this.isOpen || this.#hasRoom) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenRoom ??= [];
      this.#whenRoom.push(resolve);
    });
  }

  #roomIsThere(): void {
    const waiting = this.#whenRoom ?? [];
    this.#whenRoom = undefined;
    for (const resolve of waiting) resolve();
  }

  #fail(error: Error): void {
    this.#inbox?.fail(error);
    this.#call(() => this.#context.handlers.error?.(this, error));
  }

  #drained(): void {
    if (this.#driver.bufferedAmount > 0) return;
    this.#roomIsThere();
    // What waits behind a stream has not been sent yet.
    if (!this.#wantsDrain || this.bufferedAmount > 0) return;
    this.#wantsDrain = false;
    this.#call(() => this.#context.handlers.drain?.(this));
  }

  #used(): boolean {
    this.#driver.connectionUsed();
    const hasRoom = this.bufferedAmount <= this.#context.settings.highWaterMark;
    if (!hasRoom) this.#wantsDrain = true;
    return hasRoom;
  }

  /** Calls a handler. What it throws is this connection's trouble and nobody else's. */
  #call(handler: () => void | Promise<void>): void {
    try {
      this.#settle(handler());
    } catch (cause) {
      this.#handlerFailed(cause);
    }
  }

  /** A handler may be an async function: what it throws comes later. */
  #settle(result: void | Promise<void>): void {
    if (result instanceof Promise) result.catch((cause: unknown) => this.#handlerFailed(cause));
  }

  #handlerFailed(cause: unknown): void {
    this.#connection.fail(new InternalError('unexpected-condition', 'an exception', { cause }));
    this.#driver.connectionUsed();
  }
}
