/** Family 12: a server reads and answers opening handshakes (RFC 6455 §4.2, §4.4, §9.1, §11.3). */

import { type CaseDraft, family, type RequestExpectation } from '../case.ts';
import type { RequirementId } from '../requirements/requirements.ts';
import { type Cut, octetWise } from '../wire/cut.ts';
import type { HeadEdit } from '../wire/http-head.ts';

const accepted = ['well-formed-request-accepted', 'valid-acceptance'] as const;
const refused = ['malformed-request-refused', 'invalid-handshake-told', 'server-aborts-by-closing'] as const;
const version = ['unsupported-version-refused', 'version-advertised'] as const;
const grammar = ['malformed-extensions-fail'] as const;

type Headers = NonNullable<HeadEdit['headers']>;

function accepts(
  title: string,
  request: HeadEdit,
  holds: readonly RequirementId[] = accepted,
  cut?: Cut,
): CaseDraft {
  return of(title, request, { type: 'accepts' }, holds, cut);
}

function acceptsHeaders(title: string, headers: Headers, holds?: readonly RequirementId[]): CaseDraft {
  return accepts(title, { headers }, holds);
}

function refuses(
  title: string,
  request: HeadEdit,
  statuses: number | readonly number[] = 400,
  holds: readonly RequirementId[] = refused,
): CaseDraft {
  return of(title, request, { type: 'refuses', statuses: [statuses].flat() }, holds);
}

function refusesHeaders(
  title: string,
  headers: Headers,
  statuses?: number | readonly number[],
  holds?: readonly RequirementId[],
): CaseDraft {
  return refuses(title, { headers }, statuses, holds);
}

/** Refusing is right, but no MUST of the RFCs says so. */
function mayRefuse(title: string, request: HeadEdit, statuses: readonly number[] = [400]): CaseDraft {
  return of(title, request, { type: 'refuses', statuses, mayAccept: true }, refused);
}

function of(
  title: string,
  request: HeadEdit,
  expected: RequestExpectation,
  holds: readonly RequirementId[],
  cut?: Cut,
): CaseDraft {
  return { title, holds, role: 'server', trial: { type: 'request', request, expected, ...(cut && { cut }) } };
}

const upgradeRequired = [426, 400];
const longName = 'a'.repeat(200);

