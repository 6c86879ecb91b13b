/**
 * The server's side of the opening handshake (RFC 6455 §4.2) with the statuses and bodies that `ws` answers with:
 * checks a request of Node's `http`, writes refusals. Before: an `upgrade` or `request` event; after: `server.ts`.
 */

import { type IncomingMessage, type OutgoingHttpHeaders, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type AcceptedDeflate,
  type ExtensionElement,
  parseExtensionList,
  parseTokenList,
} from '@hawser/websocket/driver';
import { asksForTinyWindow, type DeflateTerms, EXTENSION_NAME } from './deflate.ts';

/** What a request asks for. */
export interface Handshake {
  readonly key: string;
  readonly protocols: Set<string>;
  readonly offers: readonly ExtensionElement[];
  /** The Origin header, which an older draft called otherwise. */
  readonly origin: string | undefined;
}

/** A request that is refused. */
export class RefusedError extends Error {
  readonly #status: number;
  readonly #headers: OutgoingHttpHeaders;

  constructor(status: number, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.#status = status;
    this.#headers = headers;
  }

  /** Answers the request. */
  answer(socket: Duplex): void {
    refuse(socket, this.#status, this.message, this.#headers);
  }
}

const KEY_PATTERN = /^[+/0-9A-Za-z]{22}==$/;
const DRAFT_VERSION = '8';
const VERSION = '13';
const INVALID_EXTENSIONS = 'Invalid or unacceptable Sec-WebSocket-Extensions header';

/**
 * Checks the headers that every handshake has.
 *
 * @throws RefusedError
 */
function checkHandshake({ method, headers }: IncomingMessage): { key: string; version: string } {
  const key = headers['sec-websocket-key'];
  // A request that was made up for a test (light-my-request, of Fastify) has a number here.
  const version = String(headers['sec-websocket-version']);
  if (method !== 'GET') throw new RefusedError(405, 'Invalid HTTP method');
  if (headers.upgrade?.toLowerCase() !== 'websocket') throw new RefusedError(400, 'Invalid Upgrade header');
  if (key === undefined || !KEY_PATTERN.test(key)) {
    throw new RefusedError(400, 'Missing or invalid Sec-WebSocket-Key header');
  }
  if (version !== VERSION && version !== DRAFT_VERSION) {
    throw new RefusedError(400, 'Missing or invalid Sec-WebSocket-Version header', {
      'Sec-WebSocket-Version': `${VERSION}, ${DRAFT_VERSION}`,
    });
  }
  return { key, version };
}

/**
 * Reads what a request asks for beyond that.
 *
 * @throws RefusedError
 */
export function readHandshake(request: IncomingMessage, readsExtensions: boolean): Handshake {
  const { key, version } = checkHandshake(request);
  const { headers } = request;
  return {
    key,
    protocols: readProtocols(headers['sec-websocket-protocol']),
    offers: readsExtensions ? readOffers(headers['sec-websocket-extensions']) : [],
    origin: version === DRAFT_VERSION ? single(headers['sec-websocket-origin']) : headers.origin,
  };
}

/**
 * Takes an offer of compression.
 *
 * @throws RefusedError if compression was offered and no offer can be taken.
 */
export function acceptDeflate(
  offers: readonly ExtensionElement[],
  negotiator: DeflateTerms | undefined,
): AcceptedDeflate | undefined {
  if (negotiator === undefined || !offers.some(({ name }) => name === EXTENSION_NAME)) return undefined;
  const accepted = negotiator.accept(offers);
  if (accepted === undefined && !asksForTinyWindow(offers)) throw new RefusedError(400, INVALID_EXTENSIONS);
  return accepted;
}

/** Refuses a request: answers it and ends the connection. */
export function refuse(
  socket: Duplex,
  status: number,
  message: string | undefined,
  headers: OutgoingHttpHeaders = {},
): void {
  const reason = STATUS_CODES[status];
  const body = message || reason || '';
  const fields = {
    Connection: 'close',
    'Content-Type': 'text/html',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${body}`);
}

function readProtocols(header: string | undefined): Set<string> {
  if (header === undefined) return new Set();
  const protocols = parseTokenList(header);
  if (protocols === undefined || new Set(protocols).size < protocols.length) {
    throw new RefusedError(400, 'Invalid Sec-WebSocket-Protocol header');
  }
  return new Set(protocols);
}

function readOffers(header: string | undefined): readonly ExtensionElement[] {
  if (header === undefined) return [];
  const offers = parseExtensionList(header);
  if (offers === undefined) throw new RefusedError(400, INVALID_EXTENSIONS);
  return offers;
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' || header === undefined ? header : header[0];
}
