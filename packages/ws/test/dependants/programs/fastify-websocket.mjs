/** @fastify/websocket: a route, its hook for tests (injectWS), and the end of the server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import { WebSocket } from 'ws';

const fastify = Fastify();
await fastify.register(websocket, { options: { maxPayload: 1024 } });
fastify.get('/echo', { websocket: true }, (socket, request) => {
  socket.on('message', (data) => socket.send(`${request.query.name}: ${data}`));
});
const answer = async (client) => {
  const arriving = once(client, 'message');
  client.send('hello');
  return String((await arriving)[0]);
};
await fastify.ready();
const injected = await fastify.injectWS('/echo?name=injected');
assert.equal(await answer(injected), 'injected: hello');
injected.terminate();
await fastify.listen({ port: 0, host: '127.0.0.1' });
const client = new WebSocket(`ws://127.0.0.1:${fastify.server.address().port}/echo?name=connected`);
await once(client, 'open');
assert.equal(await answer(client), 'connected: hello');
const closed = once(client, 'close');
await fastify.close();
await closed;
