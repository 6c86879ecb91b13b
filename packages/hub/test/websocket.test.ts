/** The hub behind a real server, joined in one line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PreparedMessage, WebSocket, WebSocketServer } from '@hawser/websocket';
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
});
