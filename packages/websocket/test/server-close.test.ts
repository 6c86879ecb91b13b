/** `close()`: no new connections, a Close frame with 1001 for every peer, and an end by the deadline. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { WebSocketServer } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { clientFrame, closePayload, opcodes, text } from './frames.ts';
import { handshake, RawClient } from './raw-client.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { openInMemory, placeOf, startHttp, startServer } from './servers.ts';
import { tlsCredentials } from './tls-credentials.ts';

describe('close()', () => {
  it('closes every peer with 1001 and resolves when all are gone', async (t) => {
    const diary = new ServerDiary();
    const { server, place } = await startServer(t, diary.handlers);
    const clients = [await RawClient.open(place), await RawClient.open(place)];
    const closed = server.close();
    for (const client of clients) {
      assert.equal(await client.hears(), 'close 1001 ""');
      client.send(clientFrame(opcodes.close, closePayload(1001)));
      await client.end();
    }
    await closed;
    assert.equal(server.peerCount, 0);
    assert.deepEqual(diary.lines.slice(2), ['close 1001 ""', 'close 1001 ""']);
  });

  it('delivers what was sent before it', async (t) => {
    const { server, place } = await startServer(t, {});
    const client = await RawClient.open(place);
    for (const peer of server.peers) peer.send('last words');
    const closed = server.close();
    assert.equal(await client.hears(), 'text "last words"');
    assert.equal(await client.hears(), 'close 1001 ""');
    client.send(clientFrame(opcodes.close));
    await closed;
  });

  it('terminates at the deadline those that have not closed, with 1006', async () => {
    const diary = new ServerDiary();
    const clock = new FakeClock();
    const server = new WebSocketServer({ ...diary.handlers, clock });
    await openInMemory(server);
    let isClosed = false;
    const closed = server.close({ deadlineMs: 500 }).then(() => {
      isClosed = true;
    });
    clock.advance(499);
    await endOfTurn();
    assert.equal(isClosed, false);
    clock.advance(1);
    await closed;
    assert.deepEqual(diary.lines, ['open', 'close 1006 "" unclean']);
    assert.equal(clock.timerCount, 0);
  });

  it('stops listening', async (t) => {
    const { server, place } = await startServer(t, {});
    await server.close();
    assert.equal(server.address(), undefined);
    const client = RawClient.to(place);
    assert.equal(await client.end(), '');
    assert.equal(client.socket.bytesRead, 0);
  });

  it('refuses with 503 the handshakes under way, those in authorize too', async (t) => {
    let authorizing = 0;
    const authorize = () => {
      authorizing += 1;
      return new Promise<never>(() => undefined);
    };
    const { server, place } = await startServer(t, { authorize });
    const half = RawClient.to(place).send('GET / HTTP/1.1\r\n');
    const undecided = RawClient.to(place).send(handshake());
    await until(() => authorizing === 1);
    const closed = server.close();
    assert.equal((await half.response()).status, 503);
    assert.equal((await undecided.response()).status, 503);
    await closed;
  });

  it('refuses with 503 what is handed to it afterwards', async (t) => {
    const server = new WebSocketServer({});
    const http = createServer();
    http.on('upgrade', (request, socket, head) => void server.handleUpgrade(request, socket, head));
    const place = await startHttp(t, http);
    await server.close();
    assert.equal((await RawClient.to(place).send(handshake()).response()).status, 503);
  });

  it('is for good: the server neither listens nor is attached again', async () => {
    const server = new WebSocketServer({});
    const http = createServer();
    await server.close();
    const expected = {
      name: 'TypeError',
      message: 'Expected a server that was not closed, received one that was',
    };
    await assert.rejects(server.listen({ port: 0 }), expected);
    assert.throws(() => server.attach(http), expected);
    assert.equal(http.listenerCount('upgrade'), 0);
  });

  it('leaves the http server that it was attached to running, and its upgrades to others', async (t) => {
    const server = new WebSocketServer({});
    const http = createServer((_request, response) => response.end('page'));
    const place = await startHttp(t, http);
    server.attach(http);
    await server.close();
    assert.equal(http.listening, true);
    assert.equal(http.listenerCount('upgrade'), 0);
    const client = RawClient.to(place).send(handshake({ Connection: 'close', Upgrade: undefined }));
    assert.equal((await client.response()).status, 200);
  });

  it('may be called again, while it closes and afterwards', async (t) => {
    const { server, place } = await startServer(t, {});
    const client = await RawClient.open(place);
    const closed = Promise.all([server.close(), server.close()]);
    assert.equal(await client.hears(), 'close 1001 ""');
    client.send(clientFrame(opcodes.close, closePayload(1001)));
    await closed;
    await server.close();
    assert.equal(await client.end(), '');
  });

  it('ends a paused peer whose transport went away while it was paused', async () => {
    for (const end of ['close', 'terminate'] as const) {
      const diary = new ServerDiary();
      const server = new WebSocketServer(diary.handlers);
      const { peer, transport } = await openInMemory(server);
      peer.pause();
      transport.feed(text('unread'));
      await once(transport.destroy(), 'close');
      assert.deepEqual(diary.lines, ['open']);
      peer[end]();
      assert.deepEqual(diary.lines, ['open', 'close 1006 "" unclean'], end);
      await server.close();
    }
  });
});

describe('close() of a server on its own port', () => {
  it('rejects a listen() that it overtakes', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const server = new WebSocketServer({});
      const listening = assert.rejects(server.listen({ port: 0, host }), /received close\(\) before/);
      await server.close();
      await listening;
      assert.equal(server.address(), undefined);
    }
  });

  it('ends by its deadline although a refused client keeps its side open', async (t) => {
    const clock = new FakeClock();
    const { server, place } = await startServer(t, { clock });
    const client = new RawClient(connect({ ...place, allowHalfOpen: true }));
    client.send(handshake({ Upgrade: undefined }));
    assert.equal((await client.response()).status, 426);
    const closed = server.close({ deadlineMs: 500 });
    clock.advance(500);
    await closed;
  });

  it('ends by its deadline although a client has not finished the TLS handshake', async (t) => {
    const clock = new FakeClock();
    const server = new WebSocketServer({ clock });
    await server.listen({ port: 0, host: '127.0.0.1', tls: tlsCredentials });
    const client = RawClient.to(placeOf(server.address()));
    t.after(() => client.socket.destroy());
    await until(() => client.socket.readyState === 'open');
    await endOfTurn();
    const closed = server.close({ deadlineMs: 500 });
    clock.advance(500);
    await closed;
    assert.equal(await client.end(), '');
  });
});
