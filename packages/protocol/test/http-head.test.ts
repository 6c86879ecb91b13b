/** RFC 9112: heads of requests and responses, from bytes and back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatRequestHead,
  formatResponseHead,
  HeadCollector,
  parseRequestHead,
  parseResponseHead,
  resolveLimits,
} from '../src/index.ts';
import { concat, utf8 } from './frames.ts';
import { refusal, requestHead, responseHead } from './heads.ts';

const limits = resolveLimits({ maxHandshakeLength: 200, maxHeaderCount: 3 });

describe('HeadCollector', () => {
  const head = 'GET / HTTP/1.1\r\nHost: a';
  const rest = Uint8Array.of(0x81, 0x80, 13, 10, 13, 10);
  const bytes = concat(utf8(`${head}\r\n\r\n`), rest);

  it('finds the end of the head and what is behind it, wherever the chunks are cut', () => {
    for (let at = 0; at <= bytes.length; at++) {
      const collector = new HeadCollector(limits);
      const first = collector.push(bytes.slice(0, at));
      const whole = first ?? collector.push(bytes.slice(at));
      assert.equal(whole?.head, head);
      const behind = first === undefined ? whole?.rest : concat(first.rest, bytes.slice(at));
      assert.deepEqual(behind, rest);
    }
  });

  it('takes a head byte by byte, and says how long it is so far', () => {
    const collector = new HeadCollector(limits);
    const end = bytes.length - rest.length;
    bytes.subarray(0, end - 1).forEach((byte, i) => {
      assert.equal(collector.push(Uint8Array.of(byte)), undefined);
      assert.equal(collector.length, i + 1);
    });
    assert.deepEqual(collector.push(bytes.slice(end - 1, end)), { head, rest: new Uint8Array(0) });
  });

  it('keeps every byte as the character of its number', () => {
    const collector = new HeadCollector(limits);
    const odd = Uint8Array.of(0, 0x80, 0xff);
    assert.equal(collector.push(concat(odd, utf8('\r\n\r\n')))?.head, '\0\x80\xff');
  });

  it('does not take other line ends for an empty line', () => {
    for (const text of ['a\n\n', 'a\r\r', 'a\n\r\n', 'a\r\n\n\r', 'a\r\n\r']) {
      assert.equal(new HeadCollector(limits).push(utf8(text)), undefined, JSON.stringify(text));
    }
  });

  it('refuses a head beyond maxHandshakeLength as soon as it is, and not what is behind a shorter one', () => {
    const collector = new HeadCollector(limits);
    assert.equal(collector.push(new Uint8Array(200).fill(0x61)), undefined);
    const error = refusal(() => collector.push(Uint8Array.of(0x61)));
    assert.deepEqual([error.code, error.status], ['handshake-too-long', 431]);
    const exact = utf8(`${'a'.repeat(196)}\r\n\r\n`);
    assert.equal(new HeadCollector(limits).push(concat(exact, new Uint8Array(1000)))?.rest.length, 1000);
    const over = utf8(`${'a'.repeat(197)}\r\n\r\n`);
    assert.equal(refusal(() => new HeadCollector(limits).push(over)).code, 'handshake-too-long');
  });

  it('copies what it keeps: the chunk may change behind it', () => {
    const collector = new HeadCollector(limits);
    const chunk = utf8('abc');
    collector.push(chunk);
    chunk.fill(0);
    assert.equal(collector.push(utf8('\r\n\r\n'))?.head, 'abc');
  });
});

describe('request heads', () => {
  it('are read into method, target, version and headers', () => {
    const { method, target, httpVersion, headers } = parseRequestHead(
      'GET /chat?room=1 HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Space: \t b c \t',
      limits,
    );
    assert.deepEqual([method, target, httpVersion], ['GET', '/chat?room=1', { major: 1, minor: 1 }]);
    assert.deepEqual(
      [...headers],
      [
        ['Host', 'a'],
        ['X-Empty', ''],
        ['X-Space', 'b c'],
      ],
    );
  });

  it('are written as they are read', () => {
    const text = requestHead({ 'X-Latin': '\xa0\xe9\xa0' });
    assert.equal(formatRequestHead(parseRequestHead(text, resolveLimits())), `${text}\r\n\r\n`);
  });

  it('may have maxHeaderCount headers', () => {
    const lines = (count: number) => `GET / HTTP/1.1${'\r\nA: b'.repeat(count)}`;
    parseRequestHead(lines(3), limits);
    const error = refusal(() => parseRequestHead(lines(4), limits));
    assert.deepEqual([error.code, error.status], ['too-many-headers', 431]);
  });

  it('have values whose spaces are cut off in one pass', () => {
    const spaces = ' '.repeat(64 * 1024);
    const { headers } = parseRequestHead(`GET / HTTP/1.1\r\nA:${spaces}b${spaces}c${spaces}`, limits);
    assert.equal(headers.get('A'), `b${spaces}c`);
  });
});

describe('response heads', () => {
  it('are read into status, reason phrase, version and headers', () => {
    const { status, reasonPhrase, httpVersion, headers } = parseResponseHead(responseHead(), limits);
    assert.deepEqual(
      [status, reasonPhrase, httpVersion],
      [101, 'Switching Protocols', { major: 1, minor: 1 }],
    );
    assert.equal(headers.get('upgrade'), 'websocket');
  });

  it('may lack a reason phrase', () => {
    assert.equal(parseResponseHead('HTTP/1.1 101 ', limits).reasonPhrase, '');
    assert.equal(parseResponseHead('HTTP/1.1 101', limits).reasonPhrase, '');
  });

  it('are written as they are read', () => {
    const text = responseHead();
    assert.equal(formatResponseHead(parseResponseHead(text, limits)), `${text}\r\n\r\n`);
  });

  it('are refused with a status line that is none', () => {
    for (const line of [
      '',
      'HTTP/1.1',
      'HTTP/1.1 99 x',
      'HTTP/1.1 600 x',
      'HTTP/1.1 1010 x',
      'HTTP/1.1  101 x',
    ]) {
      assert.equal(refusal(() => parseResponseHead(line, limits)).code, 'malformed-status-line');
    }
    for (const line of [
      'http/1.1 101 x',
      'HTTP/1 101 x',
      'ICY 200 OK',
      ' HTTP/1.1 101 x',
      'HTTP/1.1 101 a\nb',
    ]) {
      assert.equal(refusal(() => parseResponseHead(line, limits)).code, 'malformed-status-line');
    }
  });
});
