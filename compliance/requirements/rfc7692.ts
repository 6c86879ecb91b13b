/**
 * Every MUST, MUST NOT, SHOULD and SHOULD NOT of RFC 7692 for permessage-deflate and the framework around it, in our
 * own words and in the RFC's order. The table is as long as the RFC has rules.
 */

import { protocol, type Requirement, websocket } from './requirement.ts';

const negotiationTests = ['packages/protocol/test/rfc7692/7.1-negotiation.test.ts'];
const parameters = [protocol('permessage-deflate/parameters.ts')];
const transform = [protocol('permessage-deflate/transform.ts')];
const parser = [protocol('frame-parser.ts')];
const forSpecifiers = 'For who specifies another compression extension.';
const forProxies = 'For intermediaries; Hawser is an endpoint.';

/** The requirements of RFC 7692. */
export const rfc7692 = {
  // §4 to §6: any per-message compression
  'compression-specified': {
    section: '5',
    level: 'MUST',
    rule: 'A compression extension specifies its name, parameters, negotiation and transformation.',
    untested: forSpecifiers,
  },
  'offer-in-request': {
    section: '5',
    level: 'MUST',
    rule: 'To offer the extension, a client names it in Sec-WebSocket-Extensions.',
    files: parameters,
  },
  'preferred-offer-accepted': {
    section: '5',
    level: 'SHOULD',
    rule: 'Of several offers a server accepts the first that it can.',
    files: parameters,
    tests: negotiationTests,
  },
  'accepted-offer-in-response': {
    section: '5',
    level: 'MUST',
    rule: 'A server that accepts an offer names the extension in Sec-WebSocket-Extensions, with what was agreed on.',
    files: [...parameters, websocket('upgrade.ts')],
  },
  'unacceptable-offer-declined': {
    section: '5',
    level: 'MUST',
    rule: 'A server that cannot accept an offer declines it by leaving it out of the response.',
    files: parameters,
  },
  'unsupported-answer-fails': {
    section: '5',
    level: 'MUST',
    rule: 'A client that cannot follow what the server accepted fails the connection.',
    files: parameters,
    violations: ['invalid-extension-answer'],
  },
  'one-use-of-rsv1': {
    section: '5',
    level: 'MUST NOT',
    rule: 'No two extensions that use RSV1, and no second compression, are in use at once.',
    files: [websocket('upgrade.ts'), ...parameters],
    violations: ['invalid-extension-answer'],
  },
  'no-framing-beneath': {
    section: '5',
    level: 'MUST NOT',
    rule: 'No extension that needs its frames kept apart, or uses reserved bits or extension data, works on what is then compressed.',
    untested: 'Hawser has no other extension.',
  },
  'unoffered-compression-fails': {
    section: '5',
    level: 'MUST',
    rule: 'A response with a compression that the client did not offer fails the connection.',
    files: [protocol('handshake/client.ts')],
    violations: ['unrequested-extension'],
  },
  'only-data-compressed': {
    section: '6',
    level: 'MUST NOT',
    rule: 'RSV1 is not set on control frames or on fragments behind the first.',
    files: transform,
  },
  'misplaced-rsv1-fails': {
    section: '6',
    level: 'MUST',
    rule: 'RSV1 on a control frame or on a fragment behind the first fails the connection.',
    files: parser,
    violations: ['reserved-bit-set'],
  },
  'compressed-message-marked': {
    section: '6.1',
    level: 'MUST',
    rule: 'RSV1 of the first frame says that the message is compressed; the opcode stays what it was.',
    files: [protocol('frame-writer.ts')],
  },
  'uncompressed-message-unmarked': {
    section: '6.1',
    level: 'MUST',
    rule: 'A message that is not compressed has RSV1 unset and its payload as it is.',
    files: [protocol('frame-writer.ts')],
  },
  'fragments-after-compression': {
    section: '6.1',
    level: 'MUST',
    rule: 'A message is compressed as a whole and fragmented behind that, with the usual rules of fragmentation.',
    files: [protocol('frame-writer.ts')],
  },
  'marked-message-inflated': {
    section: '6.2',
    level: 'MUST',
    rule: 'A message whose RSV1 is set is decompressed, all its fragments as one; others are taken as they are.',
    files: [protocol('message-assembler.ts'), ...transform],
  },

  // §7 permessage-deflate
  'invalid-offer-declined': {
    section: '7',
    level: 'MUST',
    rule: 'An offer with an unknown parameter, an invalid value, a parameter twice, or that is not supported, is declined.',
    files: parameters,
  },
  'invalid-answer-fails': {
    section: '7',
    level: 'MUST',
    rule: 'An answer with an unknown parameter, an invalid value, a parameter twice, or that is not supported, fails the connection.',
    files: parameters,
    violations: ['invalid-extension-answer'],
  },
  'server-no-takeover-confirmed': {
    section: '7.1.1.1',
    level: 'MUST',
    rule: 'A server that accepts server_no_context_takeover says so.',
    files: parameters,
    violations: ['invalid-extension-answer'],
    tests: negotiationTests,
  },
  'server-no-takeover-supported': {
    section: '7.1.1.1',
    level: 'SHOULD',
    rule: 'A server supports server_no_context_takeover in an offer.',
    files: parameters,
  },
  'client-no-takeover-supported': {
    section: '7.1.1.2',
    level: 'SHOULD',
    rule: 'A client supports client_no_context_takeover in an answer.',
    files: parameters,
  },
  'window-bits-form': {
    section: '7.1.2',
    level: 'MUST',
    rule: 'Window bits are a decimal integer from 8 to 15 without leading zeros.',
    files: parameters,
    violations: ['invalid-extension-answer'],
  },
  'server-window-answered': {
    section: '7.1.2.1',
    level: 'MUST',
    rule: 'A server accepts server_max_window_bits with the same value or a smaller one.',
    files: parameters,
    tests: negotiationTests,
  },
  'client-window-unoffered': {
    section: '7.1.2.2',
    level: 'MUST NOT',
    rule: 'The answer has no client_max_window_bits if the offer had none.',
    files: parameters,
    violations: ['invalid-extension-answer'],
  },
  'client-window-answered': {
    section: '7.1.2.2',
    level: 'MUST',
    rule: 'A server answers client_max_window_bits with a value, no larger than the one offered.',
    files: parameters,
    violations: ['invalid-extension-answer'],
    tests: negotiationTests,
  },

  // §7.2 the payload
  'compressed-with-deflate': {
    section: '7.2.1',
    level: 'MUST',
    rule: 'The payload is compressed with DEFLATE, ends with an empty stored block, and the last four octets are taken off.',
    files: [...transform, websocket('zlib-codec.ts')],
  },
  'final-block-padded': {
    section: '7.2.1',
    level: 'MUST',
    rule: 'A block with BFINAL set is padded to a byte, and may be followed by another.',
    files: [websocket('zlib-codec.ts')],
  },
  'client-no-takeover-obeyed': {
    section: '7.2.1',
    level: 'MUST',
    rule: 'With client_no_context_takeover agreed on, the client begins every message with an empty window.',
    files: transform,
  },
  'server-no-takeover-obeyed': {
    section: '7.2.1',
    level: 'MUST',
    rule: 'With server_no_context_takeover agreed on, the server begins every message with an empty window.',
    files: transform,
  },
  'client-window-obeyed': {
    section: '7.2.1',
    level: 'MUST NOT',
    rule: 'A client uses no larger window than the answer allows.',
    files: [...transform, websocket('zlib-codec.ts')],
  },
  'server-window-obeyed': {
    section: '7.2.1',
    level: 'MUST NOT',
    rule: 'A server uses no larger window than it has answered.',
    files: [...transform, websocket('zlib-codec.ts')],
  },
  'inflated-with-tail': {
    section: '7.2.2',
    level: 'MUST',
    rule: 'Before decompression the four octets 00 00 ff ff are appended to the payload.',
    files: [...transform, websocket('zlib-codec.ts')],
  },
  'every-block-type-inflated': {
    section: '7.2.2',
    level: 'MUST',
    rule: 'Messages of any DEFLATE blocks are decompressed: stored, fixed, dynamic, final, several and none.',
    files: [websocket('zlib-codec.ts')],
  },
  'window-kept-for-takeover': {
    section: '7.2.2',
    level: 'MUST',
    rule: 'Unless the sender gave up context takeover, its window is kept from message to message.',
    files: [protocol('permessage-deflate/window-pool.ts'), ...transform],
  },
  'full-window-without-limit': {
    section: '7.2.2',
    level: 'MUST',
    rule: 'Where no limit was agreed on, messages are decompressed with a window of 32,768 bytes.',
    files: [...transform, websocket('zlib-codec.ts')],
  },
  'invalid-compression-fails': {
    section: '7.2.2',
    level: 'MUST',
    rule: 'Compressed data that cannot be decompressed fails the connection.',
    files: transform,
    violations: ['invalid-compressed-data'],
  },
  'intermediary-compression': {
    section: '7.3',
    level: 'MUST NOT',
    rule: 'An intermediary that changes compression keeps both sides’ agreements and contexts intact.',
    untested: forProxies,
  },
} as const satisfies Readonly<Record<string, Requirement>>;
