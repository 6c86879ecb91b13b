/**
 * The class that `ws` is known for: a WebSocket of either side with an EventEmitter's face and an EventTarget's. It
 * keeps the state and emits the events; `dial.ts` makes the client's handshake, `link.ts` lives on after it. Names with
 * an underscore are seams that dependants reach for; the README says which. (Longer than a file should be: it is the whole
 * public class, and whoever extends it expects to find everything on one prototype.)
 */

import { EventEmitter } from 'node:events';
import { ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Extension, Opcode } from '@hawser/websocket/driver';
import { type ClientArguments, readClientArguments } from './client-arguments.ts';
import { checkCloseReason } from './close-reason.ts';
import { EXTENSION_NAME } from './deflate.ts';
import { type Caller, Dial } from './dial.ts';
import {
  addHandler,
  attributeHandler,
  eventNames,
  type Handler,
  removeHandler,
  setAttributeHandler,
} from './event-target.ts';
import { makeEnumerable } from './events.ts';
import { checkControlPayload, type SendCallback } from './frame.ts';
import { Link, type LinkOwner } from './link.ts';
import { type ClientOptions, type ConnectionOptions, connectionDefaults, limitsOf } from './options.ts';
import {
  type BinaryType,
  byteLength,
  emptyBuffer,
  isBinaryType,
  type SendableData,
  toOutgoing,
  toRawData,
} from './payload.ts';
import { defineReadyStates, notOpenError, ReadyState } from './ready-state.ts';
import { Sender } from './sender.ts';

/** How a message is sent. */
export interface SendOptions {
  /** Whether it is a binary message. Default: text for a string, binary for the rest. */
  binary?: boolean | undefined;
  /** Whether it may be compressed, if that was negotiated. Default true. */
  compress?: boolean | undefined;
  /** Whether the message ends with it. Default true. */
  fin?: boolean | undefined;
  /** Whether it is masked. Default: by a client. */
  mask?: boolean | undefined;
}

/** What a handshake left behind for the connection. */
export interface SocketOptions extends ConnectionOptions {
  protocol?: string | undefined;
  extension?: Extension | undefined;
}

const CLOSED_TOO_EARLY = 'WebSocket was closed before the connection was established';
const ABNORMAL_CLOSURE = 1006;
const DEFAULT_CLOSE_TIMEOUT_MS = 30_000;

/** A WebSocket. */
export class WebSocket extends EventEmitter {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;
  declare onopen: Handler | null;
  declare onerror: Handler | null;
  declare onclose: Handler | null;
  declare onmessage: Handler | null;

  /** Whether it is a server's side. */
  _isServer: boolean;
  /** The client's handshake under way. */
  _req: ClientRequest | null = null;
  _redirects = 0;

  readonly #options: ConnectionOptions;
  readonly #aborted = new WeakSet<ClientRequest>();
  #readyState: ReadyState = ReadyState.CONNECTING;
  #binaryType: BinaryType = 'nodebuffer';
  #url: string | undefined;
  #protocol = '';
  #extensions = '';
  #link: Link | undefined;
  #sender: Sender | undefined;
  #isPaused = false;
  #errorWasEmitted = false;
  #wasClean = false;
  /** Bytes that were given to `send` when it was too late. */
  #unsentLength = 0;

