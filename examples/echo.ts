/**
 * Echo: a server that sends back what it gets, and a client that talks to it.
 *
 *     npm run example examples/echo.ts
 */
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from '@hawser/websocket';

const server = new WebSocketServer({
  message(peer, message) {
    peer.send(message);
  },
});
// Port 0 is any free one.
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.address();
const port = typeof address === 'object' ? address.port : 0;

// The WebSocket that browsers have.
const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
socket.binaryType = 'arraybuffer';
await once(socket, 'open');

for (const message of ['Hello', new Uint8Array([1, 2, 3])]) {
  socket.send(message);
  const [{ data }] = await once(socket, 'message');
  console.log('Received:', data);
}

socket.close(1000, 'Bye');
const [{ code, reason }] = await once(socket, 'close');
console.log('Closed:', code, reason);
await server.close();
