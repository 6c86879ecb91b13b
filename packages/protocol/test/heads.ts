/** Opening handshakes as they stand on the wire, for the tests of both of its sides. */
import assert from 'node:assert/strict';
import {
  type ClientHandshake,
  checkRequest,
  checkResponse,
  createRequest,
  HandshakeError,
  parseRequestHead,
  parseResponseHead,
  resolveLimits,
  type ServerHandshake,
} from '../src/index.ts';

/** The key of the example in RFC 6455 §1.3, and what answers it. */
export const exampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';
export const exampleAccept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** What the client of the example asks for: the key is the base64 of this nonce. */
export const exampleHandshake: ClientHandshake = {
  host: 'server.example.com',
  resourceName: '/chat',
  nonce: new Uint8Array(Buffer.from('the sample nonce')),
};

/** Header lines by name; undefined leaves a line out, an array writes it several times. */
export type HeaderLines = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request that a server accepts, with some of its header lines replaced. */
export function requestHead(lines: HeaderLines = {}, requestLine = 'GET /chat HTTP/1.1'): string {
  const required = {
    Host: 'server.example.com',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': exampleKey,
    'Sec-WebSocket-Version': '13',
  };
  return head(requestLine, { ...required, ...lines });
}

/** The response that a client expects to `exampleHandshake`, with some of its header lines replaced. */
export function responseHead(
  lines: HeaderLines = {},
  statusLine = 'HTTP/1.1 101 Switching Protocols',
): string {
  const required = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': exampleAccept };
  return head(statusLine, { ...required, ...lines });
}

/** A server's verdict on a request. */
export function receiveRequest(text: string): ServerHandshake {
  return checkRequest(parseRequestHead(text, resolveLimits()));
}

/** A client's verdict on a response to `exampleHandshake`, with some of it replaced. */
export function receiveResponse(text: string, asked: Partial<ClientHandshake> = {}) {
  const handshake = { ...exampleHandshake, ...asked };
  createRequest(handshake);
  return checkResponse(parseResponseHead(text, resolveLimits()), handshake);
}

/** Runs what has to throw a HandshakeError. */
export function refusal(run: () => unknown): HandshakeError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof HandshakeError, `Expected a HandshakeError, received ${error}`);
    return error;
  }
  throw new assert.AssertionError({ message: 'Expected a HandshakeError, received none' });
}

function head(startLine: string, lines: HeaderLines): string {
  const fields = Object.entries(lines).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return typeof value === 'string' ? [`${name}: ${value}`] : value.map((each) => `${name}: ${each}`);
  });
  return [startLine, ...fields].join('\r\n');
}
