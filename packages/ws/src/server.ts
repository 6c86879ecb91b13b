/**
 * The server: listens on a port of its own, on an `http` server's upgrades, or takes requests by hand, decides on them
 * with the user's hooks, and keeps the clients. Before: `server-handshake.ts`; after: `websocket.ts`.
 */

import { EventEmitter } from 'node:events';
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { acceptKey, detachHttp, formatExtensionList } from '@hawser/websocket/driver';
import { type DeflateTerms, negotiatorOf } from './deflate.ts';
import { type ClientInfo, connectionDefaults, type ServerAddress, type ServerOptions } from './options.ts';
import { acceptDeflate, type Handshake, RefusedError, readHandshake, refuse } from './server-handshake.ts';
import { WebSocket } from './websocket.ts';

const RUNNING = 0;
const CLOSING = 1;
const CLOSED = 2;

/** Hears of a client that was accepted. */
type Accepted = (client: WebSocket, request: IncomingMessage) => void;

/** The sockets that have been upgraded: none can be twice. */
const upgraded = new WeakSet<Duplex>();

const defaults = {
  ...connectionDefaults,
  backlog: null,
  clientTracking: true,
  handleProtocols: null,
  host: null,
  noServer: false,
  path: null,
  perMessageDeflate: false,
  port: null,
  server: null,
  verifyClient: null,
  WebSocket,
} as const;

/** A WebSocket server. */
export class WebSocketServer extends EventEmitter {
  readonly options: ServerOptions<WebSocket>;
  /** The open connections; undefined with `clientTracking: false`. */
  readonly clients: Set<WebSocket> | undefined;
  _server: HttpServer | HttpsServer | null = null;
  _state: typeof RUNNING | typeof CLOSING | typeof CLOSED = RUNNING;
  readonly #deflate: DeflateTerms | undefined;
  #closesWhenEmpty = false;
  #removeListeners: (() => void) | undefined;

  /**
   * @param callback Called when it listens on a port of its own.
   * @throws TypeError unless exactly one of `port`, `server` and `noServer` is given.
   */
  constructor(options?: ServerOptions<WebSocket>, callback?: () => void) {
    super();
    const resolved = { ...defaults, ...options };
    checkWhere(resolved);
    const { port, host, backlog, server } = resolved;
    if (typeof port === 'number' || typeof port === 'string') {
      this._server = createServer(answerUpgradeRequired);
      this._server.listen(
        { port: Number(port), ...(host && { host }), ...(backlog && { backlog }) },
        callback,
      );
    } else if (server) {
      this._server = server;
    }
    if (this._server) this.#removeListeners = this.#listenTo(this._server);
    if (resolved.perMessageDeflate === true) Object.assign(resolved, { perMessageDeflate: {} });
    if (resolved.clientTracking) this.clients = new Set();
    this.options = resolved;
    this.#deflate = negotiatorOf('server', resolved.perMessageDeflate);
  }

  /** Where it listens; null once it is closed. */
  address(): ServerAddress {
    if (this.options.noServer) throw new Error('The server is operating in "noServer" mode');
    return this._server?.address() ?? null;
  }