const acceptedRequests: readonly CaseDraft[] = [
  accepts('accepts the plainest request', {}),
  accepts('accepts a request that comes octet by octet', {}, accepted, octetWise),
  ...[1, 2, 3].map((seed) =>
    accepts(`accepts a request in random pieces (seed ${seed})`, {}, accepted, {
      type: 'random',
      seed,
      maxLength: 20,
    }),
  ),
  acceptsHeaders('accepts header names in lower case', {
    upgrade: 'websocket',
    connection: 'upgrade',
    'sec-websocket-version': '13',
  }),
  acceptsHeaders('accepts header names in upper case', {
    UPGRADE: 'websocket',
    CONNECTION: 'Upgrade',
    'SEC-WEBSOCKET-VERSION': '13',
  }),
  acceptsHeaders('accepts Upgrade: WebSocket', { Upgrade: 'WebSocket' }),
  acceptsHeaders('accepts Upgrade: WEBSOCKET', { Upgrade: 'WEBSOCKET' }),
  acceptsHeaders('accepts Connection: UPGRADE', { Connection: 'UPGRADE' }),
  acceptsHeaders('accepts Connection: keep-alive, Upgrade', { Connection: 'keep-alive, Upgrade' }),
  acceptsHeaders('accepts Connection: Upgrade,keep-alive', { Connection: 'Upgrade,keep-alive' }),
  acceptsHeaders('accepts two Connection headers of which one names Upgrade', {
    Connection: ['keep-alive', 'Upgrade'],
  }),
  accepts('accepts white space around header values', {
    rewrite: (head) => head.replaceAll(/: (.*)\r\n/g, ':  \t$1 \t\r\n'),
  }),
  accepts('accepts headers without white space behind the colon', {
    rewrite: (head) => head.replaceAll(/: (.*)\r\n/g, ':$1\r\n'),
  }),
  accepts('accepts the headers in reverse order', {
    rewrite: (head) => {
      const [line = '', ...headers] = head.trimEnd().split('\r\n');
      return [line, ...headers.reverse(), '', ''].join('\r\n');
    },
  }),
  acceptsHeaders('ignores headers that it does not know', { 'X-Unknown': 'whatever', Via: '1.1 somewhere' }),
  acceptsHeaders('ignores Cookie and Authorization, or takes them for what they are', {
    Cookie: 'a=b; c=d',
    Authorization: 'Basic dXNlcjpwYXNz',
  }),
  acceptsHeaders('accepts a header without a value', { 'X-Empty': '' }),
  acceptsHeaders('accepts a header value that is not ASCII', { 'X-Latin': '\u00e9\u00ff' }),
  acceptsHeaders('accepts a header named like a property of every object', {
    constructor: 'x',
    __proto__x: 'y',
    hasOwnProperty: 'z',
    toString: 'u',
  }),
  acceptsHeaders('accepts a header of 4,000 bytes', { 'X-Long': 'v'.repeat(4000) }),
  acceptsHeaders(
    'accepts 50 more headers',
    Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`X-Header-${i}`, `${i}`])),
  ),
  acceptsHeaders('accepts a request without Origin', { Origin: undefined }, [
    ...accepted,
    'no-origin-no-browser',
  ]),
  accepts('accepts Content-Length: 0, which is no body', { headers: { 'Content-Length': '0' } }),
  acceptsHeaders('computes the accept value of the key in the RFC’s example', {
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }),
  acceptsHeaders('computes the accept value of a key of zeros', {
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  }),
  acceptsHeaders('computes the accept value of a key with + and /', {
    'Sec-WebSocket-Key': '++++////++++////++++/w==',
  }),
  // The white space belongs to the header, not to the key.
  accepts('computes the accept value of a key without the white space around it', {
    rewrite: (head) => head.replace(/(Sec-WebSocket-Key:) (\S+)/, '$1 \t $2  '),
  }),
];

const requestLines: readonly CaseDraft[] = [
  ...['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'].map((method) =>
    refuses(`refuses ${method}`, { startLine: `${method} / HTTP/1.1` }, [405, 400, 426, 404, 501]),
  ),
  refuses('refuses the method get in lower case', { startLine: 'get / HTTP/1.1' }, [405, 400, 501]),
  refuses('refuses HTTP/1.0', { startLine: 'GET / HTTP/1.0' }, [505, 400, 426]),
  refuses('refuses HTTP/0.9', { startLine: 'GET / HTTP/0.9' }, [505, 400]),
  mayRefuse('refuses HTTP/2.0 in a request line', { startLine: 'GET / HTTP/2.0' }, [505, 400]),
  refuses('refuses a request line without a version', { startLine: 'GET /' }),
  refuses('refuses a request line without a target', { startLine: 'GET HTTP/1.1' }),
  refuses('refuses a request line with a space in the target', { startLine: 'GET /a b HTTP/1.1' }),
  refuses('refuses a version that is not HTTP', { startLine: 'GET / WS/1.1' }),
  refuses('refuses http/1.1 in lower case', { startLine: 'GET / http/1.1' }, [400, 505]),
  mayRefuse('refuses two spaces in the request line', { startLine: 'GET  / HTTP/1.1' }),
  refuses('refuses a control character in the target', { startLine: 'GET /a\u0001b HTTP/1.1' }),
];

const hostHeaders: readonly CaseDraft[] = [
  refusesHeaders('refuses a request without Host', { Host: undefined }),
  refusesHeaders('refuses two Host headers', { Host: ['one.example', 'two.example'] }),
];

