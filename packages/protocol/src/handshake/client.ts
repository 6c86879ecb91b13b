/**
 * The client's side of the opening handshake (RFC 6455 §4.1), as values: build the request, check the response.
 */

import { HandshakeError } from '../errors.ts';
import { acceptKey, encodeBase64 } from './accept-key.ts';
import {
  type ExtensionElement,
  formatExtensionList,
  HttpHeaders,
  isToken,
  parseExtensionList,
  parseTokenList,
} from './headers.ts';
import { HTTP_1_1, type RequestHead, type ResponseHead } from './http-head.ts';

/** What the client asks for. */
export interface ClientHandshake {
  /** The Host header: the host, and the port if it is not the scheme's default. */
  readonly host: string;
  /** The resource name (RFC 6455 §3): path and query, beginning with `/`. */
  readonly resourceName: string;
  /** A nonce of 16 random bytes (RFC 6455 §4.1), anew for each connection. */
  readonly nonce: Uint8Array;
  /** Subprotocols in order of preference; distinct tokens. */
  readonly subprotocols?: readonly string[];
  /** Extensions in order of preference. */
  readonly extensions?: readonly ExtensionElement[];
  /** Further header fields, such as Origin, Cookie or Authorization. */
  readonly headers?: Iterable<readonly [name: string, value: string]>;
}

/** What the server agreed to. */
export interface Agreement {
  /** The subprotocol in use; undefined for none. */
  readonly subprotocol: string | undefined;
  readonly extensions: readonly ExtensionElement[];
}

const NONCE_LENGTH = 16;

/** What the handshake sets itself, and what would make a body of the frames that follow. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'upgrade',
  'connection',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
  'content-length',
  'transfer-encoding',
]);

/**
 * Builds the request.
 *
 * @throws TypeError, RangeError if a part cannot stand in a request.
 */
export function createRequest(handshake: ClientHandshake): RequestHead {
  const { host, resourceName, nonce, subprotocols = [], extensions = [], headers = [] } = handshake;
  if (nonce.length !== NONCE_LENGTH) {
    throw new RangeError(`Expected a nonce of ${NONCE_LENGTH} bytes, received ${nonce.length}`);
  }
  if (!/^\/[\x21-\x7e]*$/.test(resourceName)) {
    throw new TypeError(
      'Expected a resource name that begins with "/" and has no spaces or control characters',
    );
  }
  checkSubprotocols(subprotocols);
  const request = new HttpHeaders([
    ['Host', host],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', encodeBase64(nonce)],
    ['Sec-WebSocket-Version', '13'],
  ]);
  if (subprotocols.length > 0) request.append('Sec-WebSocket-Protocol', subprotocols.join(', '));
  if (extensions.length > 0) request.append('Sec-WebSocket-Extensions', formatExtensionList(extensions));
  for (const [name, value] of headers) request.appendForeign(name, value, OWN_HEADERS);
  return { method: 'GET', target: resourceName, httpVersion: HTTP_1_1, headers: request };
}

/**
 * Checks the response to a request of ours (RFC 6455 §4.1, numbered steps).
 *
 * @throws HandshakeError if the server did not agree to speak WebSocket.
 */
export function checkResponse(response: ResponseHead, handshake: ClientHandshake): Agreement {
  const { headers } = response;
  // 1. Any status other than 101 is handled by HTTP's own rules, which here means: no connection.
  if (response.status !== 101) {
    const { status, reasonPhrase } = response;
    throw new HandshakeError('unexpected-status', `${status} ${reasonPhrase}`.trimEnd(), { status });
  }
  // A 101 is HTTP/1.1's own: HTTP/1.0 has no 1xx (RFC 9110 §15.2), HTTP/2 no Upgrade (RFC 9113 §8.2.2).
  const { major, minor } = response.httpVersion;
  if (major !== 1 || minor < 1) throw new HandshakeError('malformed-status-line', `HTTP/${major}.${minor}`);
  // 2. Upgrade: websocket.
  const upgrade = headers.get('Upgrade');
  if (upgrade?.toLowerCase() !== 'websocket') throw new HandshakeError('upgrade-mismatch', show(upgrade));
  // 3. Connection names Upgrade.
  const connection = headers.get('Connection');
  if (!parseTokenList(connection ?? '')?.some((token) => token.toLowerCase() === 'upgrade')) {
    throw new HandshakeError('connection-mismatch', show(connection));
  }
  // 4. Sec-WebSocket-Accept belongs to our key.
  const accept = headers.get('Sec-WebSocket-Accept');
  if (accept !== acceptKey(encodeBase64(handshake.nonce)))
    throw new HandshakeError('accept-mismatch', show(accept));
  // 5. and 6. Extensions and subprotocol are among those that we offered.
  return {
    extensions: checkExtensions(headers.get('Sec-WebSocket-Extensions'), handshake.extensions ?? []),
    subprotocol: checkSubprotocol(headers.getAll('Sec-WebSocket-Protocol'), handshake.subprotocols ?? []),
  };
}

function checkSubprotocols(subprotocols: readonly string[]): void {
  for (const subprotocol of subprotocols) {
    if (!isToken(subprotocol))
      throw new TypeError(`Expected a subprotocol to be a token, received ${show(subprotocol)}`);
  }
  if (new Set(subprotocols).size < subprotocols.length) {
    throw new TypeError(`Expected distinct subprotocols, received ${subprotocols.join(', ')}`);
  }
}

function checkExtensions(
  header: string | undefined,
  offered: readonly ExtensionElement[],
): ExtensionElement[] {
  if (header === undefined) return [];
  const accepted = parseExtensionList(header);
  const isOffered = ({ name }: ExtensionElement): boolean => offered.some((offer) => offer.name === name);
  if (!accepted?.every(isOffered)) throw new HandshakeError('unrequested-extension', show(header));
  return accepted;
}

function checkSubprotocol(values: readonly string[], offered: readonly string[]): string | undefined {
  const [subprotocol] = values;
  if (subprotocol === undefined) return undefined;
  if (values.length > 1 || !offered.includes(subprotocol)) {
    throw new HandshakeError('unrequested-subprotocol', show(values.join(', ')));
  }
  return subprotocol;
}

function show(value: string | undefined): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}
