/** `listen()`: a port or socket of its own. */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocketServer } from '../src/index.ts';
import { text } from './frames.ts';
import { handshake, RawClient } from './raw-client.ts';
import { ServerDiary } from './server-diary.ts';
import { placeOf, startServer } from './servers.ts';
import { tlsCredentials } from './tls-credentials.ts';

describe('listen()', () => {
  it('takes connections on a port of its own, and tells which', async (t) => {
    const { server, place } = await startServer(t, { message: (peer, message) => void peer.send(message) });
    assert.ok(place.port > 0);
    assert.equal(placeOf(server.address()).host, '127.0.0.1');
    const client = await RawClient.open(place);
    assert.equal(await client.send(text('Hello')).hears(), 'text "Hello"');
  });

  it('takes connections over IPv6', async (t) => {
    const server = new WebSocketServer({ open: (peer) => void peer.send(peer.request.remoteAddress ?? '') });
    await server.listen({ port: 0, host: '::1' });
    t.after(() => server.close({ deadlineMs: 0 }));
    const client = await RawClient.open(placeOf(server.address()), handshake({ Host: '[::1]' }));
    assert.equal(await client.hears(), 'text "::1"');
  });

  it('takes connections on a Unix socket, and removes it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
    const socketPath = join(folder, 'server');
    const server = new WebSocketServer({
      open: (peer) => void peer.send(String(peer.request.remoteAddress)),
    });
    await server.listen({ socketPath });
    assert.equal(server.address(), socketPath);
    const client = await RawClient.open({ path: socketPath });
    assert.equal(await client.hears(), 'text "undefined"');
    await server.close({ deadlineMs: 0 });
    assert.equal(existsSync(socketPath), false);
    rmSync(folder, { recursive: true });
  });

  it('takes connections over TLS, and tells so', async (t) => {
    const server = new WebSocketServer({ open: (peer) => void peer.send(String(peer.request.secure)) });
    await server.listen({ port: 0, host: '127.0.0.1', tls: tlsCredentials });
    t.after(() => server.close({ deadlineMs: 0 }));
    const socket = connectTls({
      ...placeOf(server.address()),
      ca: tlsCredentials.cert,
      servername: 'localhost',
    });
    await once(socket, 'secureConnect');
    const client = new RawClient(socket).send(handshake({ Origin: 'https://localhost' }));
    assert.equal((await client.response()).status, 101);
    assert.equal(await client.hears(), 'text "true"');
  });

  it('outlives a client that breaks the TLS handshake', async (t) => {
    const server = new WebSocketServer({});
    await server.listen({ port: 0, host: '127.0.0.1', tls: tlsCredentials });
    t.after(() => server.close({ deadlineMs: 0 }));
    await RawClient.to(placeOf(server.address())).send(handshake()).end();
    assert.notEqual(server.address(), undefined);
  });

  it('answers plain HTTP with 426 and the protocol to upgrade to', async (t) => {
    const { place } = await startServer(t, {});
    const client = RawClient.to(place).send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const { status, headers } = await client.response();
    assert.equal(status, 426);
    assert.equal(headers.get('upgrade'), 'websocket');
    assert.equal(await client.end(), 'Expected an Upgrade header that names websocket, received none\n');
  });

  it("rejects with Node's error if the port is taken, and may be called again", async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    t.after(() => taken.close());
    const server = new WebSocketServer({});
    await assert.rejects(server.listen(placeOf(taken.address())), { code: 'EADDRINUSE' });
    assert.equal(server.address(), undefined);
    await server.listen({ port: 0, host: '127.0.0.1' });
    await server.close();
  });

  it('rejects if it listens already', async (t) => {
    const { server } = await startServer(t, {});
    await assert.rejects(server.listen({ port: 0 }), {
      name: 'TypeError',
      message: 'Expected a server that does not listen yet, received one that does',
    });
  });

  it('goes on after an error of a connection that could not be accepted, and tells it', async (t) => {
    const diary = new ServerDiary();
    const { server, place } = await startServer(t, diary.handlers);
    const listeners: unknown[] = [];
    const accepted = (message: unknown): void => {
      assert.ok(typeof message === 'object' && message !== null && 'socket' in message);
      if (message.socket instanceof Socket) listeners.push(Reflect.get(message.socket, 'server'));
    };
    channel('net.server.socket').subscribe(accepted);
    await RawClient.open(place);
    channel('net.server.socket').unsubscribe(accepted);
    const [listener] = listeners;
    assert.ok(listener instanceof Server);
    for (let i = 0; i < 2; i++) listener.emit('error', new Error('EMFILE'));
    assert.deepEqual(diary.lines, ['open', 'refused Error', 'refused Error']);
    assert.notEqual(server.address(), undefined);
  });

  it('refuses numbers out of range when the server is made', () => {
    const wrong = [
      [{ handshakeTimeoutMs: -1 }, /handshakeTimeoutMs .* at least 0, received -1/],
      [{ heartbeatIntervalMs: Number.NaN }, /heartbeatIntervalMs .* received NaN/],
      [{ highWaterMark: Number.POSITIVE_INFINITY }, /highWaterMark .* received Infinity/],
      [{ limits: { maxMessageLength: 0 } }, /limits.maxMessageLength to be a positive integer, received 0/],
    ] as const;
    for (const [options, message] of wrong)
      assert.throws(() => new WebSocketServer(options), { name: 'RangeError', message });
  });
});
