/** The server: what it takes as options, where it listens, its clients, and how it closes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { WebSocket, WebSocketServer } from '@hawser/ws';
import { connect, listen, portOf } from './pairs.ts';

describe('the options', () => {
  it('name exactly one place to take requests from', () => {
    const server = createServer();
    for (const options of [
      undefined,
      {},
      { port: 0, noServer: true },
      { port: 0, server },
      { noServer: true, server },
      { port: 0, noServer: true, server },
    ]) {
      assert.throws(() => new WebSocketServer(options), {
        name: 'TypeError',
        message: 'One and only one of the "port", "server", or "noServer" options must be specified',
      });
    }
  });

  it('are shown, with the defaults', async (t) => {
    const { server } = await listen(t, { path: '/x' });
    assert.equal(server.options.port, 0);
    assert.equal(server.options.path, '/x');
    assert.equal(server.options.maxPayload, 100 * 1024 * 1024);
  });
});

describe('a server on a port of its own', () => {
  it('calls back and emits once it listens', (t, done) => {
    let emitted = false;
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
      setImmediate(() => {
        assert.ok(emitted);
        server.close(done);
      });
    });
    t.after(() => server.close());
    server.on('listening', () => {
      emitted = true;
    });
  });

  it('answers other requests with 426', async (t) => {
    const { port } = await listen(t);
    const [response] = await once(get({ port, host: '127.0.0.1' }), 'response');
    assert.equal(response.statusCode, 426);
    assert.equal(String((await response.toArray())[0]), 'Upgrade Required');
  });

  it('reports a port that is taken', async (t) => {
    const { port } = await listen(t);
    const [error] = await once(new WebSocketServer({ port, host: '127.0.0.1' }), 'error');
    assert.equal(error.code, 'EADDRINUSE');
  });

  it('tells its address until it is closed', async (t) => {
    const { server, port } = await listen(t);
    assert.equal(portOf(server), port);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    assert.equal(server.address(), null);
    assert.throws(() => new WebSocketServer({ noServer: true }).address(), {
      message: 'The server is operating in "noServer" mode',
    });
  });
});

describe('a server on an http server', () => {
  it('takes its upgrades, over a Unix socket too, and lets go of it', async (t) => {
    const path = join(tmpdir(), `ws-${process.pid}.sock`);
    const httpServer = createServer();
    const before = ['listening', 'error', 'upgrade'].map((name) => httpServer.listenerCount(name));
    const server = new WebSocketServer({ server: httpServer });
    await once(httpServer.listen(path), 'listening');
    t.after(() => httpServer.close());
    const client = new WebSocket(`ws+unix:${path}:/foo?bar=baz`);
    const [[, request]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
    assert.equal(request.url, '/foo?bar=baz');
    client.terminate();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    assert.deepEqual(
      ['listening', 'error', 'upgrade'].map((name) => httpServer.listenerCount(name)),
      before,
    );
    assert.ok(httpServer.listening);
  });
});

describe('clients', () => {
  it('are there from the connection to its end', async (t) => {
    const { server, client, peer } = await connect(t);
    assert.deepEqual([...(server.clients ?? [])], [peer]);
    client.close();
    await once(peer, 'close');
    assert.equal(server.clients?.size, 0);
  });

  it('are not kept if nobody wants them', async (t) => {
    const { server, client, peer } = await connect(t, { server: { clientTracking: false } });
    assert.equal(server.clients, undefined);
    client.close();
    await once(peer, 'close');
  });
});

describe('close', () => {
  it('leaves the clients alone, and waits for them', async (t) => {
    const { server, peer, client } = await connect(t);
    const ended = once(server, 'close');
    server.close();
    assert.equal(peer.readyState, WebSocket.OPEN);
    client.close();
    await ended;
  });

  it('may be called again and again, and says so once it is done', async () => {
    const server = new WebSocketServer({ noServer: true });
    const ended = once(server, 'close');
    server.close();
    server.close();
    await ended;
    const error = await new Promise<Error | undefined>((resolve) => server.close(resolve));
    assert.equal(error?.message, 'The server is not running');
  });

  it('ends after the http server that it made', async (t) => {
    const { server, port } = await listen(t);
    const order: string[] = [];
    server._server?.on('close', () => order.push('http'));
    server.on('close', () => order.push('ws'));
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const ended = once(server, 'close');
    server.close();
    server.close();
    socket.end();
    await ended;
    assert.deepEqual(order, ['http', 'ws']);
  });

  it('calls back without clients, however they are kept', async () => {
    for (const clientTracking of [true, false]) {
      const server = new WebSocketServer({ noServer: true, clientTracking });
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
});

describe('shouldHandle', () => {
  it('compares the path, without the query', () => {
    const server = new WebSocketServer({ noServer: true, path: '/foo' });
    const asks = (url: string): boolean => Reflect.apply(server.shouldHandle, server, [{ url }]);
    assert.deepEqual([asks('/foo'), asks('/foo?x'), asks('/foo/'), asks('/bar')], [true, true, false, false]);
  });
});
