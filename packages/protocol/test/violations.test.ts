/**
 * Every rule of the table `violations` is broken here once, through the public entry point, and the error is what the
 * row says. A new row without a test does not compile. (The rows of kind `policy` are the server's: they are broken in
 * the tests of the package that has one.)
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Connection,
  type ConnectionError,
  checkAnswer,
  type DeflateParameters,
  HandshakeError,
  HeadCollector,
  type Inflated,
  InternalError,
  LimitError,
  type Limits,
  PerMessageDeflate,
  ProtocolError,
  parseRequestHead,
  type Role,
  resolveLimits,
  type ViolationError,
  type ViolationKind,
  type ViolationName,
  violations,
  WindowPool,
} from '../src/index.ts';
import { closePayload, concat, frame, header, hex, utf8 } from './frames.ts';
import { receiveRequest, receiveResponse, refusal, requestHead, responseHead } from './heads.ts';
import { openConnection, takeEvents } from './transcript.ts';

/** What breaks a rule, and what its error is. */
interface Case {
  readonly error: () => ViolationError;
  readonly section: string;
  /** The close code or the status. */
  readonly number: number | undefined;
  readonly message: string;
}

const more = { fin: false };
const malformed: Inflated = { type: 'malformed', reason: 'an invalid block type' };
const deflateDefaults: DeflateParameters = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

const frameCases: Record<ViolationName<'frame'>, Case> = {
  'reserved-bit-set': {
    error: () => failure('client', frame('server', 1, '', { reserved: 4 })),
    section: 'RFC 6455 §5.2',
    number: 1002,
    message:
      'Expected RSV1, RSV2 and RSV3 to be 0 unless an extension gives them a meaning, received first byte 0xc1',
  },
  'reserved-opcode': {
    error: () => failure('client', frame('server', 0x3)),
    section: 'RFC 6455 §5.2',
    number: 1002,
    message: 'Expected opcode 0x0, 0x1, 0x2, 0x8, 0x9 or 0xa, received 0x3',
  },
  'unmasked-frame': {
    error: () => failure('server', frame('server', 1)),
    section: 'RFC 6455 §5.1',
    number: 1002,
    message: 'Expected frames from a client to be masked, received an unmasked one',
  },
  'masked-frame': {
    error: () => failure('client', frame('client', 1)),
    section: 'RFC 6455 §5.1',
    number: 1002,
    message: 'Expected frames from a server to be unmasked, received a masked one',
  },
  'non-minimal-length': {
    error: () => failure('client', header('server', 2, 5, 16)),
    section: 'RFC 6455 §5.2',
    number: 1002,
    message: 'Expected the payload length in its shortest form, received 5 in the 16-bit form',
  },
  'length-bit-63-set': {
    error: () => failure('client', header('server', 2, 2n ** 63n, 64)),
    section: 'RFC 6455 §5.2',
    number: 1002,
    message:
      'Expected the most significant bit of a 64-bit payload length to be 0, received a first length byte of 0x80',
  },
  'fragmented-control-frame': {
    error: () => failure('client', frame('server', 9, '', more)),
    section: 'RFC 6455 §5.5',
    number: 1002,
    message: 'Expected a control frame to have FIN set, received opcode 0x9 without FIN',
  },
  'control-frame-too-long': {
    error: () => failure('client', frame('server', 9, new Uint8Array(126))),
    section: 'RFC 6455 §5.5',
    number: 1002,
    message: 'Expected a control frame payload of at most 125 bytes, received a length field of 126',
  },
  'unexpected-continuation': {
    error: () => failure('client', frame('server', 0)),
    section: 'RFC 6455 §5.4',
    number: 1002,
    message: 'Expected a text or binary frame to begin a message, received a continuation frame',
  },
  'expected-continuation': {
    error: () => failure('client', concat(frame('server', 1, 'a', more), frame('server', 2, 'b'))),
    section: 'RFC 6455 §5.4',
    number: 1002,
    message: 'Expected a continuation frame inside a fragmented message, received opcode 0x2',
  },
  'invalid-utf8': {
    error: () => failure('client', frame('server', 1, hex('ff'))),
    section: 'RFC 6455 §8.1',
    number: 1007,
    message: 'Expected a text message in UTF-8, received a byte that cannot stand there',
  },
  'invalid-compressed-data': {
    error: () => {
      const connection = new Connection({ role: 'server', extension: deflateOf(malformed) });
      connection.receive(frame('client', 1, 'a', { reserved: 4 }));
      return failureOf(connection);
    },
    section: 'RFC 7692 §7.2.2',
    number: 1007,
    message: 'Expected a compressed message to be DEFLATE data, received an invalid block type',
  },
  'close-payload-too-short': {
    error: () => failure('client', frame('server', 8, hex('03'))),
    section: 'RFC 6455 §5.5.1',
    number: 1002,
    message: 'Expected a Close payload to be empty or to begin with a 2-byte code, received 1 byte',
  },
  'invalid-close-code': {
    error: () => failure('client', frame('server', 8, closePayload(1006))),
    section: 'RFC 6455 §7.4',
    number: 1002,
    message: 'Expected a close code of 1000-1003, 1007-1014 or 3000-4999, received 1006',
  },
  'invalid-close-reason': {
    error: () => failure('client', frame('server', 8, closePayload(1000, hex('ff fe')))),
    section: 'RFC 6455 §5.5.1',
    number: 1007,
    message: 'Expected a close reason in UTF-8, received 2 bytes that are not UTF-8',
  },
};

