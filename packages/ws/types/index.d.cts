/**
 * The types of the package, for both ways to load it (`index.d.mts` re-exports them): they follow those that the public
 * has written for `ws`, so that what compiles against `@types/ws` compiles against these. They are written by hand,
 * because `require('ws')` is a class with a namespace on it, which no source of ours declares.
 */

// biome-ignore-all lint/suspicious/noExplicitAny: listeners of unnamed events and hooks take what EventEmitter gives them.
// biome-ignore-all lint/style/noNamespace: `import WebSocket from 'ws'` has to give both the class and its types.
// biome-ignore-all lint/suspicious/noRedeclare: a class merges with its namespace.

/// <reference types="node" />

import { EventEmitter as Emitter } from 'node:events';
import type {
  Agent,
  ClientRequest,
  ClientRequestArgs,
  Server as HttpServer,
  IncomingMessage,
  OutgoingHttpHeaders,
} from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { createConnection } from 'node:net';
import type { Duplex, DuplexOptions } from 'node:stream';
import { Writable as WritableStream } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { ZlibOptions } from 'node:zlib';

/** The events of a WebSocket, with what their listeners get. */
interface Events {
  close: [code: number, reason: Buffer];
  error: [error: Error];
  message: [data: WebSocket.RawData, isBinary: boolean];
  open: [];
  ping: [data: Buffer];
  pong: [data: Buffer];
  redirect: [url: string, request: ClientRequest];
  'unexpected-response': [request: ClientRequest, response: IncomingMessage];
  upgrade: [response: IncomingMessage];
}

/** The events of a server. */
interface ServerEvents<Client, Request> {
  close: [];
  connection: [client: Client, request: Request];
  error: [error: Error];
  headers: [headers: string[], request: Request];
  listening: [];
  wsClientError: [error: Error, socket: Duplex, request: Request];
}

/** What `send` takes: text, and all that `Buffer.from` makes bytes of. */
type SendableData =
  | string
  | number
  | Blob
  | NodeJS.ArrayBufferView
  | ArrayBuffer
  | SharedArrayBuffer
  | readonly any[]
  | { valueOf(): ArrayBuffer | SharedArrayBuffer | Uint8Array | readonly number[] | string }
  | { [Symbol.toPrimitive](hint: string): string };

/** A WebSocket, of a client or a server. */
declare class WebSocket extends Emitter {
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSING: 2;
  static readonly CLOSED: 3;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;

  /** How binary messages are given: `nodebuffer` unless it is set. */
  binaryType: 'nodebuffer' | 'arraybuffer' | 'fragments';
  /** Bytes that were sent and that the system has not taken yet, framing included. */
  readonly bufferedAmount: number;
  /** The names of the extensions in use. */
  readonly extensions: string;
  readonly isPaused: boolean;
  /** The subprotocol in use; empty for none. */
  readonly protocol: string;
  readonly readyState: 0 | 1 | 2 | 3;
  readonly url: string;

  onopen: ((event: WebSocket.Event) => void) | null;
  onerror: ((event: WebSocket.ErrorEvent) => void) | null;
  onclose: ((event: WebSocket.CloseEvent) => void) | null;
  onmessage: ((event: WebSocket.MessageEvent) => void) | null;

  constructor(address: null);
  constructor(address: string | URL, options?: WebSocket.ClientOptions | ClientRequestArgs);
  constructor(
    address: string | URL,
    protocols?: string | string[],
    options?: WebSocket.ClientOptions | ClientRequestArgs,
  );

  /** Begins the closing handshake. */
  close(code?: number, data?: string | Buffer): void;
  /** Ends the connection without a closing handshake. */
  terminate(): void;
  /** Stops reading. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  ping(data?: any, mask?: boolean, callback?: (error: Error) => void): void;
  pong(data?: any, mask?: boolean, callback?: (error: Error) => void): void;
  send(data: SendableData, callback?: (error?: Error) => void): void;
  send(data: SendableData, options: WebSocket.SendOptions, callback?: (error?: Error) => void): void;

  addEventListener<K extends keyof WebSocket.WebSocketEventMap>(
    type: K,
    listener:
      | ((event: WebSocket.WebSocketEventMap[K]) => void)
      | { handleEvent(event: WebSocket.WebSocketEventMap[K]): void },
    options?: WebSocket.EventListenerOptions,
  ): void;
  removeEventListener<K extends keyof WebSocket.WebSocketEventMap>(
    type: K,
    listener:
      | ((event: WebSocket.WebSocketEventMap[K]) => void)
      | { handleEvent(event: WebSocket.WebSocketEventMap[K]): void },
  ): void;

  on<K extends keyof Events>(event: K, listener: (this: WebSocket, ...values: Events[K]) => void): this;
  on(event: string | symbol, listener: (this: WebSocket, ...values: any[]) => void): this;
  once<K extends keyof Events>(event: K, listener: (this: WebSocket, ...values: Events[K]) => void): this;
  once(event: string | symbol, listener: (this: WebSocket, ...values: any[]) => void): this;
  off<K extends keyof Events>(event: K, listener: (this: WebSocket, ...values: Events[K]) => void): this;
  off(event: string | symbol, listener: (this: WebSocket, ...values: any[]) => void): this;
  addListener<K extends keyof Events>(event: K, listener: (...values: Events[K]) => void): this;
  addListener(event: string | symbol, listener: (...values: any[]) => void): this;
  removeListener<K extends keyof Events>(event: K, listener: (...values: Events[K]) => void): this;
  removeListener(event: string | symbol, listener: (...values: any[]) => void): this;
}

/** Itself, for the namespace to name. */
declare const WebSocketAlias: typeof WebSocket;
interface WebSocketAlias extends WebSocket {}

declare namespace WebSocket {
  /** What a listener of `message` gets; a Blob if `binaryType` was set to that. */
  type RawData = Buffer | ArrayBuffer | Buffer[];
  /** What a MessageEvent has: text as text. */
  type Data = string | RawData;
  type CertMeta = string | string[] | Buffer | Buffer[];

