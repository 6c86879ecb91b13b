/** Hawser on a port of its own: `/echo` returns every message, `/fan` sends it to everyone there, encoded once. */
import process from 'node:process';
import { PreparedMessage, WebSocketServer } from '../../packages/websocket/dist/index.js';

const MAX_MESSAGE_LENGTH = 64 * 1024 * 1024;

const fan = new Set();

const server = new WebSocketServer({
  limits: {
    maxFramePayloadLength: MAX_MESSAGE_LENGTH,
    maxMessageLength: MAX_MESSAGE_LENGTH,
    maxFragments: 131_072,
    maxBufferedOutput: 2 * MAX_MESSAGE_LENGTH,
    maxHeldBytes: 4 * MAX_MESSAGE_LENGTH,
  },
  perMessageDeflate: process.env.DEFLATE === '1',
  open(peer) {
    if (peer.request.pathname === '/fan') fan.add(peer);
  },
  close(peer) {
    fan.delete(peer);
  },
  message(peer, message) {
    if (fan.has(peer)) sendToAll(message);
    else peer.send(message);
  },
});

function sendToAll(message) {
  const prepared = new PreparedMessage(message);
  for (const peer of fan) peer.send(prepared);
}

await server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
