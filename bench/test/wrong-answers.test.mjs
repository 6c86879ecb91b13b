/** A measurement is worth what its check is worth: a server that is wrong once, in any way, has to fail the load. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { WebSocketServer } from 'ws';
import { LoadProcess } from '../runner/load-process.mjs';

/** When the server goes wrong: after the load has learnt its answers. */
const WRONG_AT = 2000;
const WORK = {
  load: 'echo',
  path: '/echo',
  dialect: 'websocket',
  compress: false,
  content: 'binary',
  size: 64,
  connections: 10,
  inFlight: 4,
  warmUpMs: 0,
  durationMs: 200,
};

/** What each server does to its message number `WRONG_AT`. */
const faults = {
  'a wrong byte': (client, data) => client.send(Buffer.from(data).fill(0, 63)),
  'a wrong type': (client, data) => client.send(data, { binary: false }),
  'a message that is lost': () => undefined,
  'a message that is doubled': (client, data) => {
    client.send(data);
    client.send(data);
  },
  'a message that is cut short': (client, data) => client.send(data.subarray(1)),
  'a message of another client': (client, data, clients) =>
    [...clients].find((other) => other !== client).send(data),
  'a connection that ends': (client) => client.terminate(),
};

describe('the load', () => {
  it('accepts a server that is right', async () => {
    const { rate } = await runLoad((client, data) => client.send(data));
    assert.ok(rate > 0);
  });

  for (const [name, fault] of Object.entries(faults)) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(runLoad(fault), /^Error: Expected .*, received /);
    });
  }
});

async function runLoad(fault) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  let count = 0;
  server.on('connection', (client) => {
    client.on('message', (data) => {
      count++;
      if (count === WRONG_AT) fault(client, data, server.clients);
      else client.send(data);
    });
  });
  await once(server, 'listening');
  const load = new LoadProcess({ ...WORK, port: server.address().port });
  try {
    return await load.result();
  } finally {
    await load.stop();
    for (const client of server.clients) client.terminate();
    server.close();
  }
}
