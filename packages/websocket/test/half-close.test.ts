/**
 * A client that ends its side of TCP together with its last frame (RFC 6455 §7.1.1): it can still be answered.
 */

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { WebSocketServer } from '../src/index.ts';

const REQUEST = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n');

/** A masked Close frame with 1000; the masking key is 0. */
const CLOSE = Buffer.from('888200000000' + '03e8', 'hex');

async function start(t: TestContext): Promise<Socket> {
  const server = new WebSocketServer({});
  t.after(() => server.close());
  await server.listen({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  assert.ok(typeof address === 'object');
  return connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a client that ends its side at once', () => {
  it('gets the answer to the Close frame that it sent before', async (t) => {
    const socket = await start(t);
    socket.end(Buffer.concat([Buffer.from(REQUEST), CLOSE]));
    const received = await readAll(socket);
    assert.equal(received.subarray(-4).toString('hex'), '8802' + '03e8');
  });

  it('gets nothing if it did not finish its handshake', async (t) => {
    const socket = await start(t);
    socket.end(REQUEST.slice(0, 20));
    assert.equal((await readAll(socket)).length, 0);
  });
});