const limitCases: Record<ViolationName<'limit'>, Case> = {
  'frame-too-long': {
    error: () => failure('client', header('server', 2, 126, 16), { maxFramePayloadLength: 125 }),
    section: 'RFC 6455 §10.4',
    number: 1009,
    message:
      'Expected a frame payload within limits.maxFramePayloadLength, received 126 bytes, the limit is 125',
  },
  'message-too-long': {
    error: () => failure('client', header('server', 2, 126, 16), { maxMessageLength: 125 }),
    section: 'RFC 6455 §10.4',
    number: 1009,
    message:
      'Expected a message within limits.maxMessageLength, received 126 bytes or more, the limit is 125',
  },
  'too-many-fragments': {
    error: () => {
      const fragments = concat(frame('server', 1, '', more), frame('server', 0, '', more));
      return failure('client', fragments, { maxFragments: 1 });
    },
    section: 'RFC 6455 §10.4',
    number: 1008,
    message: 'Expected a message of at most limits.maxFragments frames, received more than 1',
  },
  'input-over-budget': {
    error: () => failure('client', frame('server', 2, new Uint8Array(4096), more), { maxHeldBytes: 4096 }),
    section: 'RFC 6455 §10.4',
    number: 1009,
    message:
      'Expected what is kept of a message to fit limits.maxHeldBytes and the budget of the process, received 4292 bytes beyond the 0 that are kept',
  },
  'output-over-budget': {
    error: () => {
      const connection = openConnection('server', { maxHeldBytes: 100 });
      connection.sendBytes(new Uint8Array(101));
      return failureOf(connection);
    },
    section: 'RFC 6455 §10.4',
    number: 1008,
    message:
      'Expected what waits to be sent to fit limits.maxHeldBytes and the budget of the process, received 103 bytes waiting',
  },
  'too-much-buffered-output': {
    error: () => {
      const connection = openConnection('server', { maxBufferedOutput: 100 });
      connection.sendBytes(new Uint8Array(101));
      return failureOf(connection);
    },
    section: 'RFC 6455 §10.4',
    number: 1008,
    message:
      'Expected the peer to read before limits.maxBufferedOutput bytes wait for it, received 103 bytes waiting, the limit is 100',
  },
};

const internalCases: Record<ViolationName<'internal'>, Case> = {
  'unexpected-condition': {
    error: () => {
      const connection = openConnection('server');
      connection.fail(new InternalError('unexpected-condition', 'an Error', { cause: new Error('broken') }));
      return failureOf(connection);
    },
    section: 'RFC 6455 §7.4.1',
    number: 1011,
    message: 'Expected the handler of an event to succeed, received an Error',
  },
};

