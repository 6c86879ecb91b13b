/** Family 13: a client's opening handshake, and how it takes the server's answer (RFC 6455 §4.1, §11.3). */

import { type CaseDraft, family, type ReceivedRequest } from '../case.ts';
import type { RequirementId } from '../requirements/requirements.ts';
import { type Cut, octetWise } from '../wire/cut.ts';
import type { Frame } from '../wire/frame.ts';
import type { HeadEdit } from '../wire/http-head.ts';
import { binary, bytes, text } from './frames.ts';

type Headers = NonNullable<HeadEdit['headers']>;
type Fault = (request: ReceivedRequest) => string | undefined;

function asks(title: string, holds: readonly RequirementId[], fault: Fault): CaseDraft {
  return {
    title,
    holds,
    role: 'client',
    trial: { type: 'response', response: {}, check: { fault }, expected: 'opens' },
  };
}

function opens(
  title: string,
  response: HeadEdit,
  holds: readonly RequirementId[] = ['client-validates-response'],
  cut?: Cut,
): CaseDraft {
  return {
    title,
    holds,
    role: 'client',
    trial: { type: 'response', response, expected: 'opens', ...(cut && { cut }) },
  };
}

function hangsUp(title: string, response: HeadEdit, holds: readonly RequirementId[]): CaseDraft {
  return {
    title: `hangs up on ${title}`,
    holds,
    role: 'client',
    trial: { type: 'response', response, expected: 'hangs up' },
  };
}

function onHeaders(
  rule: RequirementId,
  list: readonly (readonly [what: string, headers: Headers])[],
): CaseDraft[] {
  return list.map(([what, headers]) => hangsUp(what, { headers }, [rule]));
}

/** What is wrong with a header that has to come once and match. */
function oneValue(name: string, pattern: RegExp): Fault {
  return (request) => {
    const values = request.values(name);
    if (values.length !== 1) return `sent ${values.length} ${name} headers`;
    return pattern.test(values[0] ?? '') ? undefined : `sent ${name}: ${values[0]}`;
  };
}

const seenKeys = new Set<string>();

/** Keys of all the requests that this process has seen in these cases: none may come twice. */
function repeatedKey(request: ReceivedRequest): string | undefined {
  const [key = ''] = request.values('Sec-WebSocket-Key');
  if (seenKeys.has(key)) return 'sent a key that it had sent before';
  seenKeys.add(key);
  return undefined;
}

const requests: readonly CaseDraft[] = [
  asks(
    'sends nothing behind its request before it is answered',
    ['client-waits-for-response', 'offered-is-not-agreed'],
    ({ hasMore }) => (hasMore ? 'sent more than its request' : undefined),
  ),
  asks(
    'asks with GET',
    ['request-is-get', 'handshake-sent-when-connected', 'client-opens-and-reads'],
    ({ method }) => (method === 'GET' ? undefined : `sent ${method}`),
  ),
  asks('asks in HTTP/1.1', ['request-is-get', 'request-is-http'], ({ version }) =>
    version === 'HTTP/1.1' ? undefined : `sent ${version}`,
  ),
  asks('asks for the path of the URL', ['request-target'], ({ target }) =>
    /^(http:\/\/127\.0\.0\.1:\d+)?\/echo$/.test(target) ? undefined : `asked for ${target}`,
  ),
  asks(
    'names host and port in Host',
    ['request-has-host', 'direct-without-proxy'],
    oneValue('Host', /^127\.0\.0\.1:\d+$/),
  ),
  asks('sends Upgrade: websocket', ['request-has-upgrade'], oneValue('Upgrade', /^websocket$/i)),
  asks('names Upgrade in Connection', ['request-has-connection'], (request) =>
    /(^|,)\s*upgrade\s*(,|$)/i.test(request.values('Connection').join(','))
      ? undefined
      : 'sent no Connection: Upgrade',
  ),
  asks(
    'sends a key of 16 bytes in base64',
    ['request-has-key', 'one-key-header'],
    oneValue('Sec-WebSocket-Key', /^[A-Za-z0-9+/]{21}[AQgw]==$/),
  ),
  ...Array.from({ length: 5 }, (_, i) =>
    asks(`sends a key that differs from those before (${i + 1})`, ['key-is-random'], repeatedKey),
  ),
  asks(
    'sends version 13',
    ['request-has-version', 'one-version-header'],
    oneValue('Sec-WebSocket-Version', /^13$/),
  ),
  asks(
    'lists distinct tokens in Sec-WebSocket-Protocol, if it sends one',
    ['distinct-subprotocol-tokens'],
    (request) => {
      const offered = request
        .values('Sec-WebSocket-Protocol')
        .flatMap((value) => value.split(',').map((each) => each.trim()));
      const isToken = offered.every((each) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(each));
      return isToken && new Set(offered).size === offered.length
        ? undefined
        : `sent Sec-WebSocket-Protocol: ${offered.join(', ')}`;
    },
  ),
  asks(
    'sends Sec-WebSocket-Extensions that follow the grammar, if it sends them',
    ['malformed-extensions-fail', 'registered-extensions', 'offer-in-request'],
    (request) => {
      const [value = 'none'] = request.values('Sec-WebSocket-Extensions');
      const parameter = String.raw`\s*;\s*[\w-]+(\s*=\s*("[\w-]+"|[\w-]+))?`;
      return new RegExp(`^[\\w-]+(${parameter})*(\\s*,\\s*[\\w-]+(${parameter})*)*$`).test(value)
        ? undefined
        : `sent Sec-WebSocket-Extensions: ${value}`;
    },
  ),
  asks('announces no body', ['request-is-http'], (request) =>
    request.values('Transfer-Encoding').length > 0 || (request.values('Content-Length')[0] ?? '0') !== '0'
      ? 'announced a body'
      : undefined,
  ),
];

