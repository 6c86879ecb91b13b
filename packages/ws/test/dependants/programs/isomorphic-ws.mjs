/** isomorphic-ws: the class under another name, by require and by import. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import WebSocket from 'isomorphic-ws';

assert.equal(createRequire(import.meta.url)('isomorphic-ws'), WebSocket);
const server = new WebSocket.Server({ port: 0, host: '127.0.0.1' });
server.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
await once(server, 'listening');
const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`);
client.onopen = () => client.send('hello');
const data = await new Promise((resolve) => {
  client.onmessage = (event) => resolve(event.data);
});
assert.equal(data, 'echo hello');
client.close();
await once(client, 'close');
server.close();