const requestCases: Record<ViolationName<'request'>, Case> = {
  'malformed-request-line': {
    error: () => refusal(() => receiveRequest(requestHead({}, 'GET /chat'))),
    section: 'RFC 9112 §3',
    number: 400,
    message: 'Expected a request line "METHOD target HTTP/x.y", received "GET /chat"',
  },
  'malformed-header': {
    error: () => refusal(() => receiveRequest(`${requestHead()}\r\n folded: line`)),
    section: 'RFC 9112 §5',
    number: 400,
    message:
      'Expected header lines "name: value" without folding or control characters, received " folded: line"',
  },
  'handshake-too-long': {
    error: () => {
      const collector = new HeadCollector(resolveLimits({ maxHandshakeLength: 10 }));
      return refusal(() => collector.push(utf8('GET /chat HTTP/1.1')));
    },
    section: 'RFC 6585 §5',
    number: 431,
    message: 'Expected a handshake head within limits.maxHandshakeLength, received more than 10 bytes',
  },
  'too-many-headers': {
    error: () => refusal(() => parseRequestHead(requestHead(), resolveLimits({ maxHeaderCount: 4 }))),
    section: 'RFC 6585 §5',
    number: 431,
    message: 'Expected at most limits.maxHeaderCount headers, received 5, the limit is 4',
  },
  'method-not-get': {
    error: () => refusal(() => receiveRequest(requestHead({}, 'POST /chat HTTP/1.1'))),
    section: 'RFC 6455 §4.2.1',
    number: 405,
    message: 'Expected the method GET, received POST',
  },
  'unsupported-http-version': {
    error: () => refusal(() => receiveRequest(requestHead({}, 'GET /chat HTTP/1.0'))),
    section: 'RFC 6455 §4.2.1',
    number: 505,
    message: 'Expected HTTP/1.1, received HTTP/1.0',
  },
  'body-on-upgrade': {
    error: () => refusal(() => receiveRequest(requestHead({ 'Content-Length': '5' }))),
    section: 'RFC 9110 §7.8',
    number: 400,
    message: 'Expected an upgrade request without a body, received Content-Length: 5',
  },
  'invalid-host': {
    error: () => refusal(() => receiveRequest(requestHead({ Host: undefined }))),
    section: 'RFC 6455 §4.2.1',
    number: 400,
    message: 'Expected one Host header, received 0',
  },
  'upgrade-missing': {
    error: () => refusal(() => receiveRequest(requestHead({ Upgrade: 'h2c' }))),
    section: 'RFC 6455 §4.2.1',
    number: 426,
    message: 'Expected an Upgrade header that names websocket, received "h2c"',
  },
  'connection-upgrade-missing': {
    error: () => refusal(() => receiveRequest(requestHead({ Connection: undefined }))),
    section: 'RFC 6455 §4.2.1',
    number: 400,
    message: 'Expected a Connection header that names Upgrade, received none',
  },
  'unsupported-version': {
    error: () => refusal(() => receiveRequest(requestHead({ 'Sec-WebSocket-Version': '8' }))),
    section: 'RFC 6455 §4.2.2',
    number: 426,
    message: 'Expected Sec-WebSocket-Version: 13, received "8"',
  },
  'invalid-key': {
    error: () => refusal(() => receiveRequest(requestHead({ 'Sec-WebSocket-Key': 'short' }))),
    section: 'RFC 6455 §4.2.1',
    number: 400,
    message: 'Expected one Sec-WebSocket-Key, 16 bytes in base64, received "short"',
  },
  'invalid-origin': {
    error: () => refusal(() => receiveRequest(requestHead({ Origin: ['http://a', 'http://b'] }))),
    section: 'RFC 6454 §7',
    number: 400,
    message: 'Expected at most one Origin header, received 2',
  },
  'invalid-subprotocol-offer': {
    error: () => refusal(() => receiveRequest(requestHead({ 'Sec-WebSocket-Protocol': 'a, a' }))),
    section: 'RFC 6455 §4.1',
    number: 400,
    message: 'Expected Sec-WebSocket-Protocol to list distinct tokens, received "a, a"',
  },
  'invalid-extension-offer': {
    error: () => refusal(() => receiveRequest(requestHead({ 'Sec-WebSocket-Extensions': 'foo;' }))),
    section: 'RFC 6455 §9.1',
    number: 400,
    message: 'Expected Sec-WebSocket-Extensions by the grammar of §9.1, received "foo;"',
  },
};