const upgradeHeaders: readonly CaseDraft[] = [
  refusesHeaders('refuses a request without Upgrade', { Upgrade: undefined }, [426, 400, 404, 200]),
  refusesHeaders('refuses an empty Upgrade', { Upgrade: '' }, upgradeRequired),
  refusesHeaders('refuses Upgrade: h2c', { Upgrade: 'h2c' }, upgradeRequired),
  refusesHeaders('refuses Upgrade: websockets', { Upgrade: 'websockets' }, upgradeRequired),
  refusesHeaders('refuses Upgrade: web socket', { Upgrade: 'web socket' }, upgradeRequired),
  refusesHeaders('refuses a request without Connection', { Connection: undefined }, [426, 400]),
  refusesHeaders('refuses an empty Connection', { Connection: '' }, [426, 400]),
  refusesHeaders('refuses Connection: keep-alive', { Connection: 'keep-alive' }, [426, 400]),
  refusesHeaders('refuses Connection: close', { Connection: 'close' }, [426, 400]),
  refusesHeaders(
    'refuses Connection: Upgraded, which only begins like Upgrade',
    { Connection: 'Upgraded' },
    [426, 400],
  ),
  refusesHeaders(
    'refuses Connection: X-Upgrade, which only ends like Upgrade',
    { Connection: 'X-Upgrade' },
    [426, 400],
  ),
];

const keys: readonly (readonly [what: string, key: string | readonly string[] | undefined])[] = [
  ['no key', undefined],
  ['an empty key', ''],
  ['a key that is not base64', 'this is not base64!!!!!!'],
  ['a key of 15 bytes', Buffer.alloc(15, 1).toString('base64')],
  ['a key of 17 bytes', Buffer.alloc(17, 1).toString('base64')],
  ['a key of 1 byte', 'AA=='],
  ['a key of 32 bytes', Buffer.alloc(32, 1).toString('base64')],
  ['a key without padding', 'dGhlIHNhbXBsZSBub25jZQ'],
  ['a key with half its padding', 'dGhlIHNhbXBsZSBub25jZQ='],
  ['a key with padding too long', 'dGhlIHNhbXBsZSBub25jZQ==='],
  ['a key in URL-safe base64', '--__--__--__--__--__-w=='],
  ['a key with a space inside', 'dGhlIHNhbXBs ZSBub25jZQ=='],
  ['two keys in one header', 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=='],
];

const keyHeaders: readonly CaseDraft[] = [
  ...keys.map(([what, key]) => refusesHeaders(`refuses ${what}`, { 'Sec-WebSocket-Key': key })),
  refusesHeaders(
    'refuses two Sec-WebSocket-Key headers',
    { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'AAAAAAAAAAAAAAAAAAAAAA=='] },
    400,
    [...refused, 'one-key-header'],
  ),
  mayRefuse('refuses a key whose last digit has bits that mean nothing', {
    headers: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' },
  }),
];

function refusesVersion(
  what: string,
  value: string | readonly string[] | undefined,
  statuses: readonly number[] = [426, 400],
): CaseDraft {
  return of(
    `refuses ${what} and says which versions it speaks`,
    { headers: { 'Sec-WebSocket-Version': value } },
    { type: 'refuses', statuses, header: ['Sec-WebSocket-Version', /(^|[, ])13($|[, ])/] },
    version,
  );
}

const versions: readonly CaseDraft[] = [
  ...['0', '7', '8', '12', '14', '25', '255'].map((value) => refusesVersion(`version ${value}`, value)),
  ...(
    [
      ['a request without a version', undefined],
      ['an empty version', ''],
      ['a version in words', 'thirteen'],
      ['version 013, with a leading zero', '013'],
      ['version 13.0', '13.0'],
      ['version +13', '+13'],
      ['version 256, which is out of range', '256'],
      ['version -1', '-1'],
    ] as const
  ).map(([what, value]) =>
    of(
      `refuses ${what}`,
      { headers: { 'Sec-WebSocket-Version': value } },
      { type: 'refuses', statuses: [426, 400] },
      [...version, ...refused],
    ),
  ),
  of(
    'refuses a list of versions, which only a server may send',
    { headers: { 'Sec-WebSocket-Version': '13, 8' } },
    { type: 'refuses', statuses: [426, 400] },
    version,
  ),
  of(
    'refuses two Sec-WebSocket-Version headers',
    { headers: { 'Sec-WebSocket-Version': ['13', '13'] } },
    { type: 'refuses', statuses: [426, 400] },
    [...refused, 'one-version-header'],
  ),
];

