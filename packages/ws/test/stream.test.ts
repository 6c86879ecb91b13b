/** createWebSocketStream: reading, writing, backpressure, errors, and how both sides end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import { createWebSocketStream, WebSocket } from '@hawser/ws';
import { closed, connect, listen } from './pairs.ts';

describe('createWebSocketStream', () => {
  it('gives a Duplex that reads messages and writes them', async (t) => {
    const { client, peer } = await connect(t);
    const stream = createWebSocketStream(client, { encoding: 'utf8' });
    assert.ok(stream instanceof Duplex);
    peer.on('message', (data: Buffer, isBinary: boolean) => {
      assert.ok(isBinary);
      peer.send(`echo ${data}`);
    });
    stream.write('hello');
    assert.deepEqual(await once(stream, 'data'), ['echo hello']);
    const ended = once(stream, 'close');
    peer.close();
    stream.resume();
    stream.end();
    await ended;
  });

  it('waits with what is written until the connection is open', async (t) => {
    const { server, url } = await listen(t);
    const client = new WebSocket(url);
    const stream = createWebSocketStream(client);
    stream.on('error', () => undefined).resume();
    stream.end('early');
    const received = new Promise((resolve) => {
      server.on('connection', (peer: WebSocket) => peer.on('message', resolve));
    });
    assert.equal(String(await received), 'early');
    await once(stream, 'close');
    assert.equal(client.readyState, WebSocket.CLOSED);
  });

  it('gives text as text in object mode', async (t) => {
    const { client, peer } = await connect(t);
    const stream = createWebSocketStream(client, { readableObjectMode: true });
    peer.send('text');
    assert.deepEqual(await once(stream, 'data'), ['text']);
    peer.send(Buffer.from('bytes'));
    assert.deepEqual(await once(stream, 'data'), [Buffer.from('bytes')]);
  });

  it('pauses the connection while nobody reads', async (t) => {
    const { client, peer } = await connect(t);
    const stream = createWebSocketStream(client, { readableHighWaterMark: 16 });
    peer.send(Buffer.alloc(64, 1));
    peer.send(Buffer.alloc(64, 2));
    await once(client, 'message');
    assert.ok(client.isPaused);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    peer.close();
    await once(stream, 'end');
    assert.equal(Buffer.concat(chunks).length, 128);
  });

  it('tells the writer to wait, and when to go on', async (t) => {
    const { peer } = await connect(t);
    const stream = createWebSocketStream(peer);
    stream.resume();
    while (stream.write(Buffer.alloc(1024)));
    await once(stream, 'drain');
    stream.end();
    await once(stream, 'close');
  });

  it('ends after finish, or finishes after the end, and is then destroyed', async (t) => {
    for (const order of [
      ['finish', 'end'],
      ['end', 'finish'],
    ]) {
      const { client, peer } = await connect(t);
      const stream = createWebSocketStream(client);
      const seen: string[] = [];
      stream.on('end', () => seen.push('end')).on('finish', () => seen.push('finish'));
      peer.send('x');
      peer.close();
      if (order[0] === 'finish') client.on('close', () => stream.end(() => stream.resume()));
      else stream.resume().on('end', () => stream.end());
      await once(stream, 'close');
      assert.deepEqual(seen, order);
      assert.ok(stream.destroyed);
    }
  });

  it('errors with the error of the connection, which still says goodbye', async (t) => {
    const { client, peer } = await connect(t);
    const stream = createWebSocketStream(client);
    const onServer = closed(peer);
    const ended = new Promise((resolve) => stream.on('close', resolve));
    peer._socket?.write(Buffer.from([0x85, 0x00]));
    const [error] = await once(stream, 'error');
    assert.equal(error.message, 'Invalid WebSocket frame: invalid opcode 5');
    await ended;
    assert.equal((await onServer).code, 1002);
  });

  it('errors when something is written too late', async (t) => {
    const { client, peer } = await connect(t);
    const stream = createWebSocketStream(client);
    client.on('close', () => stream.write('hi'));
    peer.close();
    const [error] = await once(stream, 'error');
    assert.equal(error.message, 'WebSocket is not open: readyState 3 (CLOSED)');
    if (!stream.closed) await once(stream, 'close');
  });

  it('terminates the connection when it is destroyed, with or without an error', async (t) => {
    for (const error of [undefined, new Error('Oops')]) {
      const { client, peer } = await connect(t);
      const stream = createWebSocketStream(client);
      const seen: unknown[] = [];
      stream.on('error', (reason) => seen.push(reason));
      const ended = new Promise((resolve) => stream.on('close', resolve));
      stream.destroy(error);
      await ended;
      assert.deepEqual(seen, error === undefined ? [] : [error]);
      assert.equal(client.readyState, WebSocket.CLOSED);
      peer.terminate();
    }
  });
});
