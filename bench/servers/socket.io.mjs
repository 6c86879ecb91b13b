/**
 * Socket.IO over WebSocket alone: its own protocol, so the two paths are its namespaces `/echo` and `/fan`, and a
 * message is an event of that name. Everyone at `/fan` is in one room.
 */
import { createServer } from 'node:http';
import process from 'node:process';
import { Server } from 'socket.io';

/** Longer than any load takes, which does not answer what it has not asked for. */
const PING_INTERVAL_MS = 600_000;

const server = createServer();
const io = new Server(server, {
  transports: ['websocket'],
  serveClient: false,
  pingInterval: PING_INTERVAL_MS,
  maxHttpBufferSize: 64 * 1024 * 1024,
  perMessageDeflate: process.env.DEFLATE === '1',
});

io.of('/echo').on('connection', (socket) => {
  socket.on('message', (message) => socket.emit('message', message));
});

const fan = io.of('/fan').on('connection', (socket) => {
  socket.join('all');
  socket.on('message', (message) => fan.to('all').emit('message', message));
});

server.listen(Number(process.argv[2]), '127.0.0.1');
