/** The client's opening handshake: what it asks for, what it refuses, and how it can be given up. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type ClientRequest, createServer, IncomingMessage, type Server } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from '@hawser/ws';
import { connect, failed, listen, portOf } from './pairs.ts';

const CLOSED_TOO_EARLY = 'WebSocket was closed before the connection was established';

describe('the arguments', () => {
  for (const [address, message] of [
    ['foo', /^Invalid URL: foo$/],
    [
      'mqtt://localhost',
      /^The URL's protocol must be one of "ws:", "wss:", "http:", "https:", or "ws\+unix:"$/,
    ],
    ['ws+unix:', /^The URL's pathname is empty$/],
    ['wss://localhost#fragment', /^The URL contains a fragment identifier$/],
  ] as const) {
    it(`refuse ${address}`, () => {
      assert.throws(() => new WebSocket(address), { name: 'SyntaxError', message });
    });
  }

  it('refuse subprotocols that are no tokens or come twice', () => {
    for (const protocols of [[null], [''], ['foo,bar'], ['foo', 'foo']]) {
      assert.throws(() => Reflect.construct(WebSocket, ['ws://localhost', protocols]), {
        name: 'SyntaxError',
        message: 'An invalid or duplicated subprotocol was specified',
      });
    }
  });

  it('refuse versions of the protocol that there are not', () => {
    assert.throws(() => new WebSocket('ws://localhost', { protocolVersion: 1000 }), {
      name: 'RangeError',
      message: 'Unsupported protocol version: 1000 (supported versions: 8, 13)',
    });
  });

  it('may be options alone, with the subprotocols among them', async (t) => {
    assert.equal(
      (await sentRequest(t, { protocols: ['a', 'b'] })).getHeader('sec-websocket-protocol'),
      'a,b',
    );
  });
});

describe('the request', () => {
  it('offers compression unless told not to', async (t) => {
    const offer = 'permessage-deflate; client_max_window_bits';
    assert.equal((await sentRequest(t, {})).getHeader('sec-websocket-extensions'), offer);
    const silent = await sentRequest(t, { perMessageDeflate: false });
    assert.equal(silent.getHeader('sec-websocket-extensions'), undefined);
  });

  it('offers compression as it was configured', async (t) => {
    const perMessageDeflate = {
      clientNoContextTakeover: true,
      serverNoContextTakeover: true,
      clientMaxWindowBits: true,
      serverMaxWindowBits: 10,
    };
    assert.equal(
      (await sentRequest(t, { perMessageDeflate })).getHeader('sec-websocket-extensions'),
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits',
    );
  });

  it('carries the headers and the origin that it was given', async (t) => {
    const request = await sentRequest(t, { headers: { Cookie: 'a=b' }, origin: 'https://example.com' });
    assert.equal(request.getHeader('cookie'), 'a=b');
    assert.equal(request.getHeader('origin'), 'https://example.com');
    const draft = await sentRequest(t, { origin: 'https://example.com', protocolVersion: 8 });
    assert.equal(draft.getHeader('sec-websocket-origin'), 'https://example.com');
    assert.equal(draft.getHeader('sec-websocket-version'), 8);
  });

  it('carries credentials, those of the URL before those of the options', async (t) => {
    const byOption = await sentRequest(t, { auth: 'foo:bar' });
    assert.equal(byOption.getHeader('authorization'), `Basic ${btoa('foo:bar')}`);
    const byUrl = await sentRequest(t, { auth: 'foo:bar' }, 'ws://baz:qux@localhost');
    assert.equal(byUrl.getHeader('authorization'), `Basic ${btoa('baz:qux')}`);
  });

  for (const [url, host] of [
    ['wss://localhost:8443', 'localhost:8443'],
    ['wss://localhost:443', 'localhost'],
    ['ws://localhost:88', 'localhost:88'],
    ['ws://localhost:80', 'localhost'],
  ] as const) {
    it(`names ${host} as host for ${url}`, () => {
      const websocket = new WebSocket(url, { lookup() {} });
      assert.equal(websocket._req?.getHeader('host'), host);
      websocket.on('error', () => undefined);
      websocket.terminate();
    });
  }

  it('can be finished by the user', async (t) => {
    const { request } = await connect(t, {
      client: {
        finishRequest(own: ClientRequest, websocket: WebSocket) {
          assert.equal(own, websocket._req);
          own.setHeader('Cookie', 'late=yes');
          own.end();
        },
      },
    });
    assert.equal(request.headers.cookie, 'late=yes');
  });

  it('goes over the connection that createConnection makes', async (t) => {
    const { port } = await listen(t);
    const createConnection = (): Duplex => net.connect(port, '127.0.0.1');
    const websocket = new WebSocket('ws://example.invalid', { createConnection });
    await once(websocket, 'open');
    websocket.terminate();
  });
});

describe('a response', () => {
  for (const [name, lines, message] of [
    ['without Upgrade', ['Upgrade: foo'], 'Invalid Upgrade header'],
    [
      'with another key',
      ['Upgrade: websocket', 'Sec-WebSocket-Accept: x'],
      'Invalid Sec-WebSocket-Accept header',
    ],
    [
      'with a subprotocol',
      ['ACCEPT', 'Sec-WebSocket-Protocol: x'],
      'Server sent a subprotocol but none was requested',
    ],
    [
      'with other extensions',
      ['ACCEPT', 'Sec-WebSocket-Extensions: foo'],
      'Server indicated an extension that was not requested',
    ],
    [
      'with broken extensions',
      ['ACCEPT', 'Sec-WebSocket-Extensions: foo;=;'],
      'Invalid Sec-WebSocket-Extensions header',
    ],
    [
      'with impossible parameters',
      ['ACCEPT', 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=7'],
      'Invalid Sec-WebSocket-Extensions header',
    ],
  ] as const) {
    it(`${name} is refused`, async (t) => {
      const url = await upgrading(t, (request, socket) => socket.end(switching(request, lines)));
      const { error, code } = await failed(new WebSocket(url));
      assert.equal(error.message, message);
      assert.equal(code, 1006);
    });
  }

  it('with another subprotocol than those asked for, or none, is refused', async (t) => {
    const url = await upgrading(t, (request, socket) => {
      const chosen = request.url === '/none' ? [] : ['Sec-WebSocket-Protocol: baz'];
      socket.end(switching(request, ['ACCEPT', ...chosen]));
    });
    const wrong = await failed(new WebSocket(url, ['foo', 'bar']));
    assert.equal(wrong.error.message, 'Server sent an invalid subprotocol');
    const none = await failed(new WebSocket(`${url}/none`, ['foo', 'bar']));
    assert.equal(none.error.message, 'Server sent no subprotocol');
  });

  it('with an extension that was not asked for is refused', async (t) => {
    const url = await upgrading(t, (request, socket) =>
      socket.end(switching(request, ['ACCEPT', 'Sec-WebSocket-Extensions: permessage-deflate'])),
    );
    const { error } = await failed(new WebSocket(url, { perMessageDeflate: false }));
    assert.equal(
      error.message,
      'Server sent a Sec-WebSocket-Extensions header but no extension was requested',
    );
  });

  it('of another status is an error', async (t) => {
    const url = await upgrading(t, (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n'));
    const { error } = await failed(new WebSocket(url));
    assert.equal(error.message, 'Unexpected server response: 401');
  });

  it('of another status can be read by who listens for it', async (t) => {
    const url = await upgrading(t, (_request, socket) => {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\nfoo');
    });
    const websocket = new WebSocket(url);
    websocket.on('error', () => undefined);
    const [request, response] = await once(websocket, 'unexpected-response');
    assert.equal(request, websocket._req);
    assert.equal(response.statusCode, 401);
    assert.equal(String((await response.toArray())[0]), 'foo');
    websocket.close();
  });

  it('that does not come in time is an error', async (t) => {
    const url = await upgrading(t, () => undefined);
    const { error } = await failed(new WebSocket(url, { handshakeTimeout: 20 }));
    assert.equal(error.message, 'Opening handshake has timed out');
  });

  it('is emitted before the connection opens', async (t) => {
    const { url } = await listen(t);
    const websocket = new WebSocket(url);
    const order: string[] = [];
    websocket.on('upgrade', (response) => {
      assert.ok(response instanceof IncomingMessage);
      order.push('upgrade');
    });
    websocket.on('open', () => order.push('open'));
    await once(websocket, 'open');
    assert.deepEqual(order, ['upgrade', 'open']);
    websocket.terminate();
  });
});

describe('a connection that is not there yet', () => {
  for (const method of ['close', 'terminate'] as const) {
    it(`can be given up by ${method}()`, async (t) => {
      const { url } = await listen(t);
      const websocket = new WebSocket(url);
      websocket[method]();
      assert.equal(websocket.readyState, WebSocket.CLOSING);
      const { error, code } = await failed(websocket);
      assert.equal(error.message, CLOSED_TOO_EARLY);
      assert.equal(code, 1006);
      assert.equal(websocket.readyState, WebSocket.CLOSED);
    });

    it(`can be given up by ${method}() while the response is looked at`, async (t) => {
      const { url } = await listen(t);
      const websocket = new WebSocket(url);
      websocket.on('open', () => assert.fail('Expected it not to open'));
      websocket.on('upgrade', () => websocket[method]());
      assert.equal((await failed(websocket)).error.message, CLOSED_TOO_EARLY);
    });
  }

  it('reports what the socket reports, and can be closed from there', async () => {
    const websocket = new WebSocket('ws://127.0.0.1:1');
    websocket.on('error', () => websocket.close());
    const { error, code } = await failed(websocket);
    assert.equal(error.code, 'ECONNREFUSED');
    assert.equal(code, 1006);
  });

  it('throws at send, ping and pong', () => {
    const websocket = new WebSocket('ws://localhost', { lookup() {} });
    const error = { name: 'Error', message: 'WebSocket is not open: readyState 0 (CONNECTING)' };
    assert.throws(() => websocket.send('x'), error);
    assert.throws(() => websocket.ping(), error);
    assert.throws(() => websocket.pong(), error);
    websocket.on('error', () => undefined);
    websocket.terminate();
  });
});

type Options = NonNullable<ConstructorParameters<typeof WebSocket>[2]>;

/** The request that a client would send. */
function sentRequest(_t: TestContext, options: Options, url = 'ws://localhost'): Promise<ClientRequest> {
  return new Promise((resolve) => {
    const agent = new Agent();
    Object.assign(agent, { addRequest: resolve });
    new WebSocket(url, { ...options, agent });
  });
}

/** An HTTP server that answers upgrade requests by hand. Returns its URL. */
async function upgrading(
  t: TestContext,
  answer: (request: IncomingMessage, socket: Duplex) => void,
): Promise<string> {
  const server: Server = createServer();
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    sockets.add(socket.on('error', () => undefined));
    answer(request, socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `ws://127.0.0.1:${portOf(server)}`;
}

/** A 101 response; `ACCEPT` stands for the headers that are right. */
function switching(request: IncomingMessage, lines: readonly string[]): string {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  const right = `Upgrade: websocket\r\nSec-WebSocket-Accept: ${accept}`;
  const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', ...lines, '', ''];
  return head.join('\r\n').replace('ACCEPT', right);
}
