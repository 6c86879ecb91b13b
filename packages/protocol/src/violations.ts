/**
 * Every rule that a peer can break, as one table: its name (the stable error code), where it is written, what was
 * expected, and what follows. `errors.ts` turns a row into an error, `docs/errors.md` lists the table, and a test
 * triggers each row.
 */

/** The table, by kind and name. */
export const violations = {
  /** Broken on an open connection: it is failed with `closeCode` (RFC 6455 §7.1.7). */
  frame: {
    'reserved-bit-set': {
      section: 'RFC 6455 §5.2',
      closeCode: 1002,
      expected: 'RSV1, RSV2 and RSV3 to be 0 unless an extension gives them a meaning',
    },
    'reserved-opcode': {
      section: 'RFC 6455 §5.2',
      closeCode: 1002,
      expected: 'opcode 0x0, 0x1, 0x2, 0x8, 0x9 or 0xa',
    },
    'unmasked-frame': {
      section: 'RFC 6455 §5.1',
      closeCode: 1002,
      expected: 'frames from a client to be masked',
    },
    'masked-frame': {
      section: 'RFC 6455 §5.1',
      closeCode: 1002,
      expected: 'frames from a server to be unmasked',
    },
    'non-minimal-length': {
      section: 'RFC 6455 §5.2',
      closeCode: 1002,
      expected: 'the payload length in its shortest form',
    },
    'length-bit-63-set': {
      section: 'RFC 6455 §5.2',
      closeCode: 1002,
      expected: 'the most significant bit of a 64-bit payload length to be 0',
    },
    'fragmented-control-frame': {
      section: 'RFC 6455 §5.5',
      closeCode: 1002,
      expected: 'a control frame to have FIN set',
    },
    'control-frame-too-long': {
      section: 'RFC 6455 §5.5',
      closeCode: 1002,
      expected: 'a control frame payload of at most 125 bytes',
    },
    'unexpected-continuation': {
      section: 'RFC 6455 §5.4',
      closeCode: 1002,
      expected: 'a text or binary frame to begin a message',
    },
    'expected-continuation': {
      section: 'RFC 6455 §5.4',
      closeCode: 1002,
      expected: 'a continuation frame inside a fragmented message',
    },
    'invalid-utf8': { section: 'RFC 6455 §8.1', closeCode: 1007, expected: 'a text message in UTF-8' },
    'close-payload-too-short': {
      section: 'RFC 6455 §5.5.1',
      closeCode: 1002,
      expected: 'a Close payload to be empty or to begin with a 2-byte code',
    },
    'invalid-close-code': {
      section: 'RFC 6455 §7.4',
      closeCode: 1002,
      expected: 'a close code of 1000-1003, 1007-1014 or 3000-4999',
    },
    'invalid-compressed-data': {
      section: 'RFC 7692 §7.2.2',
      closeCode: 1007,
      expected: 'a compressed message to be DEFLATE data',
    },
    'invalid-close-reason': {
      section: 'RFC 6455 §5.5.1',
      closeCode: 1007,
      expected: 'a close reason in UTF-8',
    },
  },

  /** Our own bounds on an open connection, which RFC 6455 §10.4 asks for: it is failed with `closeCode`. */
  limit: {
    'frame-too-long': {
      section: 'RFC 6455 §10.4',
      closeCode: 1009,
      expected: 'a frame payload within limits.maxFramePayloadLength',
    },
    'message-too-long': {
      section: 'RFC 6455 §10.4',
      closeCode: 1009,
      expected: 'a message within limits.maxMessageLength',
    },
    'too-many-fragments': {
      section: 'RFC 6455 §10.4',
      closeCode: 1008,
      expected: 'a message of at most limits.maxFragments frames',
    },
    'input-over-budget': {
      section: 'RFC 6455 §10.4',
      closeCode: 1009,
      expected: 'what is kept of a message to fit limits.maxHeldBytes and the budget of the process',
    },
    'output-over-budget': {
      section: 'RFC 6455 §10.4',
      closeCode: 1008,
      expected: 'what waits to be sent to fit limits.maxHeldBytes and the budget of the process',
    },
    'too-much-buffered-output': {
      section: 'RFC 6455 §10.4',
      closeCode: 1008,
      expected: 'the peer to read before limits.maxBufferedOutput bytes wait for it',
    },
  },

  /** Our own failures, which the peer is told with `closeCode`. */
  internal: {
    'unexpected-condition': {
      section: 'RFC 6455 §7.4.1',
      closeCode: 1011,
      expected: 'the handler of an event to succeed',
    },
  },

  /** Broken by a client's opening handshake, which is refused with `status`. */
  request: {
    'malformed-request-line': {
      section: 'RFC 9112 §3',
      status: 400,
      expected: 'a request line "METHOD target HTTP/x.y"',
    },
    'malformed-header': {
      section: 'RFC 9112 §5',
      status: 400,
      expected: 'header lines "name: value" without folding or control characters',
    },
    'handshake-too-long': {
      section: 'RFC 6585 §5',
      status: 431,
      expected: 'a handshake head within limits.maxHandshakeLength',
    },
    'too-many-headers': {
      section: 'RFC 6585 §5',
      status: 431,
      expected: 'at most limits.maxHeaderCount headers',
    },
    'method-not-get': { section: 'RFC 6455 §4.2.1', status: 405, expected: 'the method GET' },
    'unsupported-http-version': { section: 'RFC 6455 §4.2.1', status: 505, expected: 'HTTP/1.1' },
    'body-on-upgrade': {
      section: 'RFC 9110 §7.8',
      status: 400,
      expected: 'an upgrade request without a body',
    },
    'invalid-host': { section: 'RFC 6455 §4.2.1', status: 400, expected: 'one Host header' },
    'upgrade-missing': {
      section: 'RFC 6455 §4.2.1',
      status: 426,
      expected: 'an Upgrade header that names websocket',
    },
    'connection-upgrade-missing': {
      section: 'RFC 6455 §4.2.1',
      status: 400,
      expected: 'a Connection header that names Upgrade',
    },
    'unsupported-version': { section: 'RFC 6455 §4.2.2', status: 426, expected: 'Sec-WebSocket-Version: 13' },
    'invalid-key': {
      section: 'RFC 6455 §4.2.1',
      status: 400,
      expected: 'one Sec-WebSocket-Key, 16 bytes in base64',
    },
    'invalid-origin': { section: 'RFC 6454 §7', status: 400, expected: 'at most one Origin header' },
    'invalid-subprotocol-offer': {
      section: 'RFC 6455 §4.1',
      status: 400,
      expected: 'Sec-WebSocket-Protocol to list distinct tokens',
    },
    'invalid-extension-offer': {
      section: 'RFC 6455 §9.1',
      status: 400,
      expected: 'Sec-WebSocket-Extensions by the grammar of §9.1',
    },
  },

  /** A request that is well formed and yet refused with `status`. */
  policy: {
    'origin-not-allowed': { section: 'RFC 6455 §10.2', status: 403, expected: 'an allowed Origin' },
    'handshake-timeout': {
      section: 'RFC 9110 §15.5.9',
      status: 408,
      expected: 'the handshake to end within handshakeTimeoutMs',
    },
    'too-many-pending-handshakes': {
      section: 'RFC 6455 §10.4',
      status: 503,
      expected: 'at most maxPendingHandshakes handshakes at once',
    },
    'path-not-found': {
      section: 'RFC 9110 §15.5.5',
      status: 404,
      expected: 'a path that takes WebSocket connections',
    },
    'server-closing': {
      section: 'RFC 9110 §15.6.4',
      status: 503,
      expected: 'a server that still accepts connections',
    },
    'authorization-error': {
      section: 'RFC 9110 §15.6.1',
      status: 500,
      expected: 'authorize(request) to return a decision',
    },
    'subprotocol-not-offered': {
      section: 'RFC 6455 §4.2.2',
      status: 500,
      expected: 'subprotocols(offered) to return one of those offered, or undefined',
    },
  },

  /** Broken by a server's answer: the client can only hang up. */
  response: {
    'malformed-status-line': { section: 'RFC 9112 §4', expected: 'a status line "HTTP/x.y 101 reason"' },
    'unexpected-status': { section: 'RFC 6455 §4.1', expected: 'status 101' },
    'upgrade-mismatch': { section: 'RFC 6455 §4.1', expected: 'Upgrade: websocket' },
    'connection-mismatch': { section: 'RFC 6455 §4.1', expected: 'a Connection header that names Upgrade' },
    'accept-mismatch': {
      section: 'RFC 6455 §4.1',
      expected: 'the Sec-WebSocket-Accept that belongs to the key',
    },
    'unrequested-subprotocol': {
      section: 'RFC 6455 §4.1',
      expected: 'one of the subprotocols that were offered',
    },
    'invalid-extension-answer': {
      section: 'RFC 7692 §7.1',
      expected: 'parameters of permessage-deflate that answer the offer',
    },
    'unrequested-extension': { section: 'RFC 6455 §4.1', expected: 'only extensions that were offered' },
  },
} as const;

/** The kinds of rules. */
export type ViolationKind = keyof typeof violations;

/** The names of the rules of one kind. */
export type ViolationName<Kind extends ViolationKind = ViolationKind> = Kind extends ViolationKind
  ? keyof (typeof violations)[Kind]
  : never;
