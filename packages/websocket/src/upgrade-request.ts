/**
 * A client's opening handshake as the server's policy sees it, whether it was read by Node's `http` or from a bare
 * socket. Below: the protocol package's `checkRequest`; above: `upgrade.ts`.
 */

import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import {
  checkRequest,
  type ExtensionElement,
  HttpHeaders,
  type RequestHead,
  type ServerHandshake,
} from '@hawser/protocol';

/** A valid request to speak WebSocket. */
export class UpgradeRequest {
  /** The request target as it was sent, for example `/chat?room=1`. */
  readonly target: string;
  readonly headers: HttpHeaders;
  /** The subprotocols that the client speaks, in its order of preference. */
  readonly subprotocols: readonly string[];
  /** The extensions that the client offers. */
  readonly extensions: readonly ExtensionElement[];
  /** Whether the client's connection to this process is encrypted. */
  readonly secure: boolean;
  readonly #socket: Duplex;

  constructor(
    { target, headers }: RequestHead,
    { subprotocols, extensions }: ServerHandshake,
    socket: Duplex,
  ) {
    this.target = target;
    this.headers = headers;
    this.subprotocols = subprotocols;
    this.extensions = extensions;
    this.#socket = socket;
    this.secure = socket instanceof TLSSocket;
  }

  /** The client's address; undefined if the transport has none, or was gone before anybody asked. */
  get remoteAddress(): string | undefined {
    return this.#socket instanceof Socket ? this.#socket.remoteAddress : undefined;
  }

  /** The target's path, for example `/chat`. */
  get pathname(): string {
    return pathnameOf(this.target);
  }

  /** The Host header. */
  get host(): string {
    return this.headers.get('Host') ?? '';
  }

  /** The page that opened the connection; undefined for clients that are no browsers. */
  get origin(): string | undefined {
    return this.headers.get('Origin');
  }
}

/** A request with the key that its answer needs. */
export interface CheckedRequest {
  readonly request: UpgradeRequest;
  readonly key: string;
}

/**
 * Checks a request's head.
 *
 * @throws HandshakeError with the status to refuse with.
 */
export function checkUpgrade(head: RequestHead, socket: Duplex): CheckedRequest {
  const handshake = checkRequest(head);
  return { request: new UpgradeRequest(head, handshake, socket), key: handshake.key };
}

/** The head of a request that Node's `http` has read. */
export function requestHeadOf(message: IncomingMessage): RequestHead {
  const headers = new HttpHeaders();
  const { rawHeaders } = message;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  const httpVersion = { major: message.httpVersionMajor, minor: message.httpVersionMinor };
  return { method: message.method ?? '', target: message.url ?? '', httpVersion, headers };
}

/** The path of a request target in origin form. */
export function pathnameOf(target: string): string {
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}
