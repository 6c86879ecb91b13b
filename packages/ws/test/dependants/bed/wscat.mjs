/** wscat, the command: it connects, sends its lines, prints what comes, shows pings and closes as told. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';
import { installed, report, whoseWs } from './report.mjs';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  handleProtocols: (protocols) => [...protocols][1] ?? false,
});
await once(server, 'listening');
const url = `ws://127.0.0.1:${server.address().port}/`;

const findings = {
  whose: whoseWs('wscat'),
  conversation: await conversation(),
  executed: await execution(),
  refused: await refusal(),
};
server.close();
report(findings);

/** By lines on its standard input. */
async function conversation() {
  const asked = ['--subprotocol=one', '--subprotocol=two', '--header=X-Name: Ana', '--auth=ana:tea'];
  const cat = start('--connect', url, ...asked, '--slash', '--show-ping-pong');
  const [peer, { headers }] = await once(server, 'connection');
  const received = [];
  peer.on('message', (data) => {
    received.push(data.toString());
    peer.send(`You said ${data}`);
  });
  peer.ping('are you there');
  peer.send('welcome');
  const closed = once(peer, 'close');
  await printed(cat, 'welcome');
  cat.child.stdin.write('hello\n/pong\n/ping now\n');
  await printed(cat, 'Received pong (data: "now")');
  cat.child.stdin.write('/close 4001 good bye\n');
  const [code, reason] = await closed;
  const { 'x-name': name, authorization } = headers;
  return {
    protocol: peer.protocol,
    headers: [name, authorization],
    received,
    lines: cat.lines,
    closed: [code, reason.toString()],
    exitCode: await cat.exitCode,
  };
}

/** By what is on its command line. */
async function execution() {
  const cat = start('-c', url, '-x', 'first', '-x', 'second', '-w', '-1');
  const [peer] = await once(server, 'connection');
  const received = [];
  await new Promise((resolve) => {
    peer.on('message', (data) => {
      received.push(data.toString());
      if (received.length === 2) resolve();
    });
  });
  peer.send('enough');
  await printed(cat, 'enough');
  peer.close();
  return { received, exitCode: await cat.exitCode };
}

/** Where nobody speaks WebSocket. */
async function refusal() {
  server.options.verifyClient = (_info, done) => done(false, 403);
  const cat = start('-c', url);
  return { exitCode: await cat.exitCode, error: cat.errors.join('') };
}

function start(...args) {
  const child = spawn(process.execPath, [join(installed('wscat'), 'bin', 'wscat'), '--no-color', ...args]);
  const exitCode = once(child, 'close').then(([code]) => code);
  const lines = [];
  const errors = [];
  child.stderr.on('data', (data) => errors.push(data.toString()));
  createInterface(child.stdout).on('line', (line) => {
    // Its prompts stand before, as many as there were lines to send.
    const text = line.replace(/^(> )+/, '');
    if (text !== '') lines.push(text);
    child.emit('printed');
  });
  return { child, exitCode, lines, errors };
}

async function printed({ child, lines }, line) {
  while (!lines.includes(line)) await once(child, 'printed');
}