  interface SendOptions {
    mask?: boolean | undefined;
    binary?: boolean | undefined;
    compress?: boolean | undefined;
    fin?: boolean | undefined;
  }

  /** Decides at once on a request. */
  type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = (info: {
    origin: string;
    secure: boolean;
    req: Request;
  }) => boolean;
  /** Decides later. */
  type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = (
    info: { origin: string; secure: boolean; req: Request },
    callback: (verified: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
  ) => void;
  /** Adds to a request, and sends it by `end()`. */
  type FinishRequestCallback = (request: ClientRequest, websocket: WebSocket) => void;

  interface ConnectionOptions {
    allowSynchronousEvents?: boolean | undefined;
    autoPong?: boolean | undefined;
    closeTimeout?: number | undefined;
    maxBufferedChunks?: number | undefined;
    maxFragments?: number | undefined;
    maxPayload?: number | undefined;
    maxPendingAutoPongs?: number | undefined;
    perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
    skipUTF8Validation?: boolean | undefined;
  }

  interface ClientOptions extends ConnectionOptions, SecureContextOptions {
    agent?: Agent | undefined;
    auth?: string | undefined;
    checkServerIdentity?(servername: string, certificate: CertMeta): boolean;
    createConnection?: typeof createConnection | undefined;
    family?: number | undefined;
    finishRequest?: FinishRequestCallback | undefined;
    followRedirects?: boolean | undefined;
    generateMask?(mask: Buffer): void;
    handshakeTimeout?: number | undefined;
    headers?: { [name: string]: string } | undefined;
    host?: string | undefined;
    localAddress?: string | undefined;
    maxRedirects?: number | undefined;
    origin?: string | undefined;
    protocol?: string | undefined;
    protocolVersion?: number | undefined;
    rejectUnauthorized?: boolean | undefined;
  }

  interface PerMessageDeflateOptions {
    clientMaxWindowBits?: number | boolean | undefined;
    clientNoContextTakeover?: boolean | undefined;
    concurrencyLimit?: number | undefined;
    serverMaxWindowBits?: number | boolean | undefined;
    serverNoContextTakeover?: boolean | undefined;
    threshold?: number | undefined;
    zlibDeflateOptions?: ZlibOptions | undefined;
    zlibInflateOptions?: ZlibOptions | undefined;
  }

  interface Event {
    type: string;
    target: WebSocket;
  }
  interface ErrorEvent extends Event {
    error: any;
    message: string;
  }
  interface CloseEvent extends Event {
    wasClean: boolean;
    code: number;
    reason: string;
  }
  interface MessageEvent extends Event {
    data: Data;
  }
  interface WebSocketEventMap {
    open: Event;
    error: ErrorEvent;
    close: CloseEvent;
    message: MessageEvent;
  }
  interface EventListenerOptions {
    once?: boolean | undefined;
  }

  interface ServerOptions<
    Client extends typeof WebSocket.WebSocket = typeof WebSocket.WebSocket,
    Request extends typeof IncomingMessage = typeof IncomingMessage,
  > extends ConnectionOptions {
    backlog?: number | undefined;
    clientTracking?: boolean | undefined;
    handleProtocols?: (protocols: Set<string>, request: InstanceType<Request>) => string | false;
    host?: string | undefined;
    noServer?: boolean | undefined;
    path?: string | undefined;
    port?: number | undefined;
    server?: HttpServer<Request> | HttpsServer<Request> | undefined;
    verifyClient?:
      | VerifyClientCallbackAsync<InstanceType<Request>>
      | VerifyClientCallbackSync<InstanceType<Request>>
      | undefined;
    WebSocket?: Client | undefined;
  }

  interface AddressInfo {
    address: string;
    family: string;
    port: number;
  }

  /** A WebSocket server. */
  class Server<
    Client extends typeof WebSocket.WebSocket = typeof WebSocket.WebSocket,
    Request extends typeof IncomingMessage = typeof IncomingMessage,
  > extends Emitter {
    options: ServerOptions<Client, Request>;
    path: string;
    /** The open connections; not there with `clientTracking: false`. */
    clients: Set<InstanceType<Client>>;

    constructor(options?: ServerOptions<Client, Request>, callback?: () => void);

    address(): AddressInfo | string | null;
    close(callback?: (error?: Error) => void): void;
    handleUpgrade(
      request: InstanceType<Request>,
      socket: Duplex,
      head: Buffer,
      callback: (client: InstanceType<Client>, request: InstanceType<Request>) => void,
    ): void;
    shouldHandle(request: InstanceType<Request>): boolean | Promise<boolean>;

    on<K extends keyof ServerEvents<any, any>>(
      event: K,
      listener: (
        this: Server<Client>,
        ...values: ServerEvents<InstanceType<Client>, InstanceType<Request>>[K]
      ) => void,
    ): this;
    on(event: string | symbol, listener: (this: Server<Client>, ...values: any[]) => void): this;
    once<K extends keyof ServerEvents<any, any>>(
      event: K,
      listener: (
        this: Server<Client>,
        ...values: ServerEvents<InstanceType<Client>, InstanceType<Request>>[K]
      ) => void,
    ): this;
    once(event: string | symbol, listener: (this: Server<Client>, ...values: any[]) => void): this;
    off<K extends keyof ServerEvents<any, any>>(
      event: K,
      listener: (
        this: Server<Client>,
        ...values: ServerEvents<InstanceType<Client>, InstanceType<Request>>[K]
      ) => void,
    ): this;
    off(event: string | symbol, listener: (this: Server<Client>, ...values: any[]) => void): this;
    addListener<K extends keyof ServerEvents<any, any>>(
      event: K,
      listener: (...values: ServerEvents<InstanceType<Client>, InstanceType<Request>>[K]) => void,
    ): this;
    addListener(event: string | symbol, listener: (...values: any[]) => void): this;
    removeListener<K extends keyof ServerEvents<any, any>>(
      event: K,
      listener: (...values: ServerEvents<InstanceType<Client>, InstanceType<Request>>[K]) => void,
    ): this;
    removeListener(event: string | symbol, listener: (...values: any[]) => void): this;
  }

  const WebSocketServer: typeof Server;
  interface WebSocketServer extends Server {}
  const WebSocket: typeof WebSocketAlias;
  interface WebSocket extends WebSocketAlias {}

  /** Wraps a WebSocket as a stream. */
  function createWebSocketStream(websocket: WebSocket, options?: DuplexOptions): Duplex;

  interface FrameOptions {
    fin?: boolean | undefined;
    opcode: number;
    mask?: boolean | undefined;
    rsv1?: boolean | undefined;
    readOnly?: boolean | undefined;
    generateMask?: ((mask: Buffer) => void) | undefined;
    maskBuffer?: Buffer | undefined;
  }

  interface SenderOptions {
    binary?: boolean | undefined;
    compress?: boolean | undefined;
    fin?: boolean | undefined;
    mask?: boolean | undefined;
  }
  interface Extensions {
    'permessage-deflate'?: PerMessageDeflate | undefined;
  }

  /** Frames built by hand. */
  class Sender {
    constructor(socket?: Duplex, extensions?: Extensions, generateMask?: (mask: Buffer) => void);
    static frame(data: Buffer | string, options: FrameOptions): Buffer[];
    send(data: SendableData, options: SenderOptions, callback?: (error?: Error) => void): void;
    ping(data?: SendableData, mask?: boolean, callback?: (error?: Error) => void): void;
    pong(data?: SendableData, mask?: boolean, callback?: (error?: Error) => void): void;
    close(code?: number, data?: string | Buffer, mask?: boolean, callback?: (error?: Error) => void): void;
    sendFrame(list: readonly (Buffer | string)[], callback?: (error?: Error) => void): void;
  }

  /** The Sec-WebSocket-Extensions header; a parameter without a value is true. */
  const extension: {
    parse(header: string): { [name: string]: { [parameter: string]: (string | true)[] }[] };
    format(extensions: { [name: string]: ExtensionParameters | readonly ExtensionParameters[] }): string;
  };
  interface ExtensionParameters {
    [name: string]: string | number | true | readonly (string | number | true)[];
  }

  /** The Sec-WebSocket-Protocol header. */
  const subprotocol: { parse(header: string): Set<string> };

  /** permessage-deflate without a connection. */
  class PerMessageDeflate {
    static readonly extensionName: string;
    params: { [name: string]: number | true } | null;
    constructor(
      options?: PerMessageDeflateOptions & {
        isServer?: boolean | undefined;
        maxPayload?: number | undefined;
      },
    );
    offer(): { [name: string]: number | true };
    accept(configurations: readonly ExtensionParameters[]): { [name: string]: number | true };
    compress(
      data: string | Buffer,
      fin: boolean,
      callback: (error: Error | null, data?: Buffer) => void,
    ): void;
    decompress(data: Buffer, fin: boolean, callback: (error: Error | null, data?: Buffer) => void): void;
    cleanup(): void;
  }

  /** Frames read without a connection. */
  class Receiver extends WritableStream {
    constructor(
      options?: ConnectionOptions & {
        binaryType?: string | undefined;
        extensions?: Extensions | undefined;
        isServer?: boolean | undefined;
      },
    );
  }
}

export = WebSocket;
