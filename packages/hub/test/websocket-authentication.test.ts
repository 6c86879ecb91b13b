/** Tokens and cookies over real connections: what a browser, or somebody who is none, would send. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { PreparedMessage, type UpgradeRequest, WebSocket, WebSocketServer } from '@hawser/websocket';
import { SignJWT } from 'jose';
import { type Authenticate, authenticateByCookie, Hub, jsonWebTokens } from '../src/index.ts';

const secret = 'a secret of thirty-two bytes or more';
const page = 'https://chat.example';
const byToken = jsonWebTokens({ secret });
const byCookie = authenticateByCookie<UpgradeRequest>({
  name: '__Host-sid',
  allowedOrigins: [page],
  claimsOf: (cookie) => (cookie === 'abc' ? { user: 'ann' } : undefined),
});

describe('a client with a token', () => {
  it('is let in, and refreshes it on the live connection', async (test) => {
    const { connect } = await serve(test, byToken);
    const ask = await connect();
    const connected = await ask({ type: 'connect', token: await tokenOf('ann', '1 minute') });
    assert.equal(connected.type, 'connected');
    assert.equal(connected.user, 'ann');
    assert.ok(typeof connected.expiresInMs === 'number' && connected.expiresInMs <= 65_000);
    const refreshed = await ask({ type: 'refresh', token: await tokenOf('ann', '10 minutes') });
    assert.equal(refreshed.type, 'refreshed');
    assert.ok(typeof refreshed.expiresInMs === 'number' && refreshed.expiresInMs > 500_000);
    const changed = await ask({ type: 'refresh', token: await tokenOf('bob', '10 minutes') });
    assert.equal(changed.code, 'identity-changed');
  });

  it('is closed with 4401 when the token is forged, and with 4412 when it has ended', async (test) => {
    const { connect, closeCode } = await serve(test, byToken);
    const token = await tokenOf('ann', '1 minute');
    const forged = await (await connect())({ type: 'connect', token: `${token.slice(0, -4)}AAAA` });
    assert.equal(forged.code, 'unauthenticated');
    assert.equal(await closeCode(), 4401);
    const ended = await (await connect())({ type: 'connect', token: await tokenOf('ann', '1 minute ago') });
    assert.equal(ended.code, 'token-expired');
    assert.equal(await closeCode(), 4412);
  });
});

describe('a client with a cookie', () => {
  const cases: readonly (readonly [title: string, headers: Record<string, string>, outcome: string])[] = [
    ['from an allowed page is let in', { Origin: page, Cookie: '__Host-sid=abc' }, 'connected'],
    [
      "from another site's page is not",
      { Origin: 'https://evil.example', Cookie: '__Host-sid=abc' },
      'error',
    ],
    [
      'from a page that looks alike is not',
      { Origin: `${page}.evil.example`, Cookie: '__Host-sid=abc' },
      'error',
    ],
    ['from a sandboxed page is not', { Origin: 'null', Cookie: '__Host-sid=abc' }, 'error'],
    ['from nowhere is not', { Cookie: '__Host-sid=abc' }, 'error'],
    ['that is unknown is not', { Origin: page, Cookie: '__Host-sid=xyz' }, 'error'],
  ];
  for (const [title, headers, outcome] of cases) {
    it(title, async (test) => {
      const { connect } = await serve(test, byCookie);
      const ask = await connect(headers);
      assert.equal((await ask({ type: 'connect' })).type, outcome);
    });
  }
});

type Reply = Readonly<Record<string, unknown>>;

async function serve(test: TestContext, authenticate: Authenticate<UpgradeRequest>) {
  const hub = new Hub<PreparedMessage, UpgradeRequest>({
    prepare: (data) => new PreparedMessage(data),
    namespaces: { room: {} },
    authenticate,
  });
  // Every page may connect, so that it is the hub that decides.
  const server = new WebSocketServer({ ...hub.serverOptions(), allowedOrigins: 'any' });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const sockets: WebSocket[] = [];
  const closes: Promise<{ readonly code: number }[]>[] = [];
  test.after(async () => {
    for (const socket of sockets) socket.close();
    await hub.drain({ windowMs: 0 });
    await server.close();
  });

  const connect = async (headers: Record<string, string> = {}) => {
    const socket = new WebSocket(`ws://127.0.0.1:${address.port}/`, 'hawser.v1', { headers });
    sockets.push(socket);
    closes.push(once(socket, 'close'));
    await once(socket, 'open');
    let id = 0;
    return async (command: Reply): Promise<Reply> => {
      id += 1;
      socket.send(JSON.stringify({ ...command, id }));
      const [{ data }] = await once(socket, 'message');
      return JSON.parse(data);
    };
  };
  const closeCode = async (): Promise<number> => {
    const [event] = (await closes.at(-1)) ?? [];
    return event?.code ?? Number.NaN;
  };
  return { connect, closeCode };
}

function tokenOf(user: string, expires: string): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));
}
