/** Socket.IO's server and clients on the WebSocket transport: rooms, bytes, acknowledgements, upgrade, disconnect. */

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io as connectTo } from 'socket.io-client';
import { Sender, WebSocket } from 'ws';
import { listen, next, report, whoseWs } from './report.mjs';

// How often the adapter builds a frame for all of a room, instead of one for each.
let framesBuilt = 0;
const { frame } = Sender;
Sender.frame = (...args) => {
  framesBuilt += 1;
  return frame(...args);
};

const whose = whoseWs('engine.io', 'engine.io-client', 'socket.io-adapter');
const { framesForRoom, ...plain } = await session({});
const { framesForRoom: _, ...compressed } = await session({ perMessageDeflate: { threshold: 0 } });
report({ whose, framesForRoom, plain, compressed });

async function session(options) {
  const http = createServer();
  const server = new Server(http, options);
  const transports = [];
  server.on('connection', (socket) => {
    transports.push(socket.conn.transport.socket instanceof WebSocket);
    socket.on('join', async (room, joined) => {
      await socket.join(room);
      joined();
    });
    socket.on('reverse', (bytes, answer) => answer(Buffer.from(bytes).reverse()));
    socket.on('say', (room, ...words) => socket.to(room).emit('said', ...words));
  });
  const url = `http://127.0.0.1:${await listen(http)}`;
  const clients = [1, 2, 3].map(() =>
    connectTo(url, { transports: ['websocket'], forceNew: true, ...options }),
  );
  await Promise.all(clients.map((client) => next(client, 'connect')));
  const findings = {
    serverUsesOurs: [...transports],
    clientsUseOurs: clients.map((client) => client.io.engine.transport.ws instanceof WebSocket),
    extensions: clients.map((client) => client.io.engine.transport.ws.extensions),
    ...(await roomsAndBytes(server, clients)),
    upgraded: await upgrade(url),
    leaving: await leave(server, clients),
  };
  for (const client of clients) client.disconnect();
  await server.close();
  return findings;
}

async function roomsAndBytes(server, [ana, bo, cy]) {
  await Promise.all([ana, bo].map((client) => client.emitWithAck('join', 'tea')));
  const strays = [];
  cy.on('news', (...args) => strays.push(args));
  const built = framesBuilt;
  const heard = Promise.all([next(ana, 'news'), next(bo, 'news')]);
  server.to('tea').emit('news', 'kettle', { isHot: true });
  const broadcast = await heard;
  const framesForRoom = framesBuilt - built;

  const said = next(bo, 'said');
  ana.emit('say', 'tea', Buffer.from([1, 2, 3]), 'bytes');
  const [bytes, word] = await said;
  const reversed = await cy.emitWithAck('reverse', Buffer.from([7, 8, 9]));
  const answers = await askBack(server, ana);
  return { broadcast, framesForRoom, strays, said: [[...bytes], word], reversed: [...reversed], answers };
}

/** The server asks a client, and is answered. */
function askBack(server, client) {
  client.once('ask', (question, answer) => answer(`${question} Yes`));
  return server.to(client.id).timeout(5000).emitWithAck('ask', 'Milk?');
}

/** A client that begins by polling goes over to a WebSocket. */
async function upgrade(url) {
  const client = connectTo(url, { forceNew: true });
  const [transport] = await next(client.io.engine, 'upgrade');
  await client.emitWithAck('join', 'late');
  client.disconnect();
  return [transport.name, transport.ws instanceof WebSocket];
}

/** One leaves, one is thrown out. */
async function leave(server, [ana, bo]) {
  const left = next(server.sockets.sockets.get(ana.id), 'disconnect');
  ana.disconnect();
  const thrownOut = next(bo, 'disconnect');
  server.in(bo.id).disconnectSockets(true);
  return [(await left)[0], (await thrownOut)[0]];
}
