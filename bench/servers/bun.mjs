/** Bun's own server, run by Bun: `/fan` is one of its topics. */
import process from 'node:process';

const MAX_MESSAGE_LENGTH = 64 * 1024 * 1024;

const { Bun } = globalThis;
const compress = process.env.DEFLATE === '1';

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2]),
  fetch(request, self) {
    const isFan = new URL(request.url).pathname === '/fan';
    if (self.upgrade(request, { data: { isFan } })) return undefined;
    return new Response('Expected a WebSocket handshake', { status: 426 });
  },
  websocket: {
    maxPayloadLength: MAX_MESSAGE_LENGTH,
    backpressureLimit: 2 * MAX_MESSAGE_LENGTH,
    perMessageDeflate: compress,
    open(socket) {
      if (socket.data.isFan) socket.subscribe('fan');
    },
    message(socket, message) {
      if (socket.data.isFan) server.publish('fan', message, compress);
      else socket.send(message, compress);
    },
  },
});
