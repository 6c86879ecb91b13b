/** @fastify/websocket: routes that echo, one that refuses, its `injectWS` without a network, and how the server ends. */

import { once } from 'node:events';
import websocket from '@fastify/websocket';
import fastify from 'fastify';
import { WebSocket, WebSocketServer } from 'ws';
import { report, whoseWs } from './report.mjs';

const app = fastify({ forceCloseConnections: true });
await app.register(websocket, { options: { maxPayload: 1024 } });
app.get('/echo', { websocket: true }, (socket, request) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
  socket.send(`${request.query.name} ${socket instanceof WebSocket}`);
});
app.get('/private', { websocket: true, preValidation: refuse }, (socket) => socket.close());
app.get('/broken', { websocket: true }, () => {
  throw new Error('Expected to be caught');
});
app.get('/both', {
  handler: (_request, reply) => reply.send('page'),
  wsHandler: (socket) => socket.send('socket'),
});

const url = await app.listen({ host: '127.0.0.1', port: 0 });
const client = await open('/echo?name=ana');
const greeting = await answer(client);
client.send('hello');
const echo = await answer(client);
client.send('x'.repeat(1025));
const [tooBig] = await once(client, 'close');

const findings = {
  whose: whoseWs('@fastify/websocket'),
  serverIsOurs: app.websocketServer instanceof WebSocketServer,
  greeting,
  echo,
  tooBig,
  both: [await (await fetch(`${url}/both`)).text(), await answer(await open('/both'))],
  refused: await statusOf('/private'),
  broken: (await once(await open('/broken'), 'close'))[0],
  injected: await inject(),
};
const last = await open('/echo?name=bo');
const ended = once(last, 'close');
await app.close();
report({ ...findings, ended: (await ended)[0] });

async function refuse(_request, reply) {
  await reply.code(401).send();
}

/** An open client, whose messages wait for `answer`. */
async function open(path) {
  const websocket = new WebSocket(url.replace('http', 'ws') + path);
  websocket.answers = [];
  websocket.on('message', (data, binary) => {
    websocket.answers.push(binary ? [...data] : data.toString());
    websocket.emit('answer');
  });
  await once(websocket, 'open');
  return websocket;
}

async function answer(websocket) {
  while (websocket.answers.length === 0) await once(websocket, 'answer');
  return websocket.answers.shift();
}

async function statusOf(path) {
  const websocket = new WebSocket(url.replace('http', 'ws') + path);
  const [, response] = await once(websocket, 'unexpected-response');
  response.resume();
  return response.statusCode;
}

/** A connection through streams in memory, as tests of a route make it. */
async function inject() {
  const heard = [];
  const websocket = await app.injectWS(
    '/echo?name=eve',
    {},
    {
      onInit: (created) =>
        created.on('message', (data) => {
          heard.push(data.toString());
          created.emit('heard');
        }),
    },
  );
  websocket.send('hello');
  while (heard.length < 2) await once(websocket, 'heard');
  websocket.terminate();
  const refused = await app.injectWS('/private').catch((error) => error.message);
  return { isOurs: websocket instanceof WebSocket, heard, refused };
}
