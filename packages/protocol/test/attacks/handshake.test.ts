/**
 * What has hurt others in the opening handshake, against the engine. The rows about servers and sockets (Origin, TLS,
 * deadlines) stand in packages/websocket/test/attacks/handshake.test.ts.
 *
 * Not applicable, for there is no such thing here:
 *   Malformed POST, polling or reused session ids (engine.io CVE-2020-36048, CVE-2022-21676, CVE-2022-41940,
 *     CVE-2026-59725, GHSA-gr94-w7qr-f4j3, GHSA-r635-g3xr-vw7x): there is no polling transport and no session.
 *   HTTP/2 carriers (CVE-2023-44487, CVE-2024-27316, CVE-2026-21714): RFC 8441 is not implemented.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseExtensionList, parseTokenList } from '../../src/handshake/headers.ts';
import {
  acceptOffer,
  createAcceptance,
  createRefusal,
  createRequest,
  HeadCollector,
  HttpHeaders,
  parseResponseHead,
  resolveLimits,
} from '../../src/index.ts';
import { utf8 } from '../frames.ts';
import {
  exampleHandshake,
  exampleKey,
  receiveRequest,
  receiveResponse,
  refusal,
  requestHead,
  responseHead,
} from '../heads.ts';
import { countCopies, growth } from './memory.ts';

const prototypeNames = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'];
const breaks = ['a\r\nb', 'a\nb', 'a\rb', 'a\0b', 'a\r\n\r\nGET / HTTP/1.1'];

describe('too many headers, so that Upgrade is missing (ws CVE-2024-37890)', () => {
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`X-${i}`, 'x']));

  it('is refused with 431, whether or not Upgrade is among them', () => {
    for (const headers of [many, { ...many, Upgrade: undefined }]) {
      assert.equal(refusal(() => receiveRequest(requestHead(headers))).status, 431);
    }
  });

  it('is refused with a 4xx when somebody else has cut them', () => {
    for (const name of ['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']) {
      const { status } = refusal(() => receiveRequest(requestHead({ [name]: undefined })));
      assert.ok(status !== undefined && status >= 400 && status < 500, `${name}: ${status}`);
    }
  });
});

describe('backtracking in Sec-WebSocket-Protocol and -Extensions (ws CVE-2021-32640; CVE-2020-7662, -7663)', () => {
  const patterns = [
    ' ',
    ',',
    ', ',
    ';',
    '"',
    '\\',
    '\\"',
    'a,',
    'a;',
    'a; b="',
    'a; b="\\',
    'a; b=c,',
    'a \t',
  ];

  for (const pattern of patterns) {
    it(`${JSON.stringify(pattern)} over and over is read in a number of steps that doubles with it`, (t) => {
      const exec = t.mock.method(RegExp.prototype, 'exec');
      const steps = (count: number): number => {
        const before = exec.mock.callCount();
        parseExtensionList(pattern.repeat(count));
        parseExtensionList(`a; b="${pattern.repeat(count)}`);
        parseTokenList(pattern.repeat(count));
        const after = exec.mock.callCount();
        exec.mock.resetCalls();
        return after - before + 10;
      };
      assert.ok(growth(steps, 1000) <= 2.1);
    });
  }

  it('64 KiB of them do not even reach the parser', () => {
    const collector = new HeadCollector(resolveLimits());
    const long = requestHead({ 'Sec-WebSocket-Extensions': ', '.repeat(32_768) });
    assert.equal(refusal(() => collector.push(utf8(`${long}\r\n\r\n`))).status, 431);
  });
});

describe('quadratic parsing of a head that comes in pieces (tungstenite CVE-2023-43669)', () => {
  it('byte by byte copies twice as much for a head that is twice as long', (t) => {
    const copies = countCopies(t);
    const work = (length: number): number => {
      const before = copies();
      const collector = new HeadCollector(resolveLimits({ maxHandshakeLength: 10 * length }));
      for (let i = 0; i < length; i++) collector.push(Uint8Array.of(0x61));
      return copies() - before;
    };
    assert.ok(growth(work, 8192) < 2.1);
  });

  it('ends at the limit', () => {
    const { maxHandshakeLength } = resolveLimits();
    const collector = new HeadCollector(resolveLimits());
    for (let i = 0; i < maxHandshakeLength; i++) assert.equal(collector.push(Uint8Array.of(0x61)), undefined);
    assert.equal(refusal(() => collector.push(Uint8Array.of(0x61))).code, 'handshake-too-long');
  });
});

describe('names of prototypes as names of headers, extensions and parameters (ws GHSA-5v72-xg48-5rpm)', () => {
  for (const name of prototypeNames) {
    it(name, () => {
      assert.equal(new HttpHeaders().get(name), undefined);
      assert.equal(new HttpHeaders([[name, 'x']]).get(name), 'x');
      const offer = `${name}; ${name}=${name}, permessage-deflate; ${name}=1`;
      const { extensions } = receiveRequest(
        requestHead({ [name]: 'x', 'Sec-WebSocket-Extensions': offer, 'Sec-WebSocket-Protocol': name }),
      );
      assert.deepEqual(extensions[0], { name, parameters: [{ name, value: name }] });
      const preferences = {
        serverNoContextTakeover: false,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 15,
        clientMaxWindowBits: 15,
      };
      assert.equal(acceptOffer(extensions, preferences), undefined);
      const unrequested = { 'Sec-WebSocket-Extensions': name };
      assert.equal(refusal(() => receiveResponse(responseHead(unrequested))).code, 'unrequested-extension');
    });
  }
});

describe('request smuggling through an upgrade (0ang3el; undici CVE-2026-1525; aiohttp GHSA-mfx4-hv73-q22v)', () => {
  it('a request that announces a body is refused', () => {
    for (const lines of [
      { 'Content-Length': '5' },
      { 'Content-Length': ['0', '5'] },
      { 'Content-Length': '+0' },
      { 'Transfer-Encoding': 'chunked' },
      { 'Transfer-Encoding': 'identity' },
    ]) {
      assert.equal(refusal(() => receiveRequest(requestHead(lines))).code, 'body-on-upgrade');
    }
  });

  it('a head on whose end two parties could disagree is refused', () => {
    for (const line of [
      'X: a\nContent-Length: 5',
      'X : a',
      ' folded: a',
      'X: a\r',
      'X\0: a',
      'no colon',
      ': a',
    ]) {
      assert.equal(refusal(() => receiveRequest(`${requestHead()}\r\n${line}`)).code, 'malformed-header');
    }
  });

  it('what follows the head is handed on as it came, and not read as a request', () => {
    const second = 'GET /admin HTTP/1.1\r\n\r\n';
    const collected = new HeadCollector(resolveLimits()).push(utf8(`${requestHead()}\r\n\r\n${second}`));
    assert.equal(Buffer.from(collected?.rest ?? []).toString(), second);
  });

  it('a refusal announces the end of the connection, whatever the application adds', () => {
    const { headers } = createRefusal({ status: 426, headers: [['Upgrade', 'websocket']] }, 0);
    assert.match(headers.get('Connection') ?? '', /^close\b/);
    for (const name of ['Connection', 'Content-Length', 'Transfer-Encoding']) {
      assert.throws(() => createRefusal({ status: 400, headers: [[name, 'x']] }, 0), TypeError);
      assert.throws(() => createAcceptance({ key: exampleKey, headers: [[name, 'x']] }), TypeError);
    }
  });
});

describe('injection of lines through path, header and protocol (undici CVE-2026-1527)', () => {
  for (const text of breaks) {
    it(`${JSON.stringify(text)} stands in no request and no response`, () => {
      for (const part of [
        { host: text },
        { resourceName: `/${text}` },
        { subprotocols: [text] },
        { headers: [['X-Own', text]] as const },
        { headers: [[text, 'x']] as const },
        { extensions: [{ name: text, parameters: [] }] },
        { extensions: [{ name: 'foo', parameters: [{ name: 'a', value: text }] }] },
      ]) {
        assert.throws(() => createRequest({ ...exampleHandshake, ...part }), TypeError);
      }
      for (const part of [{ subprotocol: text }, { headers: [['X-Own', text]] as const }]) {
        assert.throws(() => createAcceptance({ key: exampleKey, ...part }), TypeError);
      }
      assert.throws(() => createRefusal({ status: 401, headers: [['X-Own', text]] }, 0), TypeError);
    });
  }

  it('a response that holds one is refused', () => {
    for (const text of ['a\nb', 'a\rb', 'a\0b']) {
      const head = responseHead({ 'X-Own': text });
      assert.equal(refusal(() => parseResponseHead(head, resolveLimits())).code, 'malformed-header');
    }
  });
});
