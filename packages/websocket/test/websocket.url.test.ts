/** WebSockets Standard §3.1: the constructor's arguments. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket, type WebSocketOptions } from '../src/index.ts';
import { accept, connect, open, throwsDomException, untilLine } from './client.ts';
import { MemoryTransport } from './memory-transport.ts';
import { until } from './server-diary.ts';

/** A socket that never connects, and ends with its test. */
function construct(
  t: TestContext,
  url: string | URL,
  protocols?: string | Iterable<string>,
  options?: WebSocketOptions,
): WebSocket {
  const openTransport = (): MemoryTransport => new MemoryTransport();
  const socket = new WebSocket(url, protocols, { openTransport, ...options });
  t.after(() => socket.close());
  return socket;
}

/** The handshake's request, as text. */
async function request(t: TestContext, url: string, options: WebSocketOptions = {}): Promise<string> {
  const transport = new MemoryTransport();
  construct(t, url, [], { openTransport: () => transport, ...options });
  await until(() => transport.writes.length > 0);
  return Buffer.concat(transport.writes).toString('latin1');
}

describe('§3.1 the URL', () => {
  const serialized = {
    'ws://example.com': 'ws://example.com/',
    'wss://example.com/a?b': 'wss://example.com/a?b',
    'WS://EXAMPLE.com:80/%20 x': 'ws://example.com/%20%20x',
    'wss://example.com:443': 'wss://example.com/',
    'wss://example.com:80': 'wss://example.com:80/',
    'http://example.com/chat': 'ws://example.com/chat',
    'https://example.com/chat': 'wss://example.com/chat',
    'https://example.com:443/': 'wss://example.com/',
    'https://example.com:80/': 'wss://example.com:80/',
    'ws://[::1]:8080': 'ws://[::1]:8080/',
    'ws://example.com/a%23b': 'ws://example.com/a%23b',
    'ws://täst.example/ü': 'ws://xn--tst-qla.example/%C3%BC',
    'ws://user:secret@example.com': 'ws://user:secret@example.com/',
  };
  for (const [text, href] of Object.entries(serialized)) {
    it(`of ${text} is ${href}`, (t) => assert.equal(construct(t, text).url, href));
  }

  it('may be a URL object, which is left as it is', (t) => {
    const url = new URL('https://example.com/');
    assert.equal(construct(t, url).url, 'wss://example.com/');
    assert.equal(url.href, 'https://example.com/');
  });

  const refused = [
    '',
    '/chat',
    '//example.com',
    'ws://',
    'ws://exa mple/',
    'ws://a:99999',
    'ftp://example.com/',
  ];
  const fragments = ['ws://example.com/#', 'ws://example.com/#a', 'https://example.com/?a#'];
  for (const text of [...refused, ...fragments, 'mailto:a@b.c', 'javascript:1', 'wss:']) {
    it(`is not ${JSON.stringify(text)}`, (t) => {
      throwsDomException(() => construct(t, text), 'SyntaxError');
    });
  }

  it('is wanted', () => {
    assert.throws(() => Reflect.construct(WebSocket, []), TypeError);
  });

  it('does not show in the error, for it may hold a password', (t) => {
    assert.throws(
      () => construct(t, 'ftp://user:secret@example.com'),
      (error: Error) => {
        return !JSON.stringify([error.message, String(error.cause)]).includes('secret');
      },
    );
  });
});

