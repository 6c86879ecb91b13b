/**
 * The server's side of the opening handshake (RFC 6455 §4.2), as values: check the request, build the response that
 * accepts or refuses it.
 */

import { HandshakeError } from '../errors.ts';
import { acceptKey } from './accept-key.ts';
import {
  type ExtensionElement,
  formatExtensionList,
  HttpHeaders,
  parseExtensionList,
  parseTokenList,
} from './headers.ts';
import { HTTP_1_1, type RequestHead, type ResponseHead } from './http-head.ts';

/** What a valid request asks for. */
export interface ServerHandshake {
  /** The Sec-WebSocket-Key. */
  readonly key: string;
  readonly host: string;
  /** The page that opened the connection; undefined for clients that are no browsers. */
  readonly origin: string | undefined;
  /** The subprotocols that the client speaks, in its order of preference. */
  readonly subprotocols: readonly string[];
  /** The extensions that the client offers, in its order of preference. */
  readonly extensions: readonly ExtensionElement[];
}

/** What the server agrees to. */
export interface Acceptance {
  readonly key: string;
  readonly subprotocol?: string | undefined;
  readonly extensions?: readonly ExtensionElement[];
  /** Further header fields, such as Set-Cookie. */
  readonly headers?: Iterable<readonly [name: string, value: string]>;
}

/** The response that refuses a request; the transport ends behind it. */
export interface Refusal {
  /** HTTP status, 300 to 599. */
  readonly status: number;
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  /** Body, as plain text unless the headers say otherwise. */
  readonly body?: string;
}

/** What the handshake sets itself, and what would make a body of the frames that follow. */
const ACCEPTANCE_HEADERS: ReadonlySet<string> = new Set([
  'upgrade',
  'connection',
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
  'content-length',
  'transfer-encoding',
]);
const REFUSAL_HEADERS: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding']);

/** 16 bytes in base64: 22 digits, of which the last carries 2 bits, and padding. */
const KEY_PATTERN = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/**
 * Checks a request (RFC 6455 §4.2.1, numbered requirements).
 *
 * @throws HandshakeError with the status to refuse with.
 */
export function checkRequest(request: RequestHead): ServerHandshake {
  const { headers } = request;
  // 1. GET, HTTP/1.1 or higher, and nothing that a request without a body does not have.
  checkRequestLine(request);
  checkNoBody(headers);
  // 2. Host.
  const host = single(headers, 'Host', 'invalid-host');
  // 3. and 4. Upgrade and Connection.
  if (!names(headers, 'Upgrade', 'websocket')) {
    throw new HandshakeError('upgrade-missing', show(headers.get('Upgrade')));
  }
  if (!names(headers, 'Connection', 'upgrade')) {
    throw new HandshakeError('connection-upgrade-missing', show(headers.get('Connection')));
  }
  // 6. Version 13, before the key: other versions may have other keys.
  const version = headers.get('Sec-WebSocket-Version');
  if (version !== '13') throw new HandshakeError('unsupported-version', show(version));
  // 5. The key.
  const key = single(headers, 'Sec-WebSocket-Key', 'invalid-key');
  if (!KEY_PATTERN.test(key)) throw new HandshakeError('invalid-key', show(key));
  // 7. to 9. Origin, subprotocols, extensions.
  return {
    key,
    host,
    origin: headers.has('Origin') ? single(headers, 'Origin', 'invalid-origin') : undefined,
    subprotocols: readSubprotocols(headers.get('Sec-WebSocket-Protocol')),
    extensions: readExtensions(headers.get('Sec-WebSocket-Extensions')),
  };
}

/**
 * Builds the response that accepts a request (RFC 6455 §4.2.2).
 *
 * @throws TypeError if a header or the subprotocol cannot stand in a response.
 */
export function createAcceptance(acceptance: Acceptance): ResponseHead {
  const { key, subprotocol, extensions = [], headers = [] } = acceptance;
  const response = HttpHeaders.ofValid([
    'Upgrade',
    'websocket',
    'Connection',
    'Upgrade',
    'Sec-WebSocket-Accept',
    acceptKey(key),
  ]);
  if (subprotocol !== undefined) response.append('Sec-WebSocket-Protocol', subprotocol);
  if (extensions.length > 0) response.append('Sec-WebSocket-Extensions', formatExtensionList(extensions));
  for (const [name, value] of headers) response.appendForeign(name, value, ACCEPTANCE_HEADERS);
  return { status: 101, reasonPhrase: 'Switching Protocols', httpVersion: HTTP_1_1, headers: response };
}

