/** `handleUpgrade`, by hand, from both events of Node's `http` server that can bring a handshake. */
import assert from 'node:assert/strict';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type Authorization, WebSocketServer } from '../src/index.ts';
import { clientFrame, closePayload, opcodes, text } from './frames.ts';
import { handshake, RawClient } from './raw-client.ts';
import { ServerDiary, until } from './server-diary.ts';
import { type Place, startHttp } from './servers.ts';

/** Timeouts under which Node's `http` would end a connection that it takes for its own within the test. */
const impatient: ServerOptions = {
  connectionsCheckingInterval: 10,
  headersTimeout: 20,
  requestTimeout: 20,
  keepAliveTimeout: 20,
};

/** How the two events hand their request on. */
const shapes = {
  upgrade: (http: Server, server: WebSocketServer) =>
    http.on('upgrade', (request, socket, head) => void server.handleUpgrade(request, socket, head)),
  request: (http: Server, server: WebSocketServer) =>
    http.on('request', (request) => void server.handleUpgrade(request, request.socket, Buffer.alloc(0))),
} as const;

for (const event of ['upgrade', 'request'] as const) {
  describe(`handleUpgrade in a '${event}' event`, () => {
    it('opens a connection that echoes and closes', async (t) => {
      const { diary, place } = await start(t, event);
      const client = await RawClient.open(place);
      assert.equal(await client.send(text('Hello')).hears(), 'text "Hello"');
      client.send(clientFrame(opcodes.close, closePayload(1000, 'Bye!')));
      assert.equal(await client.hears(), 'close 1000 "Bye!"');
      await diary.until('close 1000 "Bye!"');
      assert.deepEqual(diary.lines, ['open', 'message "Hello"', 'close 1000 "Bye!"']);
    });

    it('outlives all of the timeouts of the http server', async (t) => {
      const { http, place } = await start(t, event, impatient);
      http.setTimeout(20);
      const client = await RawClient.open(place);
      // The timers are Node's own: when they have ended a request that was begun later, the connection has had its turn.
      const slow = RawClient.to(place).send('GET / HTTP/1.1\r\n');
      await slow.end();
      assert.equal(await client.send(text('Hello')).hears(), 'text "Hello"');
    });

    it('outlives the close of the http server', async (t) => {
      const { http, place } = await start(t, event);
      const client = await RawClient.open(place);
      http.close();
      http.closeIdleConnections();
      assert.equal(await client.send(text('Hello')).hears(), 'text "Hello"');
    });

    it('reads what the client sends before its answer as frames, never as another request', async (t) => {
      const { place, requests, server, bytesRead, allow } = await startSlow(t, event);
      const client = RawClient.to(place).send(handshake());
      await until(() => requests() === 1);
      client.send(text('early'));
      await until(() => bytesRead() === handshake().length + text('early').length);
      client.send(handshake());
      await until(() => bytesRead() === 2 * handshake().length + text('early').length);
      allow();
      assert.equal((await client.response()).status, 101);
      assert.equal(await client.hears(), 'text "early"');
      assert.equal(await client.hears(), 'close 1002 "reserved-opcode"');
      assert.equal(await client.end(), '');
      await until(() => server.peerCount === 0);
      assert.equal(requests(), 1);
    });

    it('refuses what is no handshake, and nothing behind it gets a response', async (t) => {
      const { place, requests } = await startSlow(t, event);
      const bad = handshake({ 'Sec-WebSocket-Version': '12' });
      const client = RawClient.to(place).send(bad + handshake());
      const { status, headers } = await client.response();
      assert.equal(status, 426);
      assert.equal(headers.get('connection'), 'close, Upgrade');
      assert.match(await client.end(), /^Expected Sec-WebSocket-Version: 13, received "12"\n$/);
      assert.equal(requests(), 0);
    });
  });
}

describe("handleUpgrade in a 'request' event", () => {
  it('leaves the connection among those that closeAllConnections() of the http server ends', async (t) => {
    const { diary, http, place } = await start(t, 'request');
    await RawClient.open(place);
    http.closeAllConnections();
    await diary.until('close 1006 "" unclean');
  });
});

describe("handleUpgrade in an 'upgrade' event", () => {
  it('takes the connection from those that closeAllConnections() of the http server ends', async (t) => {
    const { http, place } = await start(t, 'upgrade');
    const client = await RawClient.open(place);
    http.closeAllConnections();
    assert.equal(await client.send(text('Hello')).hears(), 'text "Hello"');
  });

  it('takes the bytes behind the head as frames', async (t) => {
    const { place } = await start(t, 'upgrade');
    const client = RawClient.to(place);
    client.send(Buffer.concat([Buffer.from(handshake()), text('at once')]));
    assert.equal((await client.response()).status, 101);
    assert.equal(await client.hears(), 'text "at once"');
  });

  it('gives the peer, or undefined for a request that was refused', async (t) => {
    const server = new WebSocketServer({});
    const http = createServer();
    const place = await startHttp(t, http);
    t.after(() => server.close({ deadlineMs: 0 }));
    const outcomes: unknown[] = [];
    http.on('upgrade', async (request, socket, head) => {
      outcomes.push(await server.handleUpgrade(request, socket, head));
    });
    await RawClient.open(place);
    await RawClient.to(place)
      .send(handshake({ 'Sec-WebSocket-Key': 'short' }))
      .end();
    assert.deepEqual(outcomes, [[...server.peers][0], undefined]);
  });
});

async function start(
  t: TestContext,
  event: keyof typeof shapes,
  options: ServerOptions = {},
): Promise<{ diary: ServerDiary; http: Server; place: Place }> {
  const diary = new ServerDiary();
  const server = new WebSocketServer<undefined>({
    ...diary.handlers,
    message(peer, message) {
      diary.handlers.message(peer, message);
      peer.send(message);
    },
  });
  const http = createServer(options);
  shapes[event](http, server);
  const place = await startHttp(t, http);
  t.after(() => server.close({ deadlineMs: 0 }));
  return { diary, http, place };
}

/** A server that echoes and whose `authorize` waits for `allow`; `requests` counts its calls. */
async function startSlow(t: TestContext, event: keyof typeof shapes) {
  const decisions: ((authorization: Authorization<undefined>) => void)[] = [];
  const server = new WebSocketServer<undefined>({
    authorize: () => new Promise((resolve) => decisions.push(resolve)),
    message: (peer, message) => void peer.send(message),
  });
  const http = createServer();
  shapes[event](http, server);
  const place = await startHttp(t, http);
  t.after(() => server.close({ deadlineMs: 0 }));
  const sockets: Socket[] = [];
  http.on('connection', (socket) => sockets.push(socket));
  const allow = () => {
    for (const decide of decisions) decide({ allow: true, data: undefined });
  };
  return {
    server,
    place,
    requests: () => decisions.length,
    bytesRead: () => sockets[0]?.bytesRead,
    allow,
  };
}
