/**
 * Fuzzes the heads of the opening handshake, requests and responses: right ones, damaged ones and noise, in random
 * pieces. Whatever comes ends in a head or in a HandshakeError; however it is cut, it ends in the same; what is read is
 * what a plain line-by-line reading has; what is read is read again from what is written of it.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type ClientHandshake,
  checkRequest,
  checkResponse,
  defaultLimits,
  formatRequestHead,
  formatResponseHead,
  HandshakeError,
  HeadCollector,
  type HttpHeaders,
  parseRequestHead,
  parseResponseHead,
} from '../packages/protocol/src/index.ts';
import { concat, cut, cuts } from './chunks.ts';
import { hex, target } from './target.ts';
import { damage } from './traffic.ts';

interface Input {
  readonly kind: 'request' | 'response';
  readonly bytes: Uint8Array;
  readonly cuts: readonly number[];
  readonly maxHandshakeLength: number;
  readonly maxHeaderCount: number;
}

const asked: ClientHandshake = {
  host: 'server.example.com',
  resourceName: '/chat',
  nonce: new Uint8Array(Buffer.from('the sample nonce')),
  subprotocols: ['chat', 'superchat'],
  extensions: [{ name: 'permessage-deflate', parameters: [] }],
};

const startLines = {
  request: [
    'GET /chat HTTP/1.1',
    'GET / HTTP/1.0',
    'POST / HTTP/1.1',
    'GET  / HTTP/1.1',
    'GET /',
    'GET * HTTP/2.0',
    '',
  ],
  response: [
    'HTTP/1.1 101 Switching Protocols',
    'HTTP/1.1 101',
    'HTTP/1.1 404 Not Found',
    'HTTP/1.1 1010 x',
    'ICY 200',
    '',
  ],
} as const;

const headerLines = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'Host: server.example.com',
      'Upgrade: websocket',
      'Connection: keep-alive, Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      'Sec-WebSocket-Protocol: chat',
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '__proto__: x',
      'constructor: y',
      'toString:',
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      'Origin: null',
      ' folded',
      'Host : a',
      'a\nb: c',
      'a: b\rc',
      ':',
      'x',
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom(...'ab:;,= "\\\t\r\n\0\x7f\x80\xff'), { maxLength: 10 })
      .map((characters) => characters.join('')),
  },
);

/** All that a handshake needs, so that it is not refused for what it lacks every time. */
const complete = [
  'Host: server.example.com',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
];

const inputs: fc.Arbitrary<Input> = fc
  .record({
    kind: fc.constantFrom<'request' | 'response'>('request', 'response'),
    startLine: fc.nat(20),
    isComplete: fc.boolean(),
    lines: fc.array(headerLines, { maxLength: 8 }),
    behind: fc.uint8Array({ maxLength: 10 }),
    isDamaged: fc.boolean(),
    cuts,
    maxHandshakeLength: fc.constantFrom(16_384, 300, 50),
    maxHeaderCount: fc.constantFrom(128, 6),
  })
  .chain(({ startLine, isComplete, lines, behind, isDamaged, ...rest }) => {
    const first = startLines[rest.kind][startLine] ?? startLines[rest.kind][0];
    const head = [first, ...(isComplete ? complete : []), ...lines, '', ''].join('\r\n');
    const bytes = fc.constant(concat(Buffer.from(head, 'latin1'), behind));
    return fc.record({ rest: fc.constant(rest), bytes: isDamaged ? damage(bytes) : bytes });
  })
  .map(({ rest, bytes }) => ({ ...rest, bytes }));

export const handshakeHead = target<Input>({
  name: 'handshake-head',
  inputs,
  check,
  show: ({ bytes, ...rest }) =>
    `${JSON.stringify(rest)}\nbytes ${hex(bytes)}\n${JSON.stringify(latin1(bytes))}`,
});

function check(input: Input): void {
  const collected = collect(input, cut(input.bytes, input.cuts));
  assert.deepEqual(collected, collect(input, [input.bytes]));
  assert.deepEqual(collected, expectedHead(input));
  if (collected === undefined || typeof collected === 'string') return;
  const verdict = outcome(() => parse(input, collected.head));
  const isWellFormed = readPlainly(input, collected.head) !== undefined;
  assert.equal(typeof verdict === 'string', !isWellFormed, `verdict ${JSON.stringify(verdict)}`);
  if (typeof verdict === 'string') return;
  assert.deepEqual(verdict.fields, readPlainly(input, collected.head));
  const again = outcome(() => parse(input, verdict.written.slice(0, -4)));
  assert.ok(typeof again !== 'string', `refused for ${again}`);
  assert.deepEqual([again.fields, again.written], [verdict.fields, verdict.written]);
  outcome<unknown>(verdict.judge);
}

type Collected = { readonly head: string; readonly rest: string } | string | undefined;

/** The head and what is behind it, a refusal's name, or nothing yet. */
function collect({ maxHandshakeLength }: Input, chunks: readonly Uint8Array[]): Collected {
  const collector = new HeadCollector({ ...defaultLimits, maxHandshakeLength });
  return outcome(() => {
    for (const [i, chunk] of chunks.entries()) {
      const collected = collector.push(chunk);
      if (collected === undefined) continue;
      const rest = concat(collected.rest, ...chunks.slice(i + 1));
      return { head: collected.head, rest: latin1(rest) };
    }
    return undefined;
  });
}

function expectedHead({ bytes, maxHandshakeLength }: Input): Collected {
  const text = latin1(bytes);
  const end = text.indexOf('\r\n\r\n');
  if ((end < 0 ? text.length : end + 4) > maxHandshakeLength) return 'handshake-too-long';
  return end < 0 ? undefined : { head: text.slice(0, end), rest: text.slice(end + 4) };
}

/** A head, read: its fields, what is written of it, and what the handshake makes of it. */
function parse({ kind, maxHeaderCount }: Input, head: string) {
  const limits = { ...defaultLimits, maxHeaderCount };
  if (kind === 'request') {
    const request = parseRequestHead(head, limits);
    return { ...parts(request.headers, formatRequestHead(request)), judge: () => checkRequest(request) };
  }
  const response = parseResponseHead(head, limits);
  return {
    ...parts(response.headers, formatResponseHead(response)),
    judge: () => checkResponse(response, asked),
  };
}

function parts(headers: HttpHeaders, written: string): { fields: string[]; written: string } {
  return { fields: [...headers].map(([name, value]) => `${name}=${value}`), written };
}

/** The fields line by line; undefined if a line is wrong or there are too many. */
function readPlainly({ kind, maxHeaderCount }: Input, head: string): string[] | undefined {
  const [first = '', ...lines] = head.split('\r\n');
  const startLine = {
    request: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ [\x21-\x7e\x80-\xff]+ HTTP\/[0-9]\.[0-9]$/,
    response: /^HTTP\/[0-9]\.[0-9] [1-5][0-9][0-9]( [\t\x20-\x7e\x80-\xff]*)?$/,
  }[kind];
  if (!startLine.test(first) || lines.length > maxHeaderCount) return undefined;
  const fields = lines.map((line) =>
    /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[\t ]*$/.exec(
      line,
    ),
  );
  return fields.every((field) => field !== null)
    ? fields.map(([, name, value]) => `${name}=${value}`)
    : undefined;
}

/** What it returns, or the name of the rule by which it is refused. */
function outcome<Result>(run: () => Result): Result | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof HandshakeError) return error.code;
    throw error;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