describe('§3.1 subprotocols', () => {
  it('are none, one or several', async () => {
    for (const protocols of [undefined, [], 'chat', ['chat', 'superchat']]) {
      const { socket, transport } = connect(protocols === undefined ? {} : { protocols });
      await until(() => transport.writes.length > 0);
      const [line] = /Sec-WebSocket-Protocol: .*(?=\r)/.exec(String(transport.writes[0])) ?? ['none'];
      const list = [protocols ?? []].flat().join(', ');
      assert.equal(line, list === '' ? 'none' : `Sec-WebSocket-Protocol: ${list}`);
      socket.close();
    }
  });

  it('may be any sequence', (t) => {
    assert.equal(construct(t, 'ws://localhost', new Set(['a', 'b'])).readyState, 0);
  });

  const refused = ['', 'two words', 'comma,', 'ünicode', 'a\u0000', 'a/b', '(a)', '"a"', 'a\r\nX: y'];
  for (const protocol of refused) {
    it(`are not ${JSON.stringify(protocol)}`, (t) => {
      throwsDomException(() => construct(t, 'ws://localhost', protocol), 'SyntaxError');
      throwsDomException(() => construct(t, 'ws://localhost', ['chat', protocol]), 'SyntaxError');
    });
  }

  it('are distinct, in whichever case', (t) => {
    throwsDomException(() => construct(t, 'ws://localhost', ['echo', 'echo']), 'SyntaxError');
    throwsDomException(() => construct(t, 'ws://localhost', ['echo', 'eCho']), 'SyntaxError');
  });

  it('show which one the server chose', async () => {
    const { socket } = await open({ protocols: ['chat', 'superchat'], subprotocol: 'superchat' });
    assert.equal(socket.protocol, 'superchat');
  });

  it('fail the connection if the server chooses none of those that were asked for', async () => {
    const client = connect({ protocols: 'chat' });
    await accept(client.transport);
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['error unrequested-subprotocol', 'close 1006 "" unclean']);
  });

  it('fail the connection if the server chooses one that nobody asked for', async () => {
    for (const protocols of [[], ['chat']]) {
      const client = connect({ protocols });
      await accept(client.transport, { subprotocol: 'Chat' });
      await untilLine(client, /close/);
      assert.deepEqual(client.diary, ['error unrequested-subprotocol', 'close 1006 "" unclean']);
    }
  });
});

describe('§2.2 the request', () => {
  it('names the host, with the port if it is not the default', async (t) => {
    assert.match(await request(t, 'ws://example.com/'), /\r\nHost: example\.com\r\n/);
    assert.match(await request(t, 'ws://example.com:8080/'), /\r\nHost: example\.com:8080\r\n/);
    assert.match(await request(t, 'ws://[::1]:8080/'), /\r\nHost: \[::1\]:8080\r\n/);
  });

  it('asks for the path and the query', async (t) => {
    assert.match(await request(t, 'ws://example.com'), /^GET \/ HTTP\/1\.1\r\n/);
    assert.match(await request(t, 'ws://example.com/a/b?c=%20&d'), /^GET \/a\/b\?c=%20&d HTTP/);
    assert.match(await request(t, 'ws://example.com/?'), /^GET \/ HTTP/);
  });

  it('has a key of its own', async (t) => {
    const key = /Sec-WebSocket-Key: [A-Za-z0-9+/]{22}==\r\n/;
    const [first] = key.exec(await request(t, 'ws://example.com')) ?? [];
    const [second] = key.exec(await request(t, 'ws://example.com')) ?? [];
    assert.ok(first !== undefined && second !== undefined && first !== second);
  });

  it('carries the headers and the origin that it is given', async (t) => {
    const text = await request(t, 'ws://example.com', {
      headers: { Cookie: 'a=b' },
      origin: 'https://x.example',
    });
    assert.match(text, /\r\nCookie: a=b\r\nOrigin: https:\/\/x\.example\r\n/);
    assert.match(await request(t, 'ws://example.com', { headers: [['X-A', '1']] }), /\r\nX-A: 1\r\n/);
  });

  it('carries no Origin by default', async (t) => {
    assert.doesNotMatch(await request(t, 'ws://example.com'), /\r\nOrigin:/);
  });

  it('refuses headers that it sets itself or that would be more than one', (t) => {
    for (const [name, value] of [
      ['Host', 'x'],
      ['upgrade', 'x'],
      ['X', 'a\r\nY: b'],
      ['X Y', 'a'],
    ]) {
      const headers = { [name ?? '']: value ?? '' };
      assert.throws(() => construct(t, 'ws://example.com', [], { headers }), TypeError);
    }
  });

  it('carries user and password of the URL, decoded', async (t) => {
    const expected = Buffer.from('us er:pa:ss%').toString('base64');
    const text = await request(t, 'ws://us%20er:pa%3Ass%25@example.com');
    assert.ok(text.includes(`\r\nAuthorization: Basic ${expected}\r\n`));
    assert.match(text, /\r\nHost: example\.com\r\n/);
  });

  it('prefers an Authorization that it is given to the URL’s', async (t) => {
    const headers = { authorization: 'Bearer x' };
    const text = await request(t, 'ws://user:secret@example.com', { headers });
    assert.deepEqual(text.match(/authorization: .*(?=\r)/gi), ['authorization: Bearer x']);
  });

  it('takes no option out of range', (t) => {
    for (const options of [
      { handshakeTimeoutMs: -1 },
      { closeTimeoutMs: Number.NaN },
      { limits: { maxFragments: 0 } },
    ]) {
      assert.throws(() => construct(t, 'ws://example.com', [], options), RangeError);
    }
  });
});
