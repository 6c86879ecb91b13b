/** A measurement is worth what its check is worth: a server that is wrong once, in any way, has to fail the load. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { Sender, WebSocketServer } from 'ws';
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
  durationMs: 1500,
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

describe('the load, of compressed answers', () => {
  const work = { ...WORK, compress: true, content: 'json', size: 1024 };

  it('accepts bytes that it has not learnt and that say the same', async () => {
    const { rate } = await runLoad((client, data) => sendDeflated(client, data, 1), work);
    assert.ok(rate > 0);
  });

  it('refuses bytes that say something else', async () => {
    const other = (data) => Buffer.from(data.toString().replace('buy', 'bye').replace('sell', 'tell'));
    const run = runLoad((client, data) => sendDeflated(client, other(data), 1), work);
    await assert.rejects(run, /^Error: Expected the message back, received another one/);
  });
});

/** Sends a frame whose payload was deflated apart. */
function sendDeflated(client, data, level) {
  const stream = deflateRawSync(data, { level, finishFlush: constants.Z_SYNC_FLUSH });
  client._sender.sendFrame(
    Sender.frame(stream.subarray(0, -4), { opcode: 1, fin: true, rsv1: true, mask: false, readOnly: true }),
  );
}

async function runLoad(fault, work = WORK) {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: work.compress && { threshold: 0 },
  });
  let count = 0;
  server.on('connection', (client) => {
    client.on('message', (data, binary) => {
      count++;
      if (count === WRONG_AT) fault(client, data, server.clients);
      else client.send(data, { binary });
    });
  });
  await once(server, 'listening');
  const load = new LoadProcess({ ...work, port: server.address().port });
  try {
    return await load.result();
  } finally {
    await load.stop();
    for (const client of server.clients) client.terminate();
    server.close();
  }
}
