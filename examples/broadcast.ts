/**
 * Broadcast: what one client sends goes to everybody who is connected, encoded once.
 *
 *     npm run example examples/broadcast.ts
 */
import { once } from 'node:events';
import { PreparedMessage, WebSocket, WebSocketServer } from '@hawser/websocket';

const server = new WebSocketServer({
  message(_sender, message) {
    const prepared = new PreparedMessage(message);
    for (const peer of server.peers) peer.send(prepared);
  },
});
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.address();
const port = typeof address === 'object' ? address.port : 0;

const names = ['ann', 'bob', 'cleo'];
const sockets = names.map(() => new WebSocket(`ws://127.0.0.1:${port}/`));
await Promise.all(sockets.map((socket) => once(socket, 'open')));

const received = sockets.map((socket) => once(socket, 'message'));
sockets[0]?.send('Dinner is ready');
for (const [index, name] of names.entries()) {
  const [{ data }] = (await received[index]) ?? [];
  console.log(`${name} received: ${data}`);
}

// Says goodbye to everybody, and waits for them to hang up.
await server.close();
