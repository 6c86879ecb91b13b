/**
 * The client's opening handshake over Node's `http` and `https`, so that agents, lookups, TLS options and the request
 * itself are the user's to choose: builds the request, follows redirects, checks the answer. Before: `address.ts`;
 * after: `websocket.ts`, which is told how it went.
 */

import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import http, { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import net from 'node:net';
import querystring from 'node:querystring';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { formatExtensionList, isToken } from '@hawser/websocket/driver';
import { type Address, addressError, addressOf, parseUrl, withWebSocketScheme } from './address.ts';
import { type DeflateTerms, negotiatorOf } from './deflate.ts';
import type { ClientOptions } from './options.ts';
import { lowerCaseNames, Origin } from './redirects.ts';
import { type Agreed, checkUpgradeResponse } from './response.ts';

/** Whoever makes the call. */
export interface Caller {
  /** Where `upgrade`, `unexpected-response` and `redirect` are emitted. */
  readonly emitter: EventEmitter;
  readonly isConnecting: boolean;
  /** How many redirects have been followed. */
  redirects: number;
  url: string;
  /** The request under way; null when there is none. */
  request: ClientRequest | null;
  /** Gives up the handshake: destroys what it ran over, then reports the error. */
  abort(stream: ClientRequest | Duplex, message: string): void;
  isAborted(request: ClientRequest): boolean;
  /** Reports an error and the end. */
  fail(error: Error): void;
  established(socket: Duplex, head: Buffer, agreed: Agreed): void;
}

const KEY_LENGTH = 16;
const DEFAULT_MAX_REDIRECTS = 10;
const PROTOCOL_VERSIONS = [8, 13] as const;
const DEFAULT_PROTOCOL_VERSION = 13;

/** What Node's http would take from the options, though the URL or the handshake decides it. */
const notForTheUser = {
  hostname: undefined,
  protocol: undefined,
  protocols: undefined,
  socketPath: undefined,
  timeout: undefined,
} as const;

/** One client's handshake, with the redirects on its way. */
export class Dial {
  readonly #caller: Caller;
  readonly #options: ClientOptions;
  readonly #protocols: ReadonlySet<string>;
  readonly #deflate: DeflateTerms | undefined;
  readonly #protocolVersion: number;
  #headers: OutgoingHttpHeaders;
  #origin: Origin | undefined;
  #key = '';

  /** @throws RangeError, SyntaxError if an option or a subprotocol cannot be used. */
  constructor(caller: Caller, protocols: readonly unknown[], options: ClientOptions) {
    this.#caller = caller;
    this.#options = options;
    this.#protocolVersion = checkVersion(options.protocolVersion ?? DEFAULT_PROTOCOL_VERSION);
    this.#deflate = negotiatorOf('client', options.perMessageDeflate ?? true);
    this.#protocols = checkProtocols(protocols);
    this.#headers = { ...options.headers };
  }

  /**
   * Calls an address.
   *
   * @throws SyntaxError if it cannot be called, unless a redirect led to it.
   */
  call(address: string | URL): void {
    const url = withWebSocketScheme(parseUrl(address));
    this.#caller.url = url.href;
    const error = addressError(url);
    if (error === undefined) this.#request(addressOf(url));
    else if (this.#caller.redirects === 0) throw error;
    else this.#caller.fail(error);
  }

  #request(address: Address): void {
    const caller = this.#caller;
    this.#key = randomBytes(KEY_LENGTH).toString('base64');
    const requestOptions = this.#requestOptions(address);
    const request = (address.isSecure ? https : http).request(requestOptions);
    caller.request = request;
    if (caller.redirects > 0) caller.emitter.emit('redirect', caller.url, request);
    this.#listen(request, address);
    const { finishRequest } = this.#options;
    if (finishRequest === undefined) request.end();
    else Reflect.apply(finishRequest, this.#options, [request, caller.emitter]);
  }

  #requestOptions(address: Address): RequestOptions {
    const { url, isSecure, socketPath, host, port, path } = address;
    const options = this.#options;
    const hasUserInfo = url.username !== '' || url.password !== '';
    const credentials = {
      headers: this.#headers,
      auth: hasUserInfo
        ? `${querystring.unescape(url.username)}:${querystring.unescape(url.password)}`
        : options.auth,
    };
    if (options.followRedirects === true) this.#rememberOrigin(address, credentials);
    return {
      ...options,
      ...notForTheUser,
      method: 'GET',
      host,
      port,
      path,
      ...(socketPath === undefined ? {} : { socketPath }),
      auth: credentials.auth,
      headers: { ...credentials.headers, ...this.#ownHeaders() },
      timeout: options.handshakeTimeout,
      defaultPort: options.defaultPort ?? (isSecure ? 443 : 80),
      createConnection: options.createConnection ?? (isSecure ? connectTls : connectNet),
    };
  }

  /** Credentials go to the host that the user named, and after a redirect to no other. */
  #rememberOrigin(
    address: Address,
    credentials: { headers: OutgoingHttpHeaders; auth: string | null | undefined },
  ): void {
    if (this.#origin === undefined) {
      this.#origin = new Origin(address);
      this.#headers = lowerCaseNames(this.#headers);
      credentials.headers = this.#headers;
    } else if (this.#caller.emitter.listenerCount('redirect') === 0) {
      credentials.headers = { ...this.#headers };
      this.#origin.strip(address, credentials);
    }
    if (credentials.auth && !this.#headers.authorization) {
      // What the first URL said is said to every host that may hear it; a header of the user's goes before it.
      this.#headers.authorization = `Basic ${Buffer.from(credentials.auth).toString('base64')}`;
    }
  }

  #ownHeaders(): OutgoingHttpHeaders {
    const { origin } = this.#options;
    const isDraft = this.#protocolVersion < DEFAULT_PROTOCOL_VERSION;
    const protocols = [...this.#protocols].join(',');
    return {
      'Sec-WebSocket-Version': this.#protocolVersion,
      'Sec-WebSocket-Key': this.#key,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      ...(this.#deflate && { 'Sec-WebSocket-Extensions': formatExtensionList([this.#deflate.offer()]) }),
      ...(protocols && { 'Sec-WebSocket-Protocol': protocols }),
      ...(origin && { [isDraft ? 'Sec-WebSocket-Origin' : 'Origin']: origin }),
    };
  }

  #listen(request: ClientRequest, address: Address): void {
    const caller = this.#caller;
    let isOver = false;
    if (this.#options.handshakeTimeout) {
      request.on('timeout', () => caller.abort(request, 'Opening handshake has timed out'));
    }
    request.on('error', (error) => {
      if (isOver || caller.isAborted(request)) return;
      isOver = true;
      caller.request = null;
      caller.fail(error);
    });
    request.on('response', (response) => {
      if (this.#isRedirect(response)) isOver = true;
      this.#respond(request, response, address);
    });
    request.on('upgrade', (response, socket, head) => {
      caller.emitter.emit('upgrade', response);
      // A listener may have closed the WebSocket.
      if (!caller.isConnecting) return;
      isOver = true;
      caller.request = null;
      this.#upgrade(response, socket, head);
    });
  }

  #isRedirect({ statusCode = 0, headers }: IncomingMessage): boolean {
    const isRedirection = statusCode >= 300 && statusCode < 400;
    return Boolean(headers.location) && this.#options.followRedirects === true && isRedirection;
  }

  #respond(request: ClientRequest, response: IncomingMessage, address: Address): void {
    const caller = this.#caller;
    if (this.#isRedirect(response)) {
      this.#redirect(request, response.headers.location ?? '', address);
    } else if (!caller.emitter.emit('unexpected-response', request, response)) {
      caller.abort(request, `Unexpected server response: ${response.statusCode}`);
    }
  }

  #redirect(request: ClientRequest, location: string, { url }: Address): void {
    const caller = this.#caller;
    const { maxRedirects = DEFAULT_MAX_REDIRECTS } = this.#options;
    caller.redirects += 1;
    if (caller.redirects > maxRedirects) return caller.abort(request, 'Maximum redirects exceeded');
    request.destroy();
    try {
      this.call(parseUrl(location, url));
    } catch (error) {
      caller.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #upgrade(response: IncomingMessage, socket: Duplex, head: Buffer): void {
    const asked = { key: this.#key, protocols: this.#protocols, deflate: this.#deflate };
    let agreed: Agreed;
    try {
      agreed = checkUpgradeResponse(response, asked);
    } catch (error) {
      return this.#caller.abort(socket, error instanceof Error ? error.message : String(error));
    }
    this.#caller.established(socket, head, agreed);
  }
}

function checkVersion(version: number): number {
  if (PROTOCOL_VERSIONS.some((supported) => supported === version)) return version;
  throw new RangeError(
    `Unsupported protocol version: ${version} (supported versions: ${PROTOCOL_VERSIONS.join(', ')})`,
  );
}

function checkProtocols(protocols: readonly unknown[]): ReadonlySet<string> {
  const distinct = new Set<string>();
  for (const protocol of protocols) {
    if (typeof protocol !== 'string' || !isToken(protocol) || distinct.has(protocol)) {
      throw new SyntaxError('An invalid or duplicated subprotocol was specified');
    }
    distinct.add(protocol);
  }
  return distinct;
}

// Both are looked up when they are called, so that what patches `net` and `tls` is heard.

function connectNet(options: RequestOptions): Duplex {
  const { socketPath, host, port, path: _path, ...rest } = options;
  if (socketPath) return net.connect({ ...rest, path: socketPath });
  return net.connect({ ...rest, host: host ?? 'localhost', port: Number(port) });
}

function connectTls(options: RequestOptions): Duplex {
  const { servername, host, port, path: _path, ...rest } = options;
  // RFC 6066 §3: an IP address is no server name.
  const name = servername ?? (host && net.isIP(host) === 0 ? host : '');
  return tls.connect({ ...rest, host: host ?? 'localhost', port: Number(port), servername: name });
}
