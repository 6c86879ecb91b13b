/** The server's side of the handshake: what it refuses and how, the user's hooks, and requests taken by hand. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer,
  get,
  request as httpRequest,
  IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
} from 'node:http';
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { Sender, WebSocket, WebSocketServer } from '@hawser/ws';
import { connect, listen, messages, portOf } from './pairs.ts';

const handshake = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

describe('a handshake', () => {
  for (const [name, headers, body] of [
    ['another Upgrade', { Upgrade: 'foo' }, 'Invalid Upgrade header'],
    ['no key', { 'Sec-WebSocket-Key': undefined }, 'Missing or invalid Sec-WebSocket-Key header'],
    ['a short key', { 'Sec-WebSocket-Key': 'P5l8BJcZwRc=' }, 'Missing or invalid Sec-WebSocket-Key header'],
    ['no version', { 'Sec-WebSocket-Version': undefined }, 'Missing or invalid Sec-WebSocket-Version header'],
    ['another version', { 'Sec-WebSocket-Version': '12' }, 'Missing or invalid Sec-WebSocket-Version header'],
    ['broken subprotocols', { 'Sec-WebSocket-Protocol': 'foo;bar' }, 'Invalid Sec-WebSocket-Protocol header'],
    ['a subprotocol twice', { 'Sec-WebSocket-Protocol': 'a, a' }, 'Invalid Sec-WebSocket-Protocol header'],
    [
      'impossible compression',
      { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=foo' },
      'Invalid or unacceptable Sec-WebSocket-Extensions header',
    ],
  ] as const) {
    it(`with ${name} is refused with 400`, async (t) => {
      const { server, port } = await listen(t, { perMessageDeflate: true });
      server.on('connection', () => assert.fail('Expected no connection'));
      const response = await answerTo(port, headers);
      assert.deepEqual([response.status, response.body], [400, body]);
      if (name.includes('version')) assert.equal(response.headers['sec-websocket-version'], '13, 8');
    });
  }

  it('with another method is refused with 405', async (t) => {
    const { port } = await listen(t);
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers: handshake }).end();
    const [response] = await once(request, 'response');
    assert.equal(response.statusCode, 405);
    response.resume();
  });

  it('for another path is refused with 400', async (t) => {
    const { port } = await listen(t, { path: '/ws' });
    assert.equal((await answerTo(port, {})).status, 400);
  });

  it('while the server closes is refused with 503', async (t) => {
    const server = new WebSocketServer({ noServer: true });
    const port = await serve(t, (http) =>
      http.on('upgrade', (request, socket, head) => {
        server.close();
        server.handleUpgrade(request, socket, head, () => assert.fail('Expected no connection'));
      }),
    );
    assert.equal((await answerTo(port, {})).status, 503);
  });

  it('that is refused can be answered by who listens for it', async (t) => {
    const { server, port } = await listen(t);
    server.on('wsClientError', (error, socket, request) => {
      assert.equal(error.message, 'Invalid Upgrade header');
      assert.ok(request instanceof IncomingMessage);
      socket.end('HTTP/1.1 418 Teapot\r\n\r\n');
    });
    assert.equal((await answerTo(port, { Upgrade: 'x' })).status, 418);
  });

  it('with extensions that it does not know goes on without them', async (t) => {
    const { client, peer } = await connect(t, {
      server: { perMessageDeflate: true },
      client: { perMessageDeflate: false, headers: { 'Sec-WebSocket-Extensions': 'foo; bar' } },
    });
    assert.deepEqual([client.extensions, peer.extensions], ['', '']);
  });

  it('may bring the first frames along', async (t) => {
    const { server, port } = await listen(t);
    const frame = Sender.frame(Buffer.from('Hello'), { fin: true, opcode: 1, mask: true });
    const request = httpRequest({ port, host: '127.0.0.1', headers: handshake });
    request.on('upgrade', (_response, socket) => socket.destroy());
    request.write(Buffer.concat(frame));
    request.end();
    // They come in the tick behind the event, before what awaits it goes on.
    const arriving = new Promise((resolve) => {
      server.on('connection', (peer) => resolve(messages(peer, 1)));
    });
    assert.deepEqual(await arriving, [[Buffer.from('Hello'), false]]);
  });
});

describe('the headers event', () => {
  it('shows the response line by line, to be changed', async (t) => {
    const { server, url } = await listen(t);
    server.on('headers', (headers: string[], request) => {
      assert.deepEqual(headers.slice(0, 3), [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
      ]);
      assert.equal(request.url, '/?foo');
      headers.push('X-Extra: yes');
    });
    const client = new WebSocket(`${url}?foo`);
    const [[response]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')]);
    assert.equal(response.headers['x-extra'], 'yes');
    client.terminate();
  });
});

describe('subprotocols', () => {
  it('are the first that is offered, or what handleProtocols chooses', async (t) => {
    const protocols = ['foo', 'bar'];
    const first = await connect(t, { protocols });
    assert.deepEqual([first.client.protocol, first.peer.protocol], ['foo', 'foo']);
    const handleProtocols = (offered: Set<string>): string | undefined => [...offered].at(-1);
    const chosen = await connect(t, { protocols, server: { handleProtocols } });
    assert.deepEqual([chosen.client.protocol, chosen.peer.protocol], ['bar', 'bar']);
  });
});

describe('verifyClient', () => {
  it('decides at once, told of origin, security and request', async (t) => {
    const { port } = await listen(t, {
      verifyClient: (info: { origin: string | undefined; secure: boolean; req: IncomingMessage }) => {
        assert.deepEqual([info.origin, info.secure, info.req.url], ['https://example.com', false, '/']);
        return false;
      },
    });
    assert.equal((await answerTo(port, { Origin: 'https://example.com' })).status, 401);
  });

  it('reads the origin from the header of the draft', async (t) => {
    const seen: unknown[] = [];
    const verifyClient = (info: { origin: string | undefined }): boolean => seen.push(info.origin) > 0;
    await connect(t, {
      server: { verifyClient },
      client: { protocolVersion: 8, origin: 'https://a.example' },
    });
    assert.deepEqual(seen, ['https://a.example']);
  });

  it('accepts later', async (t) => {
    await connect(t, { server: { verifyClient: (_info, accept) => setImmediate(accept, true) } });
  });

  for (const [name, answer, expected] of [
    ['with 401', [false], { status: 401, body: 'Unauthorized' }],
    ['with a status', [false, 404], { status: 404, body: 'Not Found' }],
    ['with a body', [false, 403, 'no'], { status: 403, body: 'no' }],
    ['with headers', [false, 503, '', { 'Retry-After': 120 }], { status: 503, body: 'Service Unavailable' }],
  ] as const) {
    it(`refuses later ${name}`, async (t) => {
      const { port } = await listen(t, {
        verifyClient: (_info, callback) => setImmediate(callback, ...answer),
      });
      const { status, body, headers } = await answerTo(port, {});
      assert.deepEqual({ status, body }, expected);
      if (status === 503) assert.equal(headers['retry-after'], '120');
    });
  }

  it('accepts nobody who has hung up meanwhile', async (t) => {
    const { server, port } = await listen(t, {
      verifyClient: ({ req }, accept) => req.socket.once('end', () => accept(true)),
    });
    server.on('connection', () => assert.fail('Expected no connection'));
    const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
    const lines = Object.entries({ Host: 'localhost', ...handshake }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.end(['GET / HTTP/1.1', ...lines, '', ''].join('\r\n'));
    socket.resume();
    await once(socket, 'close');
  });
});

describe('handleUpgrade', () => {
  it('takes a request of an upgrade event', async (t) => {
    const server = new WebSocketServer({ noServer: true });
    const port = await serve(t, (http) =>
      http.on('upgrade', (request, socket, head) => {
        server.handleUpgrade(request, socket, head, (peer, passed) => {
          assert.equal(passed, request);
          peer.send('hello');
          peer.close();
        });
      }),
    );
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    const ended = once(client, 'close');
    assert.deepEqual(await messages(client, 1), [[Buffer.from('hello'), false]]);
    await ended;
  });

  it('takes a request of a request event, and runs the guide', async (t) => {
    const server = new WebSocketServer({ noServer: true });
    const clients = new Set<WebSocket>();
    const onConnect = (peer: WebSocket): void => {
      clients.add(peer);
      peer.on('message', (message: Buffer) => {
        for (const client of clients) client.send(message);
      });
      peer.on('close', () => clients.delete(peer));
    };
    const port = await serve(t, (http) =>
      http.on('request', (request) =>
        server.handleUpgrade(request, request.socket, Buffer.alloc(0), onConnect),
      ),
    );
    const [one, two] = [new WebSocket(`ws://127.0.0.1:${port}`), new WebSocket(`ws://127.0.0.1:${port}`)];
    await Promise.all([once(one, 'open'), once(two, 'open')]);
    for (let round = 0; round < 5; round++) {
      const arriving = Promise.all([messages(one, 1), messages(two, 1)]);
      one.send(`round ${round}`);
      for (const [message] of await arriving) assert.equal(String(message?.[0]), `round ${round}`);
    }
    const ended = Promise.all([once(one, 'close'), once(two, 'close')]);
    one.close();
    two.close();
    await ended;
    assert.equal(clients.size, 0);
  });

  it('works over any Duplex', async (t) => {
    const server = new WebSocketServer({ noServer: true });
    const port = await serve(t, (http) =>
      http.on('upgrade', (request, socket, head) => {
        const between = Duplex.from({ readable: socket, writable: socket });
        server.handleUpgrade(request, between, head, (peer) => {
          peer.send('hello');
          peer.close();
        });
      }),
    );
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    assert.deepEqual(await messages(client, 1), [[Buffer.from('hello'), false]]);
    await once(client, 'close');
  });

  it('throws for a socket that it has taken already', async (t) => {
    const server = new WebSocketServer({ noServer: true });
    const thrown: unknown[] = [];
    const port = await serve(t, (http) =>
      http.on('upgrade', (request, socket, head) => {
        server.handleUpgrade(request, socket, head, (peer) => peer.close());
        try {
          server.handleUpgrade(request, socket, head, () => undefined);
        } catch (error) {
          thrown.push(error);
        }
      }),
    );
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(client, 'close');
    assert.match(
      String(thrown[0]),
      /^Error: server\.handleUpgrade\(\) was called more than once with the same socket, possibly due to a misconfiguration$/,
    );
  });
});

/** An http server. Returns its port. */
async function serve(t: TestContext, prepare: (server: Server) => void): Promise<number> {
  const server = createServer();
  prepare(server);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return portOf(server);
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: OutgoingHttpHeaders;
}

/** What a handshake with some of its headers changed is answered. */
async function answerTo(port: number, changed: OutgoingHttpHeaders): Promise<Answer> {
  const headers = Object.entries({ ...handshake, ...changed }).filter(([, value]) => value !== undefined);
  const [response] = await once(
    get({ port, host: '127.0.0.1', headers: Object.fromEntries(headers) }),
    'response',
  );
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, body, headers: response.headers };
}
