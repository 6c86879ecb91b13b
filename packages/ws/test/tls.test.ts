/** Over TLS: `wss:` from either side, certificates, and the name that is asked for. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import tls from 'node:tls';
import { WebSocket, WebSocketServer } from '@hawser/ws';
import { failed, messages, portOf } from './pairs.ts';

const fixtures = join(import.meta.dirname, '../../websocket/test/fixtures');
const cert = readFileSync(join(fixtures, 'localhost-cert.pem'));
const key = readFileSync(join(fixtures, 'localhost-key.pem'));

describe('wss', () => {
  it('carries messages, large ones too, and the server knows that it is secure', async (t) => {
    const seen: boolean[] = [];
    const { server, port } = await listenSecurely(t, (secure) => seen.push(secure));
    server.on('connection', (peer: WebSocket) => peer.on('message', (data: Buffer) => peer.send(data)));
    const client = new WebSocket(`wss://localhost:${port}`, { ca: cert });
    await once(client, 'open');
    const data = Buffer.alloc(2_000_000, 'x');
    const arriving = messages(client, 1);
    client.send(data);
    assert.ok((await arriving)[0]?.[0].equals(data));
    assert.deepEqual(seen, [true]);
    client.close();
    await once(client, 'close');
  });

  it('refuses a certificate that nobody vouches for, unless told not to look', async (t) => {
    const { port } = await listenSecurely(t);
    const { error, code } = await failed(new WebSocket(`wss://127.0.0.1:${port}`));
    assert.match(String(error.code), /SELF_SIGNED|UNABLE_TO_VERIFY/);
    assert.equal(code, 1006);
    const trusting = new WebSocket(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false });
    await once(trusting, 'open');
    trusting.terminate();
  });

  it('is not spoken to a server that speaks TLS over ws', async (t) => {
    const { port } = await listenSecurely(t);
    const { code } = await failed(new WebSocket(`ws://127.0.0.1:${port}`));
    assert.equal(code, 1006);
  });

  for (const [url, options, servername] of [
    ['wss://localhost', {}, 'localhost'],
    ['wss://localhost', { servername: '' }, ''],
    ['wss://localhost', { servername: 'example.com' }, 'example.com'],
    ['wss://127.0.0.1', {}, ''],
  ] as const) {
    it(`asks ${url} for ${JSON.stringify(servername)} with ${JSON.stringify(options)}`, (t) => {
      const asked: unknown[] = [];
      t.mock.method(tls, 'connect', (given: tls.ConnectionOptions) => {
        asked.push(given.servername);
        throw new Error('enough');
      });
      new WebSocket(url, options).on('error', () => undefined).terminate();
      assert.deepEqual(asked, [servername]);
    });
  }
});

/** A secure server. */
async function listenSecurely(
  t: TestContext,
  onRequest: (secure: boolean) => void = () => undefined,
): Promise<{ server: WebSocketServer; port: number }> {
  const httpServer = createServer({ cert, key });
  httpServer.on('tlsClientError', () => undefined);
  const server = new WebSocketServer({
    server: httpServer,
    verifyClient: ({ secure }: { secure: boolean }) => {
      onRequest(secure);
      return true;
    },
  });
  t.after(() => {
    for (const client of server.clients ?? []) client.terminate();
    httpServer.close();
    httpServer.closeAllConnections();
  });
  await once(httpServer.listen(0), 'listening');
  return { server, port: portOf(httpServer) };
}
