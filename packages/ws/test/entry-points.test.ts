/** The built package as programs load it: by require and by import, without a word on stderr. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

const check = `
  if (typeof WebSocket !== 'function' || WebSocket.OPEN !== 1) throw new Error('Expected the class');
  for (const name of ['Server', 'WebSocketServer', 'WebSocket', 'Sender', 'Receiver', 'PerMessageDeflate', 'createWebSocketStream']) {
    if (typeof WebSocket[name] !== 'function') throw new Error('Expected ' + name);
  }
  for (const name of ['extension', 'subprotocol']) {
    if (typeof WebSocket[name].parse !== 'function') throw new Error('Expected ' + name);
  }
  const server = new WebSocket.Server({ port: 0, host: '127.0.0.1' }, () => {
    const client = new WebSocket('ws://127.0.0.1:' + server.address().port);
    client.on('open', () => client.close());
    client.on('close', () => server.close());
  });
`;

describe('the package', () => {
  it('is the class when it is required', () => {
    assert.deepEqual(run('commonjs', `const WebSocket = require('@hawser/ws'); ${check}`), ['', '', 0]);
  });

  it('has named and default exports when it is imported', () => {
    const imports = `
      import WebSocket, { createWebSocketStream, Receiver, Sender, WebSocketServer } from '@hawser/ws';
      import { extension, PerMessageDeflate, subprotocol } from '@hawser/ws';
      import * as everything from '@hawser/ws';
      if (everything.WebSocket !== WebSocket || everything.default !== WebSocket) throw new Error('Expected one class');
      void [extension, PerMessageDeflate, subprotocol, createWebSocketStream, Receiver, Sender, WebSocketServer];
    `;
    assert.deepEqual(run('module', imports + check), ['', '', 0]);
  });
});

function run(
  type: 'commonjs' | 'module',
  program: string,
): [stdout: string, stderr: string, status: number | null] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [`--input-type=${type}`, '--eval', program],
    {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      env: {},
      timeout: 20_000,
    },
  );
  return [stdout, stderr, status];
}
