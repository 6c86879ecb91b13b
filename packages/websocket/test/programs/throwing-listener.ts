/**
 * A program whose listener throws at every message: it says what reached the process, and what came on the connection all
 * the same. `websocket.throwing-listener.test.ts` runs it, because a process's handler of exceptions belongs to the runner.
 */
import { once } from 'node:events';
import process from 'node:process';
import { WebSocket, WebSocketServer } from '@hawser/websocket';

const ENOUGH = 3;
const uncaught: string[] = [];
process.on('uncaughtException', ({ message }) => uncaught.push(message));

const server = new WebSocketServer({ message: (peer, message) => void peer.send(message) });
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.address();
const port = typeof address === 'object' ? address?.port : undefined;

const received: number[] = [];
const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
socket.onopen = () => socket.send('0');
socket.addEventListener('message', () => {
  throw new Error('from a listener');
});
// Node reports later, and not every time while tsx's compiler is at work beside it: so it goes on until it has.
socket.onmessage = ({ data }) => {
  received.push(Number(data));
  if (uncaught.length < ENOUGH) socket.send(String(received.length));
  else socket.close(1000);
};
const [{ code, wasClean }] = await once(socket, 'close');
await server.close({ deadlineMs: 0 });
process.stdout.write(`${JSON.stringify({ uncaught, received, code, wasClean })}\n`, () => process.exit());
