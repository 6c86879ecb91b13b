/** Deno's own server, run by Deno. It compresses nothing. */
import process from 'node:process';

const { Deno } = globalThis;

const fan = new Set();

Deno.serve({ hostname: '127.0.0.1', port: Number(process.argv[2]), onListen() {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = 'arraybuffer';
  if (new URL(request.url).pathname === '/fan') join(socket);
  else socket.onmessage = ({ data }) => socket.send(data);
  return response;
});

function join(socket) {
  socket.onopen = () => fan.add(socket);
  socket.onclose = () => fan.delete(socket);
  // A connection that was reset says so here.
  socket.onerror = () => fan.delete(socket);
  socket.onmessage = ({ data }) => {
    for (const other of fan) other.send(data);
  };
}