/** A refused request with a right one behind it: who goes on reading may be led to see requests that nobody sent. */
function withRequestBehind(bad: (head: string) => string): HeadEdit {
  return { rewrite: (head) => bad(head) + head };
}

const malformedHeads: readonly CaseDraft[] = [
  refuses(
    'refuses a request without a key, and does not take the one behind it',
    withRequestBehind((head) => head.replace(/Sec-WebSocket-Key.*\r\n/, '')),
  ),
  refuses(
    'refuses another version, and does not take the request behind it',
    withRequestBehind((head) => head.replace('Version: 13', 'Version: 12')),
    [426, 400],
  ),
  refuses(
    'refuses a malformed head, and does not take the request behind it',
    withRequestBehind((head) => head.replace('Host:', 'Host :')),
  ),
  refuses('refuses white space before a colon', { rewrite: (head) => head.replace('Host:', 'Host :') }),
  refuses('refuses a header name with a space', { headers: { 'X Header': 'x' } }),
  refuses('refuses a header name with a control character', { headers: { 'X\u0007Header': 'x' } }),
  refuses('refuses an empty header name', {
    rewrite: (head) => head.replace('\r\n\r\n', '\r\n: nameless\r\n\r\n'),
  }),
  refuses('refuses a header line without a colon', {
    rewrite: (head) => head.replace('\r\n\r\n', '\r\nno colon here\r\n\r\n'),
  }),
  refuses('refuses a NUL in a header value', { headers: { 'X-Nul': 'a\u0000b' } }),
  mayRefuse('refuses a folded header', {
    rewrite: (head) => head.replace('\r\n\r\n', '\r\nX-Folded: one\r\n two\r\n\r\n'),
  }),
  mayRefuse('refuses a carriage return alone inside a header', { headers: { 'X-Bare': 'a\rb' } }),
  refuses(
    'refuses a header of 100,000 bytes',
    { headers: { 'X-Long': 'v'.repeat(100_000) } },
    [431, 400],
    ['limits-protect'],
  ),
  of(
    'refuses 5,000 headers',
    { headers: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`X-${i}`, ''])) },
    { type: 'refuses', statuses: [431, 400], mayAccept: true },
    ['limits-protect'],
  ),
  of(
    'refuses a body announced by Content-Length',
    { headers: { 'Content-Length': '10' } },
    { type: 'refuses', statuses: [400, 413], mayAccept: true },
    refused,
  ),
  of(
    'refuses a body announced by Transfer-Encoding',
    { headers: { 'Transfer-Encoding': 'chunked' } },
    { type: 'refuses', statuses: [400, 411, 501], mayAccept: true },
    refused,
  ),
];

const origins: readonly CaseDraft[] = [
  mayRefuse(
    'refuses two Origin headers',
    { headers: { Origin: ['http://one.example', 'http://two.example'] } },
    [400, 403],
  ),
];

function offersProtocols(title: string, value: string | readonly string[]): CaseDraft {
  return of(title, { headers: { 'Sec-WebSocket-Protocol': value } }, { type: 'accepts' }, [
    'subprotocol-from-request',
    'no-subprotocol-no-header',
    'one-protocol-header',
  ]);
}

function refusesProtocols(what: string, value: string): CaseDraft {
  return refusesHeaders(
    `refuses ${what} in Sec-WebSocket-Protocol`,
    { 'Sec-WebSocket-Protocol': value },
    400,
    [...refused, 'distinct-subprotocol-tokens'],
  );
}

