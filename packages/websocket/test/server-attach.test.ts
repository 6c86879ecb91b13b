/** `attach()`: the upgrades of an `http` or `https` server, by path. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { describe, it, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocketServer } from '../src/index.ts';
import { handshake, RawClient } from './raw-client.ts';
import { ServerDiary } from './server-diary.ts';
import { type Place, startHttp } from './servers.ts';
import { tlsCredentials } from './tls-credentials.ts';

describe('attach()', () => {
  it('takes the upgrades of an http server and leaves its other requests alone', async (t) => {
    const { http, place } = await start(t);
    attach(t, http, 'all');
    assert.equal(await greeting(place, '/anything'), 'text "all"');
    const page = RawClient.to(place).send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    assert.equal((await page.response()).status, 200);
    assert.match(await page.end(), /page/);
  });

  it('takes the upgrades of an https server', async (t) => {
    const https = createHttpsServer(tlsCredentials);
    attach(t, https, 'secure');
    const place = await startHttp(t, https);
    const socket = connectTls({ ...place, ca: tlsCredentials.cert, servername: 'localhost' });
    await once(socket, 'secureConnect');
    const client = new RawClient(socket).send(handshake());
    assert.equal((await client.response()).status, 101);
    assert.equal(await client.hears(), 'text "secure"');
  });

  it('takes one path only, without its query', async (t) => {
    const { http, place } = await start(t);
    const diary = attach(t, http, 'chat', '/chat');
    assert.equal(await greeting(place, '/chat'), 'text "chat"');
    assert.equal(await greeting(place, '/chat?room=1'), 'text "chat"');
    for (const other of ['/', '/chat/', '/chat/room', '/Chat', '/chatter'])
      assert.equal(await statusOf(place, other), 404, other);
    assert.equal(diary.errors[0]?.message, 'Expected a path that takes WebSocket connections, received "/"');
  });

  it('lets several servers share an http server, a path of its own before all paths', async (t) => {
    const { http, place } = await start(t);
    attach(t, http, 'rest');
    attach(t, http, 'chat', '/chat');
    attach(t, http, 'game', '/game');
    assert.equal(http.listenerCount('upgrade'), 1);
    assert.equal(await greeting(place, '/chat'), 'text "chat"');
    assert.equal(await greeting(place, '/game'), 'text "game"');
    assert.equal(await greeting(place, '/'), 'text "rest"');
  });

  it('leaves an unknown path to another listener, if there is one', async (t) => {
    const { http, place } = await start(t);
    attach(t, http, 'chat', '/chat');
    http.on('upgrade', (request, socket) => {
      if (request.url === '/other') socket.end('HTTP/1.1 418 Teapot\r\n\r\n');
    });
    assert.equal(await statusOf(place, '/other'), 418);
    assert.equal(await greeting(place, '/chat'), 'text "chat"');
  });

  it('is undone by close(), for that server alone', async (t) => {
    const { http, place } = await start(t);
    const chat = new WebSocketServer({});
    chat.attach(http, { path: '/chat' });
    attach(t, http, 'game', '/game');
    await chat.close();
    assert.equal(await statusOf(place, '/chat'), 404);
    assert.equal(await greeting(place, '/game'), 'text "game"');
  });

  it('serves several http servers with one server', async (t) => {
    const server = new WebSocketServer({ open: (peer) => void peer.send('one') });
    t.after(() => server.close({ deadlineMs: 0 }));
    for (const { http, place } of [await start(t), await start(t)]) {
      server.attach(http);
      assert.equal(await greeting(place, '/'), 'text "one"');
    }
  });
});

async function start(t: TestContext): Promise<{ http: Server; place: Place }> {
  const http = createServer((_request, response) => response.end('page'));
  return { http, place: await startHttp(t, http) };
}

/** Attaches a server that greets its peers with its name. */
function attach(t: TestContext, http: Server, name: string, path?: string): ServerDiary {
  const diary = new ServerDiary();
  const server = new WebSocketServer<undefined>({
    ...diary.handlers,
    open: (peer) => void peer.send(name),
  });
  server.attach(http, path === undefined ? {} : { path });
  t.after(() => server.close({ deadlineMs: 0 }));
  return diary;
}

async function greeting(place: Place, path: string): Promise<string> {
  const client = await RawClient.open(place, handshake({}, path));
  return client.hears();
}

async function statusOf(place: Place, path: string): Promise<number> {
  return (await RawClient.to(place).send(handshake({}, path)).response()).status;
}