  /**
   * Accepts no more clients. Those that there are stay.
   *
   * @param callback Called once with `close`, or with an error if it was closed before.
   */
  close(callback?: (error?: Error) => void): void {
    if (this._state === CLOSED) {
      if (callback) this.once('close', () => callback(new Error('The server is not running')));
      process.nextTick(() => this.#closed());
      return;
    }
    if (callback) this.once('close', callback);
    if (this._state === CLOSING) return;
    this._state = CLOSING;
    const server = this._server;
    this.#removeListeners?.();
    this.#removeListeners = undefined;
    this._server = null;
    if (server !== null && !this.options.server) server.close(() => this.#closed());
    else if (this.clients === undefined || this.clients.size === 0) process.nextTick(() => this.#closed());
    else this.#closesWhenEmpty = true;
  }

  /** Whether a request is for this server; may be overridden. */
  shouldHandle(request: IncomingMessage): boolean {
    const { path } = this.options;
    if (!path) return true;
    const url = request.url ?? '';
    const end = url.indexOf('?');
    return (end === -1 ? url : url.slice(0, end)) === path;
  }

  /** Takes a request, from an `upgrade` event or from a `request` event. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, callback: Accepted): void {
    socket.on('error', destroySocket);
    try {
      this.#handle(request, socket, head, callback);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (this.listenerCount('wsClientError') > 0) this.emit('wsClientError', error, socket, request);
      else error.answer(socket);
    }
  }

  #handle(request: IncomingMessage, socket: Duplex, head: Buffer, callback: Accepted): void {
    const handshake = readHandshake(request, this.#deflate !== undefined);
    if (!this.shouldHandle(request)) return refuse(socket, 400, undefined);
    const { verifyClient } = this.options;
    const accept = (): void => this.#accept(handshake, request, socket, head, callback);
    if (!verifyClient) return accept();
    const { origin } = handshake;
    const info: ClientInfo = { origin, secure: isSecure(request), req: request };
    if (verifyClient.length === 2) {
      verifyClient(info, (verified, code, message, headers) => {
        if (verified) accept();
        else refuse(socket, code || 401, message, headers);
      });
    } else if (verifyClient(info, () => undefined)) accept();
    else refuse(socket, 401, undefined);
  }

  #accept(
    handshake: Handshake,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: Accepted,
  ): void {
    // The client has hung up, or somebody has answered it.
    if (!socket.readable || !socket.writable) {
      socket.destroy();
      return;
    }
    if (upgraded.has(socket)) {
      throw new Error(
        'server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration',
      );
    }
    if (this._state !== RUNNING) return refuse(socket, 503, undefined);
    upgraded.add(socket);
    takeFromHttp(request, socket);
    const client = this.#upgrade(handshake, request, socket, head);
    callback(client, request);
  }

  /** Answers the handshake and makes the client. */
  #upgrade(handshake: Handshake, request: IncomingMessage, socket: Duplex, head: Buffer): WebSocket {
    const { WebSocket: Class = WebSocket, ...options } = this.options;
    const client = new Class(null, undefined, options);
    const deflate = acceptDeflate(handshake.offers, this.#deflate);
    const protocol = this.#chooseProtocol(handshake.protocols, request);
    const headers = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptKey(handshake.key)}`,
      ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
      ...(deflate ? [`Sec-WebSocket-Extensions: ${formatExtensionList([deflate.answer])}`] : []),
    ];
    this.emit('headers', headers, request);
    socket.write(`${headers.join('\r\n')}\r\n\r\n`);
    socket.removeListener('error', destroySocket);
    client.setSocket(socket, head, { ...options, protocol, extension: deflate?.extension });
    this.#track(client);
    return client;
  }

  #chooseProtocol(protocols: Set<string>, request: IncomingMessage): string {
    if (protocols.size === 0) return '';
    const { handleProtocols } = this.options;
    const [first = ''] = protocols;
    return handleProtocols ? handleProtocols(protocols, request) || '' : first;
  }

  #track(client: WebSocket): void {
    const { clients } = this;
    if (clients === undefined) return;
    clients.add(client);
    client.on('close', () => {
      clients.delete(client);
      if (this.#closesWhenEmpty && clients.size === 0) process.nextTick(() => this.#closed());
    });
  }

  #listenTo(server: HttpServer | HttpsServer): () => void {
    const listening = (): boolean => this.emit('listening');
    const error = (reason: Error): boolean => this.emit('error', reason);
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      this.handleUpgrade(request, socket, head, (client) => this.emit('connection', client, request));
    };
    server.on('listening', listening).on('error', error).on('upgrade', upgrade);
    return () => {
      server.off('listening', listening).off('error', error).off('upgrade', upgrade);
    };
  }

  #closed(): void {
    this._state = CLOSED;
    this.emit('close');
  }
}

function checkWhere({
  port,
  server,
  noServer,
}: Pick<ServerOptions<WebSocket>, 'port' | 'server' | 'noServer'>): void {
  const given = [port !== null && port !== undefined, Boolean(server), Boolean(noServer)];
  if (given.filter(Boolean).length === 1) return;
  throw new TypeError('One and only one of the "port", "server", or "noServer" options must be specified');
}

function answerUpgradeRequired(_request: IncomingMessage, response: ServerResponse): void {
  const body = STATUS_CODES[426] ?? '';
  response.writeHead(426, { 'Content-Length': body.length, 'Content-Type': 'text/plain' });
  response.end(body);
}

function isSecure({ socket }: IncomingMessage): boolean {
  return socket instanceof TLSSocket || ('encrypted' in socket && socket.encrypted === true);
}

/** In a `request` event Node's `http` still holds the socket, for an answer and for what comes behind. */
function takeFromHttp(request: IncomingMessage, socket: Duplex): void {
  if (socket !== request.socket || !('_httpMessage' in socket)) return;
  const response = socket._httpMessage;
  if (!(response instanceof ServerResponse)) return;
  response.detachSocket(request.socket);
  detachHttp(socket);
}

function destroySocket(this: Duplex): void {
  this.destroy();
}
