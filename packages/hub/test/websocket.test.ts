/** The hub behind a real server, joined in one line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PreparedMessage, WebSocket, WebSocketServer, WebSocketStream } from '@hawser/websocket';
import { Hub } from '../src/index.ts';

describe('a hub behind a WebSocketServer', () => {
  it('serves connect, subscribe, publish', async () => {
    const hub = new Hub({
      prepare: (data) => new PreparedMessage(data),
      namespaces: { room: {} },
      authenticate: () => ({
        user: 'ann',
        permissions: { channels: { 'room:*': ['subscribe', 'publish'] } },
      }),
    });
    const server = new WebSocketServer(hub.serverOptions());
    await server.listen({ port: 0, host: '127.0.0.1' });
    const address = server.address();
    assert.ok(typeof address === 'object');
    const socket = new WebSocket(`ws://127.0.0.1:${address.port}`, 'hawser.v1');
    const received: string[] = [];
    await new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        received.push(JSON.parse(String(data)).type);
        if (received.length === 4) resolve();
      };
      socket.onopen = () => {
        socket.send('{"type":"connect","id":1}');
        socket.send('{"type":"subscribe","id":2,"channel":"room:a"}');
        socket.send('{"type":"publish","id":3,"channel":"room:a","data":"hi"}');
      };
    });
    assert.deepEqual(received, ['connected', 'subscribed', 'message', 'published']);
    socket.close();
    await hub.drain({ windowMs: 0 });
    await server.close();
  });

  it('holds little for a client that does not read, and sends the rest when it does', async () => {
    const count = 4000;
    const hub = new Hub({
      prepare: (data) => new PreparedMessage(data),
      namespaces: { room: { history: { messages: count, bytes: 64 * 1024 * 1024 } } },
      authenticate: () => ({ user: 'ann', permissions: { channels: { 'room:*': ['subscribe'] } } }),
    });
    const server = new WebSocketServer(hub.serverOptions());
    await server.listen({ port: 0, host: '127.0.0.1' });
    const address = server.address();
    assert.ok(typeof address === 'object');
    // A stream is read no faster than somebody asks for messages.
    const stream = new WebSocketStream(`ws://127.0.0.1:${address.port}`, { protocols: ['hawser.v1'] });
    const { readable, writable } = await stream.opened;
    const writer = writable.getWriter();
    const reader = readable.getReader();
    await writer.write('{"type":"connect","id":1}');
    await writer.write('{"type":"subscribe","id":2,"channel":"room:a"}');
    await reader.read();
    await reader.read();
    const [peer] = server.peers;
    let mostBuffered = 0;
    for (let n = 0; n < count; n++) {
      await hub.publish('room:a', { n, filler: 'x'.repeat(4000) });
      mostBuffered = Math.max(mostBuffered, peer?.bufferedAmount ?? 0);
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(mostBuffered > 0, 'the client is slower than the hub');
    assert.ok(mostBuffered <= 256 * 1024, `${mostBuffered} bytes`);
    const numbers: number[] = [];
    while (numbers.length < count) {
      const { value } = await reader.read();
      const message = JSON.parse(String(value));
      if (message.type === 'message') numbers.push(message.data.n);
    }
    assert.ok(numbers.every((n, index) => n === index));
    stream.close();
    await hub.drain({ windowMs: 0 });
    await server.close();
  });
});
