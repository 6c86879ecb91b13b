/** isomorphic-ws hands on what it gets for `ws`: a server and a client made with it echo text and bytes. */

import { once } from 'node:events';
import WebSocket from 'isomorphic-ws';
import ws from 'ws';
import { report, whoseWs } from './report.mjs';

const server = new WebSocket.Server({ host: '127.0.0.1', port: 0 });
server.on('connection', (peer) => peer.on('message', (data, binary) => peer.send(data, { binary })));
await once(server, 'listening');

const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`);
client.binaryType = 'arraybuffer';
await new Promise((resolve) => {
  client.onopen = resolve;
});
const echoes = [await echo('hello'), await echo(Uint8Array.of(1, 2, 3))];
client.close(1000, 'done');
const closing = await new Promise((resolve) => {
  client.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean });
});
server.close();

report({ whose: whoseWs('isomorphic-ws'), isSame: WebSocket === ws, echoes, closing });

async function echo(data) {
  const answer = new Promise((resolve) => {
    client.onmessage = ({ data: answered }) => resolve(answered);
  });
  client.send(data);
  const answered = await answer;
  return typeof answered === 'string' ? answered : [...new Uint8Array(answered)];
}