  /**
   * @param address Where to connect; null for a server's side, which gets its socket by `setSocket`.
   * @throws SyntaxError, RangeError if an argument cannot be used.
   */
  constructor(address: string | URL | null, protocols?: ClientArguments, options?: ClientOptions) {
    super();
    this._isServer = address === null;
    if (address === null) {
      this.#options = options ?? {};
      return;
    }
    const { list, given } = readClientArguments(protocols, options);
    this.#options = { ...connectionDefaults, ...given };
    new Dial(this.#caller(), list, given).call(address);
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: string) {
    if (isBinaryType(type)) this.#binaryType = type;
  }

  /** Bytes that were sent and that the system has not taken yet, framing included. */
  get bufferedAmount(): number {
    return (this.#link?.bufferedAmount ?? 0) + this.#unsentLength;
  }

  get extensions(): string {
    return this.#extensions;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get readyState(): ReadyState {
    return this.#readyState;
  }

  get url(): string | undefined {
    return this.#url;
  }

  /** The socket, with all that was sent before handed to it; null during the handshake. */
  get _socket(): Duplex | null {
    this.#link?.flush();
    return this.#link?.socket ?? null;
  }

  /** Takes frames that were built by `Sender.frame`. */
  get _sender(): Sender | null {
    const link = this.#link;
    if (link === undefined) return null;
    this.#sender ??= new LinkSender(link);
    return this.#sender;
  }

  /** Whether the closing handshake was completed. @internal */
  get wasClean(): boolean {
    return this.#wasClean;
  }

  /**
   * Gives it its socket, behind a handshake that somebody else has made.
   *
   * @param head What came behind the handshake and was read with it.
   */
  setSocket(socket: Duplex, head: Buffer, options: SocketOptions = {}): void {
    const { autoPong, closeTimeout } = this.#options;
    this.#protocol = options.protocol ?? this.#protocol;
    this.#extensions = options.extension === undefined ? '' : EXTENSION_NAME;
    if (socket instanceof Socket) socket.setTimeout(0).setNoDelay();
    this.#link = new Link(socket, this.#linkOwner(), {
      role: this._isServer ? 'server' : 'client',
      extension: options.extension,
      limits: limitsOf(options),
      allowSynchronousEvents: options.allowSynchronousEvents ?? true,
      autoPong: autoPong ?? true,
      closeTimeout: closeTimeout ?? DEFAULT_CLOSE_TIMEOUT_MS,
      generateMask: options.generateMask,
      skipUTF8Validation: options.skipUTF8Validation ?? false,
    });
    this.#link.start(head);
    this.#readyState = ReadyState.OPEN;
    this.emit('open');
  }

