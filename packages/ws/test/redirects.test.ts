/** Redirects: whether they are followed, how far, and what is not told to another host. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from '@hawser/ws';
import { failed, portOf } from './pairs.ts';

const secrets = { Authorization: 'Basic Zm9vOmJhcg==', Cookie: 'a=b', Host: 'named.example' };

describe('a redirect', () => {
  it('is an error unless it is to be followed', async (t) => {
    const { url } = await redirecting(t, () => '/there');
    const websocket = new WebSocket(url);
    const { error } = await failed(websocket);
    assert.equal(error.message, 'Unexpected server response: 302');
    assert.equal(websocket._redirects, 0);
  });

  it('is followed if asked for, and told of', async (t) => {
    const { url, requests } = await redirecting(t, ({ url: path }) => (path === '/' ? '/there' : undefined));
    const websocket = new WebSocket(url, { followRedirects: true });
    const told: unknown[] = [];
    websocket.on('redirect', (to, request) => told.push(to, request === websocket._req));
    await once(websocket, 'open');
    assert.equal(websocket.url, `${url}/there`);
    assert.equal(websocket._redirects, 1);
    assert.deepEqual(told, [`${url}/there`, true]);
    assert.equal(requests.length, 2);
    websocket.terminate();
  });

  it('is followed so often and no further', async (t) => {
    const { url } = await redirecting(t, () => '/');
    const websocket = new WebSocket(url, { followRedirects: true, maxRedirects: 2 });
    const { error } = await failed(websocket);
    assert.equal(error.message, 'Maximum redirects exceeded');
    assert.equal(websocket._redirects, 3);
  });

  for (const [to, message] of [
    ['http://', 'Invalid URL: http://'],
    [
      'bad-scheme://localhost',
      'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"',
    ],
    ['ws://localhost/#x', 'The URL contains a fragment identifier'],
  ] as const) {
    it(`to ${to} is an error`, async (t) => {
      const { url } = await redirecting(t, () => to);
      const { error } = await failed(new WebSocket(url, { followRedirects: true }));
      assert.equal(error.name, 'SyntaxError');
      assert.equal(error.message, message);
    });
  }

  it('can be given up from its event', async (t) => {
    const { url } = await redirecting(t, () => '/there');
    const websocket = new WebSocket(url, { followRedirects: true });
    websocket.on('redirect', () => websocket.close());
    const { error } = await failed(websocket);
    assert.equal(error.message, 'WebSocket was closed before the connection was established');
  });

  it('to the same host keeps what the user said', async (t) => {
    const { url, requests } = await redirecting(t, ({ url: path }) => (path === '/' ? '/there' : undefined));
    const websocket = new WebSocket(url, { followRedirects: true, headers: secrets });
    await once(websocket, 'open');
    assert.deepEqual(requests.map(said), [
      [secrets.Authorization, 'a=b', 'named.example'],
      [secrets.Authorization, 'a=b', 'named.example'],
    ]);
    websocket.terminate();
  });

  it('to another host does not tell it credentials', async (t) => {
    const other = await redirecting(t, () => undefined);
    const { url } = await redirecting(t, () => other.url);
    const websocket = new WebSocket(url, { followRedirects: true, headers: secrets });
    await once(websocket, 'open');
    assert.deepEqual(other.requests.map(said), [[undefined, undefined, new URL(other.url).host]]);
    websocket.terminate();
  });

  it('to another host does not tell it the user of the URL', async (t) => {
    const other = await redirecting(t, () => undefined);
    const { url, requests } = await redirecting(t, () => other.url);
    const websocket = new WebSocket(url.replace('//', '//foo:bar@'), { followRedirects: true });
    await once(websocket, 'open');
    assert.equal(requests[0]?.headers.authorization, secrets.Authorization);
    assert.equal(other.requests[0]?.headers.authorization, undefined);
    websocket.terminate();
  });

  it('tells everything to another host if the application listens and lets it', async (t) => {
    const other = await redirecting(t, () => undefined);
    const { url } = await redirecting(t, () => other.url);
    const websocket = new WebSocket(url, { followRedirects: true, headers: secrets });
    websocket.on('redirect', () => undefined);
    await once(websocket, 'open');
    assert.deepEqual(other.requests.map(said), [[secrets.Authorization, 'a=b', 'named.example']]);
    websocket.terminate();
  });
});

function said({ headers }: IncomingMessage): (string | undefined)[] {
  return [headers.authorization, headers.cookie, headers.host];
}

/** A server that redirects where it is told, or accepts. */
async function redirecting(
  t: TestContext,
  locationOf: (request: IncomingMessage) => string | undefined,
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const accepting = new WebSocketServer({ noServer: true });
  const server = createServer().on('upgrade', (request, socket, head) => {
    requests.push(request);
    const location = locationOf(request);
    if (location === undefined) accepting.handleUpgrade(request, socket, head, () => undefined);
    else socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`);
  });
  t.after(() => {
    for (const client of accepting.clients ?? []) client.terminate();
    server.close();
    server.closeAllConnections();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `ws://127.0.0.1:${portOf(server)}`, requests };
}