const subprotocols: readonly CaseDraft[] = [
  of('answers no subprotocol if none is offered', {}, { type: 'accepts', check: 'no subprotocol' }, [
    'subprotocol-from-request',
    'no-subprotocol-no-header',
  ]),
  offersProtocols('answers one of two subprotocols that are offered, or none', 'chat, superchat'),
  offersProtocols('answers one of two subprotocols in two headers, or none', ['chat', 'superchat']),
  offersProtocols('answers one of a list without white space, or none', 'a,b,c'),
  offersProtocols('answers one of a list with much white space, or none', 'a \t,  b\t'),
  offersProtocols(
    'answers none of subprotocols that nobody speaks',
    `${longName}.example, x-no-such-protocol`,
  ),
  offersProtocols('takes subprotocols named like properties of objects', '__proto__, constructor, toString'),
  offersProtocols(
    'takes 100 subprotocols',
    Array.from({ length: 100 }, (_, i) => `protocol-${i}`).join(', '),
  ),
  refusesProtocols('an empty list', ''),
  refusesProtocols('nothing but commas', ',,'),
  refusesProtocols('a name with a space', 'not a token'),
  refusesProtocols('a name with a slash', 'a/b'),
  refusesProtocols('a name in quotes', '"chat"'),
  refusesProtocols('a name with a semicolon', 'chat;version=1'),
  refusesProtocols('a name that is not ASCII', 'caf\u00e9'),
  refusesProtocols('a name that comes twice', 'chat, chat'),
];

function refusesExtensions(what: string, value: string): CaseDraft {
  return refusesHeaders(
    `refuses ${what} in Sec-WebSocket-Extensions`,
    { 'Sec-WebSocket-Extensions': value },
    400,
    grammar,
  );
}

function declinesExtensions(what: string, value: string | readonly string[]): CaseDraft {
  return acceptsHeaders(`declines ${what}`, { 'Sec-WebSocket-Extensions': value }, [
    'no-unlisted-extensions',
    'no-unrequested-extension',
    'extensions-from-request',
    'well-formed-request-accepted',
    'one-extensions-header',
  ]);
}

const extensions: readonly CaseDraft[] = [
  declinesExtensions('an extension that it does not know', 'x-no-such-extension'),
  declinesExtensions('an unknown extension with parameters of every form', 'x-none; a; b=1; c="2"; d = "3"'),
  declinesExtensions('several unknown extensions', 'x-one, x-two; a=b, x-three'),
  declinesExtensions('unknown extensions in two headers', ['x-one', 'x-two; a=b']),
  declinesExtensions(
    'an extension named like a property of every object',
    '__proto__, constructor; toString=hasOwnProperty',
  ),
  declinesExtensions('an unknown extension between empty list elements', ', x-one ,, x-two,'),
  declinesExtensions('an unknown extension whose quoted value holds an escaped letter', 'x-one; a="\\b"'),
  declinesExtensions('permessage-deflate in upper case with an unknown parameter', 'PERMESSAGE-BZIP2; x=1'),
  refusesExtensions('a parameter without an extension', '; a=b'),
  refusesExtensions('an empty parameter', 'x-one;'),
  refusesExtensions('two semicolons', 'x-one;; a=b'),
  refusesExtensions('a parameter without a name', 'x-one; =b'),
  refusesExtensions('a parameter with an equals sign and no value', 'x-one; a='),
  refusesExtensions('an unfinished quoted string', 'x-one; a="b'),
  refusesExtensions('text behind a quoted string', 'x-one; a="b"c'),
  refusesExtensions('an empty quoted string, which is no token', 'x-one; a=""'),
  refusesExtensions('a quoted string that is no token', 'x-one; a="b c"'),
  refusesExtensions('a quoted comma, which is no token', 'x-one; a="b,c"'),
  refusesExtensions('an extension name with a slash', 'x/one'),
  refusesExtensions('an extension name in quotes', '"x-one"'),
  refusesExtensions('two names without a comma', 'x-one x-two'),
  refusesExtensions('two values for one parameter', 'x-one; a=b=c'),
  refusesExtensions('nothing but commas', ', ,'),
  refusesExtensions('an empty header', ''),
  refusesExtensions('a character that is not ASCII', 'x-\u00e9'),
].map((draft) =>
  draft.title.includes('quoted')
    ? { ...draft, holds: [...draft.holds, 'quoted-value-is-token' as const] }
    : draft,
);

export const serverHandshake = family(12, 'Opening handshake, server', [
  ...acceptedRequests,
  ...requestLines,
  ...hostHeaders,
  ...upgradeHeaders,
  ...keyHeaders,
  ...versions,
  ...malformedHeads,
  ...origins,
  ...subprotocols,
  ...extensions,
]);
