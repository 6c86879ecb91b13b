/** Socket.IO, server and client: requests with acknowledgement, bytes, and broadcasts, which share built frames. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { Sender } from 'ws';

let sharedFrames = 0;
const { frame } = Sender;
Sender.frame = (...values) => {
  sharedFrames += 1;
  return frame(...values);
};

const httpServer = createServer();
const server = new Server(httpServer, { perMessageDeflate: { threshold: 16 } });
server.on('connection', (socket) => {
  socket.join('room');
  socket.on('double', (number, answer) => answer(2 * number));
  socket.on('bytes', (bytes, answer) => answer(Buffer.from(bytes).reverse()));
  socket.on('say', (text) => server.to('room').emit('said', text));
});
await new Promise((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${httpServer.address().port}`;
const clients = ['websocket', 'polling'].map((first) => {
  const transports = first === 'websocket' ? ['websocket'] : ['polling', 'websocket'];
  return io(url, { transports, forceNew: true });
});
await Promise.all(clients.map((client) => new Promise((resolve) => client.on('connect', resolve))));
const [first, second] = clients;
if (second.io.engine.transport.name !== 'websocket') {
  await new Promise((resolve) => second.io.engine.once('upgrade', resolve));
}
assert.equal(await first.emitWithAck('double', 21), 42);
assert.deepEqual([...(await first.emitWithAck('bytes', Buffer.from([1, 2, 3])))], [3, 2, 1]);
const heard = clients.map((client) => new Promise((resolve) => client.once('said', resolve)));
first.emit('say', 'grüße '.repeat(10));
assert.deepEqual(await Promise.all(heard), ['grüße '.repeat(10), 'grüße '.repeat(10)]);
assert.ok(sharedFrames > 0, 'Expected the adapter to share a built frame');
for (const client of clients) client.disconnect();
await server.close();