/**
 * Builds the head of a response that refuses a request. It announces that the connection ends, so that nothing that
 * follows on it can be taken for another request.
 *
 * @param bodyLength Length of the body in bytes.
 * @throws TypeError, RangeError if the status or a header cannot stand in a refusal.
 */
export function createRefusal(refusal: Refusal, bodyLength: number): ResponseHead {
  const { status, headers = [] } = refusal;
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new RangeError(`Expected a status of 300 to 599 for a refusal, received ${status}`);
  }
  const response = new HttpHeaders();
  for (const [name, value] of headers) response.appendForeign(name, value, REFUSAL_HEADERS);
  // RFC 9110 §7.8: a message with Upgrade names it in Connection.
  response.append('Connection', response.has('Upgrade') ? 'close, Upgrade' : 'close');
  response.append('Content-Length', String(bodyLength));
  if (bodyLength > 0 && !response.has('Content-Type'))
    response.append('Content-Type', 'text/plain; charset=utf-8');
  return { status, reasonPhrase: reasonPhrases.get(status) ?? '', httpVersion: HTTP_1_1, headers: response };
}

/** The refusal that tells the client which rule it broke, with the headers that HTTP asks for beside the status. */
export function refusalOf(error: HandshakeError): Refusal {
  const status = error.status ?? 400;
  return { status, headers: refusalHeaders(error), body: `${error.message}\n` };
}

function refusalHeaders({ code }: HandshakeError): [name: string, value: string][] {
  // RFC 6455 §4.4: an unsupported version is answered with those that are supported.
  if (code === 'unsupported-version')
    return [
      ['Sec-WebSocket-Version', '13'],
      ['Upgrade', 'websocket'],
    ];
  // RFC 9110 §15.5.22: a 426 names the protocol to upgrade to.
  if (code === 'upgrade-missing') return [['Upgrade', 'websocket']];
  return code === 'method-not-get' ? [['Allow', 'GET']] : [];
}

function checkRequestLine({ method, httpVersion }: RequestHead): void {
  if (method !== 'GET') throw new HandshakeError('method-not-get', method);
  if (httpVersion.major !== 1 || httpVersion.minor < 1) {
    throw new HandshakeError('unsupported-http-version', `HTTP/${httpVersion.major}.${httpVersion.minor}`);
  }
}

/** A body would leave bytes that one party reads as frames and another as a request. */
function checkNoBody(headers: HttpHeaders): void {
  const contentLength = headers.get('Content-Length');
  if (contentLength !== undefined && contentLength !== '0') {
    throw new HandshakeError('body-on-upgrade', `Content-Length: ${contentLength}`);
  }
  if (headers.has('Transfer-Encoding')) {
    throw new HandshakeError('body-on-upgrade', `Transfer-Encoding: ${headers.get('Transfer-Encoding')}`);
  }
}

function single(
  headers: HttpHeaders,
  name: string,
  code: 'invalid-host' | 'invalid-key' | 'invalid-origin',
): string {
  const values = headers.getAll(name);
  const [value] = values;
  if (value === undefined || values.length > 1) throw new HandshakeError(code, `${values.length}`);
  return value;
}

function names(headers: HttpHeaders, name: string, token: string): boolean {
  const value = headers.get(name);
  if (value?.toLowerCase() === token) return true;
  return (
    value?.split(',').some((element) => element.replace(/^[\t ]+|[\t ]+$/g, '').toLowerCase() === token) ??
    false
  );
}

/** What most requests ask for, one list for all of them. */
const none: readonly never[] = Object.freeze([]);

function readSubprotocols(header: string | undefined): readonly string[] {
  if (header === undefined) return none;
  const subprotocols = parseTokenList(header);
  if (subprotocols === undefined || new Set(subprotocols).size < subprotocols.length) {
    throw new HandshakeError('invalid-subprotocol-offer', show(header));
  }
  return subprotocols;
}

function readExtensions(header: string | undefined): readonly ExtensionElement[] {
  if (header === undefined) return none;
  const extensions = parseExtensionList(header);
  if (extensions === undefined) throw new HandshakeError('invalid-extension-offer', show(header));
  return extensions;
}

function show(value: string | undefined): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}

/** Reason phrases of the statuses that refusals have (RFC 9110 §15); others go without, which HTTP allows. */
const reasonPhrases: ReadonlyMap<number, string> = new Map([
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [408, 'Request Timeout'],
  [426, 'Upgrade Required'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
  [505, 'HTTP Version Not Supported'],
]);
