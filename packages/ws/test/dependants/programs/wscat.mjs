/** wscat: connects, sends what it is told to, and shows what comes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await once(server, 'listening');
server.on('connection', (socket, request) => {
  assert.equal(request.headers['x-token'], 'secret');
  socket.on('message', (data) => socket.send(`echo ${data}`));
});
const wscat = createRequire(import.meta.url)
  .resolve('wscat/package.json')
  .replace('package.json', 'bin/wscat');
const url = `ws://127.0.0.1:${server.address().port}`;
const options = [
  '--no-color',
  '--connect',
  url,
  '--header',
  'X-Token: secret',
  '--execute',
  'hello',
  '--wait',
  '1',
];
const child = spawn(process.execPath, [wscat, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
let shown = '';
child.stdout.on('data', (chunk) => {
  shown += chunk;
});
const [status] = await once(child, 'exit');
assert.equal(status, 0);
assert.match(shown, /echo hello/);
server.close();