  /** Begins the closing handshake; before the connection is there, gives it up. */
  close(code?: number, data?: string | Buffer): void {
    if (this.#readyState === ReadyState.CONNECTING) return this.#abortConnecting();
    if (this.#readyState !== ReadyState.OPEN) return;
    this.#link?.close(code, code === undefined ? '' : checkCloseReason(code, data));
    this.#readyState = ReadyState.CLOSING;
  }

  /** Ends the connection without a closing handshake. */
  terminate(): void {
    if (this.#readyState === ReadyState.CONNECTING) return this.#abortConnecting();
    if (this.#readyState === ReadyState.CLOSED || this.#link === undefined) return;
    this.#readyState = ReadyState.CLOSING;
    this.#link.terminate();
  }

  /** Stops reading. */
  pause(): void {
    if (this.#readyState === ReadyState.CONNECTING || this.#readyState === ReadyState.CLOSED) return;
    this.#isPaused = true;
    this.#link?.pause();
  }

  /** Goes on reading. */
  resume(): void {
    if (this.#readyState === ReadyState.CONNECTING || this.#readyState === ReadyState.CLOSED) return;
    this.#isPaused = false;
    this.#link?.resume();
  }

  /** Sends a ping. */
  ping(data?: SendableData | SendCallback, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl(Opcode.Ping, data, mask, callback);
  }

  /** Sends a pong. */
  pong(data?: SendableData | SendCallback, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl(Opcode.Pong, data, mask, callback);
  }

  /** Sends a message, or a fragment of one. */
  send(data?: SendableData, options?: SendOptions | SendCallback, callback?: SendCallback): void {
    if (this.#readyState === ReadyState.CONNECTING) throw notOpenError(this.#readyState);
    const whenSent = typeof options === 'function' ? options : callback;
    const given = typeof options === 'function' ? undefined : options;
    const outgoing = toOutgoing(data);
    const link = this.#openLink(data, whenSent);
    if (link === undefined) return;
    const binary = given?.binary ?? (typeof data !== 'string' && typeof data !== 'number');
    const message = {
      binary,
      compress: given?.compress ?? true,
      fin: given?.fin ?? true,
      mask: given?.mask,
    };
    link.send(outgoing, message, whenSent);
  }

  addEventListener(type: string, handler: Handler, options?: { once?: boolean | undefined }): void {
    addHandler(this, type, handler, options);
  }

  removeEventListener(type: string, handler: Handler): void {
    removeHandler(this, type, handler);
  }

  #sendControl(
    opcode: typeof Opcode.Ping | typeof Opcode.Pong,
    data: SendableData | SendCallback,
    mask: boolean | SendCallback | undefined,
    callback: SendCallback | undefined,
  ): void {
    if (this.#readyState === ReadyState.CONNECTING) throw notOpenError(this.#readyState);
    const whenSent = [data, mask, callback].find(isCallback);
    const payload = isCallback(data) ? undefined : data;
    const link = this.#openLink(payload, whenSent);
    if (link === undefined) return;
    const outgoing = toOutgoing(payload);
    checkControlPayload(outgoing);
    link.sendControl(opcode, outgoing, typeof mask === 'boolean' ? mask : undefined, whenSent);
  }

  /** The link, if something can be sent; otherwise counts it and reports that it was not sent. */
  #openLink(data: SendableData, callback: SendCallback | undefined): Link | undefined {
    if (this.#readyState === ReadyState.OPEN) return this.#link;
    this.#unsentLength += byteLength(toOutgoing(data));
    if (callback !== undefined) process.nextTick(callback, notOpenError(this.#readyState));
    return undefined;
  }

  #abortConnecting(): void {
    if (this._req !== null) this.#abort(this._req, CLOSED_TOO_EARLY);
  }

  #abort(stream: ClientRequest | Duplex, message: string): void {
    this.#readyState = ReadyState.CLOSING;
    const error = new Error(message);
    if (stream instanceof ClientRequest) {
      this.#aborted.add(stream);
      stream.destroy();
      // A request that was sent whole leaves its socket alone.
      stream.socket?.destroy();
      process.nextTick(() => this.#fail(error));
      return;
    }
    stream.once('error', () => this.emit('error', error));
    stream.once('close', () => this.#closed(ABNORMAL_CLOSURE, ''));
    stream.destroy(error);
  }

  #fail(error: Error): void {
    this.#readyState = ReadyState.CLOSING;
    this.#errorWasEmitted = true;
    this.emit('error', error);
    this.#closed(ABNORMAL_CLOSURE, '');
  }

  #closed(code: number, reason: string): void {
    this.#readyState = ReadyState.CLOSED;
    this.emit('close', code, reason === '' ? emptyBuffer : Buffer.from(reason));
  }

  /** What the handshake tells. */
  #caller(): Caller {
    const websocket = this;
    return {
      emitter: websocket,
      get isConnecting() {
        return websocket.#readyState === ReadyState.CONNECTING;
      },
      get redirects() {
        return websocket._redirects;
      },
      set redirects(count) {
        websocket._redirects = count;
      },
      get url() {
        return websocket.#url ?? '';
      },
      set url(url) {
        websocket.#url = url;
      },
      get request() {
        return websocket._req;
      },
      set request(request) {
        websocket._req = request;
      },
      abort: (stream, message) => this.#abort(stream, message),
      isAborted: (request) => this.#aborted.has(request),
      fail: (error) => this.#fail(error),
      established: (socket, head, agreed) => this.setSocket(socket, head, { ...this.#options, ...agreed }),
    };
  }

  /** What the connection tells. */
  #linkOwner(): LinkOwner {
    return {
      handleMessage: (payload, isBinary) => {
        this.emit('message', isBinary ? toRawData(payload, this.#binaryType) : payload, isBinary);
      },
      handlePing: (payload) => {
        this.emit('ping', payload);
      },
      handlePong: (payload) => {
        this.emit('pong', payload);
      },
      handleClosing: () => {
        this.#readyState = ReadyState.CLOSING;
      },
      handleError: (error) => {
        if (this.#errorWasEmitted) return;
        this.#errorWasEmitted = true;
        this.emit('error', error);
      },
      handleClosed: (code, reason, wasClean) => {
        this.#wasClean = wasClean;
        this.#closed(code, reason);
      },
    };
  }
}

/** Puts built frames on a connection, in order with its messages. */
class LinkSender extends Sender {
  readonly #link: Link;

  constructor(link: Link) {
    super(link.socket);
    this.#link = link;
  }

  override sendFrame(list: readonly (Buffer | string)[], callback?: SendCallback): void {
    this.#link.sendFrame(list, callback);
  }
}

defineReadyStates(WebSocket);
defineReadyStates(WebSocket.prototype);
makeEnumerable(WebSocket.prototype, [
  'binaryType',
  'bufferedAmount',
  'extensions',
  'isPaused',
  'protocol',
  'readyState',
  'url',
]);
for (const name of eventNames) {
  Object.defineProperty(WebSocket.prototype, `on${name}`, {
    configurable: true,
    enumerable: true,
    get(this: WebSocket) {
      return attributeHandler(this, name);
    },
    set(this: WebSocket, handler: unknown) {
      setAttributeHandler(this, name, handler);
    },
  });
}

function isCallback(value: unknown): value is SendCallback {
  return typeof value === 'function';
}