function opensWith(title: string, behind: readonly Frame[], cut?: Cut): CaseDraft {
  return {
    title,
    holds: ['client-validates-response', 'receive-frames'],
    role: 'client',
    trial: { type: 'response', response: {}, behind, expected: 'opens', ...(cut && { cut }) },
  };
}

const accepted: readonly CaseDraft[] = [
  opensWith('echoes a message that comes in one segment with the response', [text('early')]),
  opensWith('echoes three messages that come in one segment with the response', [
    text('one'),
    binary('two'),
    text('three'),
  ]),
  opensWith(
    'echoes messages that come with the response, octet by octet',
    [text('one'), text('two')],
    octetWise,
  ),
  opensWith('echoes 70,000 bytes that begin in one segment with the response', [binary(bytes(70_000))]),
  opens('opens on the plainest response', {}, ['client-validates-response', 'client-opens-and-reads']),
  opens('opens on a response that comes octet by octet', {}, ['client-validates-response'], octetWise),
  ...[1, 2, 3].map((seed) =>
    opens(`opens on a response in random pieces (seed ${seed})`, {}, ['client-validates-response'], {
      type: 'random',
      seed,
      maxLength: 20,
    }),
  ),
  opens('opens on a response without a reason phrase', { startLine: 'HTTP/1.1 101 ' }),
  opens('opens on another reason phrase', { startLine: 'HTTP/1.1 101 All Right Then' }),
  opens('opens on header names in lower case', {
    rewrite: (head) => head.replaceAll(/^[\w-]+:/gm, (name) => name.toLowerCase()),
  }),
  opens('opens on header names in upper case', {
    rewrite: (head) => head.replaceAll(/^[\w-]+:/gm, (name) => name.toUpperCase()),
  }),
  opens('opens on Upgrade: WebSocket', { headers: { Upgrade: 'WebSocket' } }, ['response-upgrade']),
  opens('opens on Upgrade: WEBSOCKET', { headers: { Upgrade: 'WEBSOCKET' } }, ['response-upgrade']),
  opens('opens on Connection: upgrade', { headers: { Connection: 'upgrade' } }, ['response-connection']),
  opens('opens on Connection: keep-alive, Upgrade', { headers: { Connection: 'keep-alive, Upgrade' } }, [
    'response-connection',
  ]),
  opens(
    'opens on white space around the accept value',
    { headers: { 'Sec-WebSocket-Accept': ' \t$accept  ' } },
    ['response-accept'],
  ),
  opens('opens on headers without white space behind the colon', {
    rewrite: (head) => head.replaceAll(': ', ':'),
  }),
  opens('ignores headers that it does not know', {
    headers: { 'X-Unknown': 'whatever', Server: 'test', Date: 'Thu, 01 Jan 1970 00:00:00 GMT' },
  }),
  opens('takes a Set-Cookie header for what it is', { headers: { 'Set-Cookie': ['a=b', 'c=d; HttpOnly'] } }),
];