const responseCases: Record<ViolationName<'response'>, Case> = {
  'malformed-status-line': {
    error: () => refusal(() => receiveResponse(responseHead({}, 'ICY 200 OK'))),
    section: 'RFC 9112 §4',
    number: undefined,
    message: 'Expected a status line "HTTP/x.y 101 reason", received "ICY 200 OK"',
  },
  'unexpected-status': {
    error: () => refusal(() => receiveResponse(responseHead({}, 'HTTP/1.1 404 Not Found'))),
    section: 'RFC 6455 §4.1',
    number: 404,
    message: 'Expected status 101, received 404 Not Found',
  },
  'upgrade-mismatch': {
    error: () => refusal(() => receiveResponse(responseHead({ Upgrade: 'h2c' }))),
    section: 'RFC 6455 §4.1',
    number: undefined,
    message: 'Expected Upgrade: websocket, received "h2c"',
  },
  'connection-mismatch': {
    error: () => refusal(() => receiveResponse(responseHead({ Connection: 'close' }))),
    section: 'RFC 6455 §4.1',
    number: undefined,
    message: 'Expected a Connection header that names Upgrade, received "close"',
  },
  'accept-mismatch': {
    error: () => refusal(() => receiveResponse(responseHead({ 'Sec-WebSocket-Accept': undefined }))),
    section: 'RFC 6455 §4.1',
    number: undefined,
    message: 'Expected the Sec-WebSocket-Accept that belongs to the key, received none',
  },
  'unrequested-subprotocol': {
    error: () => refusal(() => receiveResponse(responseHead({ 'Sec-WebSocket-Protocol': 'chat' }))),
    section: 'RFC 6455 §4.1',
    number: undefined,
    message: 'Expected one of the subprotocols that were offered, received "chat"',
  },
  'invalid-extension-answer': {
    error: () => {
      const answer = [{ name: 'permessage-deflate', parameters: [{ name: 'foo', value: undefined }] }];
      return refusal(() => checkAnswer(answer, deflateDefaults));
    },
    section: 'RFC 7692 §7.1',
    number: undefined,
    message:
      'Expected parameters of permessage-deflate that answer the offer, received permessage-deflate; foo',
  },
  'unrequested-extension': {
    error: () => refusal(() => receiveResponse(responseHead({ 'Sec-WebSocket-Extensions': 'foo' }))),
    section: 'RFC 6455 §4.1',
    number: undefined,
    message: 'Expected only extensions that were offered, received "foo"',
  },
};

const cases: Record<Exclude<ViolationKind, 'policy'>, Readonly<Record<string, Case>>> = {
  frame: frameCases,
  limit: limitCases,
  internal: internalCases,
  request: requestCases,
  response: responseCases,
};

const classes: Record<Exclude<ViolationKind, 'policy'>, abstract new (...args: never) => ViolationError> = {
  frame: ProtocolError,
  limit: LimitError,
  internal: InternalError,
  request: HandshakeError,
  response: HandshakeError,
};

describe('violations', () => {
  for (const kind of ['frame', 'limit', 'internal', 'request', 'response'] as const) {
    for (const [code, { error, section, number, message }] of Object.entries(cases[kind])) {
      it(`${kind}: ${code}`, () => {
        const broken = error();
        assert.ok(broken instanceof classes[kind]);
        assert.equal(broken.name, classes[kind].name);
        assert.equal(broken.code, code);
        assert.equal(broken.section, section);
        assert.equal(numberOf(broken), number);
        assert.equal(broken.message, message);
      });
    }
  }

  it('have names that no two share, in lower case with hyphens', () => {
    const names = Object.values(violations).flatMap((rows) => Object.keys(rows));
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('have names that fit a Close frame as its reason', () => {
    for (const name of Object.keys({ ...violations.frame, ...violations.limit, ...violations.internal })) {
      assert.ok(name.length <= 123);
    }
  });

  it('name the section of a standard', () => {
    const sections = Object.values(violations).flatMap((rows) =>
      Object.values(rows).map(({ section }) => section),
    );
    for (const section of sections) assert.match(section, /^RFC \d{4} §\d+(\.\d+)*$/);
  });
});

/** permessage-deflate over a codec that says this of whatever is to be inflated. */
function deflateOf(inflated: Inflated): PerMessageDeflate {
  const codec = { deflate: (bytes: Uint8Array) => bytes, inflate: () => inflated };
  const windows = new WindowPool();
  return new PerMessageDeflate({ role: 'server', parameters: deflateDefaults, codec, windows, threshold: 0 });
}

/** The error that fails a connection which receives these bytes. */
function failure(role: Role, bytes: Uint8Array, limits: Partial<Limits> = {}): ConnectionError {
  const connection = openConnection(role, limits);
  connection.receive(new Uint8Array(bytes));
  return failureOf(connection);
}

function failureOf(connection: Connection): ConnectionError {
  const event = takeEvents(connection).at(-1);
  assert.ok(event?.type === 'fail', `Expected a fail event, received ${event?.type}`);
  return event.error;
}

function numberOf(error: ViolationError): number | undefined {
  if (error instanceof HandshakeError) return error.status;
  assert.ok(error instanceof ProtocolError || error instanceof LimitError || error instanceof InternalError);
  return error.closeCode;
}