const statuses = [
  100, 102, 103, 200, 201, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 407, 426, 429,
  431, 500, 501, 502, 503, 505,
];
/** 1xx are interim responses: the final one is still to come, so the server ends the connection. */
const rejected: readonly CaseDraft[] = [
  ...statuses
    .filter((status) => status >= 200)
    .map((status) =>
      hangsUp(
        `status ${status}`,
        { startLine: `HTTP/1.1 ${status} Whatever`, headers: { 'Content-Length': '0' } },
        ['client-validates-response'],
      ),
    ),
  hangsUp('a status line without a status', { startLine: 'HTTP/1.1' }, ['response-conforms']),
  hangsUp('a status of two digits', { startLine: 'HTTP/1.1 10 Switching' }, ['response-conforms']),
  hangsUp('a status of four digits', { startLine: 'HTTP/1.1 1010 Switching' }, ['response-conforms']),
  hangsUp('a status line that is not HTTP', { startLine: 'ICY 101 OK' }, ['response-conforms']),
  hangsUp('HTTP/2.0 in the status line', { startLine: 'HTTP/2.0 101 Switching Protocols' }, [
    'response-conforms',
  ]),
  ...onHeaders('response-upgrade', [
    ['a response without Upgrade', { Upgrade: undefined }],
    ['an empty Upgrade', { Upgrade: '' }],
    ['Upgrade: h2c', { Upgrade: 'h2c' }],
    ['Upgrade: websockets', { Upgrade: 'websockets' }],
    ['Upgrade: websocket, h2c', { Upgrade: 'websocket, h2c' }],
  ]),
  ...onHeaders('response-connection', [
    ['a response without Connection', { Connection: undefined }],
    ['an empty Connection', { Connection: '' }],
    ['Connection: close', { Connection: 'close' }],
    ['Connection: keep-alive', { Connection: 'keep-alive' }],
    ['Connection: Upgraded', { Connection: 'Upgraded' }],
  ]),
  ...onHeaders('response-accept', [
    ['a response without Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': undefined }],
    ['an empty Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': '' }],
    ['the accept value of another key', { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }],
    ['an accept value that is no base64', { 'Sec-WebSocket-Accept': '?' }],
    ['the accept value and something behind it', { 'Sec-WebSocket-Accept': '$acceptA' }],
    ['the accept value in quotes', { 'Sec-WebSocket-Accept': '"$accept"' }],
  ]),
  hangsUp(
    'two Sec-WebSocket-Accept headers',
    { headers: { 'Sec-WebSocket-Accept': ['$accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='] } },
    ['response-accept', 'one-accept-header'],
  ),
  ...onHeaders('response-subprotocol', [
    ['a subprotocol that it has not offered', { 'Sec-WebSocket-Protocol': 'x-never-offered' }],
    ['two subprotocols in one header', { 'Sec-WebSocket-Protocol': 'x-one, x-two' }],
    ['a subprotocol named like a property of every object', { 'Sec-WebSocket-Protocol': '__proto__' }],
  ]),
  hangsUp(
    'two Sec-WebSocket-Protocol headers',
    { headers: { 'Sec-WebSocket-Protocol': ['x-one', 'x-two'] } },
    ['response-subprotocol', 'one-protocol-header'],
  ),
  ...onHeaders('response-extensions', [
    ['an extension that it has not offered', { 'Sec-WebSocket-Extensions': 'x-never-offered' }],
    [
      'an extension that it has not offered, with parameters',
      { 'Sec-WebSocket-Extensions': 'x-never-offered; a=b' },
    ],
    [
      'two extensions that it has not offered, in two headers',
      { 'Sec-WebSocket-Extensions': ['x-one', 'x-two'] },
    ],
    ['an extension named like a property of every object', { 'Sec-WebSocket-Extensions': 'constructor' }],
  ]),
  ...onHeaders('malformed-extensions-fail', [
    ['an extension header that breaks the grammar', { 'Sec-WebSocket-Extensions': '; =' }],
    [
      'an extension header with an unfinished quoted string',
      { 'Sec-WebSocket-Extensions': 'permessage-deflate; x="' },
    ],
    ['an extension header of commas', { 'Sec-WebSocket-Extensions': ',,,' }],
  ]),
  hangsUp(
    'a header line without a colon',
    { rewrite: (head) => head.replace('\r\n\r\n', '\r\nno colon here\r\n\r\n') },
    ['response-conforms'],
  ),
  hangsUp('a header name with a space', { headers: { 'X Header': 'x' } }, ['response-conforms']),
  hangsUp('a NUL in a header', { headers: { 'X-Nul': 'a\u0000b' } }, ['response-conforms']),
  hangsUp('a header of 1,000,000 bytes', { headers: { 'X-Long': 'v'.repeat(1_000_000) } }, [
    'response-conforms',
    'limits-protect',
  ]),
];

export const clientHandshake = family(13, 'Opening handshake, client', [
  ...requests,
  ...accepted,
  ...rejected,
]);
