/** `authorize`: the application's decision on a request, before it is answered. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Authorization, UpgradeRequest, WebSocketServer } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { handshake, RawClient } from './raw-client.ts';
import { ServerDiary, until } from './server-diary.ts';
import { type Place, startServer } from './servers.ts';

interface Person {
  readonly name: string;
}

const ann: Authorization<Person> = { allow: true, data: { name: 'Ann' } };

describe('authorize', () => {
  it('makes peer.data, at once or later', async (t) => {
    for (const answer of [ann, Promise.resolve(ann)]) {
      const { server, place } = await start(t, () => answer);
      await RawClient.open(place);
      const names: string[] = Array.from(server.peers, ({ data }) => data.name);
      assert.deepEqual(names, ['Ann']);
    }
  });

  it('sees the request as it came', async (t) => {
    const seen: UpgradeRequest[] = [];
    const { place } = await start(t, (request) => {
      seen.push(request);
      return ann;
    });
    const headers = { Cookie: 'a=1', Origin: 'http://localhost', 'Sec-WebSocket-Protocol': 'soap, wamp' };
    await RawClient.open(place, handshake(headers, '/chat?room=1'));
    const [request] = seen;
    assert.ok(request);
    const { headers: fields, pathname, host, origin, remoteAddress, ...rest } = request;
    assert.equal(fields.get('cookie'), 'a=1');
    assert.deepEqual(
      { ...rest, pathname, host, origin, remoteAddress },
      {
        target: '/chat?room=1',
        pathname: '/chat',
        host: 'localhost',
        origin: 'http://localhost',
        subprotocols: ['soap', 'wamp'],
        extensions: [],
        remoteAddress: '127.0.0.1',
        secure: false,
      },
    );
  });

  it('may add headers to the 101', async (t) => {
    const { place } = await start(t, () => ({ ...ann, headers: [['Set-Cookie', 'session=1']] }));
    const client = RawClient.to(place).send(handshake());
    const { status, headers } = await client.response();
    assert.equal(status, 101);
    assert.equal(headers.get('set-cookie'), 'session=1');
  });

  it('may refuse with a status alone', async (t) => {
    const { server, place } = await start(t, () => ({ allow: false, status: 401 }));
    const client = RawClient.to(place).send(handshake());
    const { status, headers } = await client.response();
    assert.equal(status, 401);
    assert.equal(headers.get('content-length'), '0');
    assert.equal(headers.get('connection'), 'close');
    assert.equal(await client.end(), '');
    assert.equal(server.peerCount, 0);
  });

  it('may refuse with headers and a body of its own', async (t) => {
    const { place } = await start(t, async () => ({
      allow: false,
      status: 302,
      headers: [
        ['Location', '/login'],
        ['Content-Type', 'text/html'],
      ],
      body: '<p>Grüße</p>',
    }));
    const client = RawClient.to(place).send(handshake());
    const { status, headers } = await client.response();
    assert.equal(status, 302);
    assert.equal(headers.get('location'), '/login');
    assert.equal(headers.get('content-type'), 'text/html');
    assert.equal(headers.get('content-length'), '14');
    assert.equal(Buffer.from(await client.end(), 'latin1').toString(), '<p>Grüße</p>');
  });

  it('sends a body as plain text unless it says otherwise', async (t) => {
    const { place } = await start(t, () => ({ allow: false, status: 429, body: 'Later' }));
    const client = RawClient.to(place).send(handshake());
    assert.equal((await client.response()).headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(await client.end(), 'Later');
  });

  it('refuses with 500 if it throws or rejects; the client learns nothing, `refused` hears all', async (t) => {
    const secret = new Error('the password of the database is 1234');
    const failing = [() => Promise.reject(secret), () => fail(secret)];
    for (const authorize of failing) {
      const { diary, place } = await start(t, authorize);
      const client = RawClient.to(place).send(handshake());
      assert.equal((await client.response()).status, 500);
      assert.equal(
        await client.end(),
        'Expected authorize(request) to return a decision, received an exception\n',
      );
      assert.deepEqual(diary.lines, ['refused authorization-error']);
      assert.equal(diary.errors[0]?.cause, secret);
    }
  });

  it('refuses with a bare 500 if it refuses with what is no status, or no header', async (t) => {
    const impossible: Authorization<Person>[] = [
      ...[0, 101, 200, 299, 600, 404.5, Number.NaN].map((status) => ({ allow: false, status }) as const),
      { allow: false, status: 401, headers: [['X-Name', 'value\r\nSet-Cookie: stolen=1']] },
      { allow: false, status: 401, headers: [['X-Name\r\nX-Other', 'value']] },
      { ...ann, headers: [['X-Name', 'value\r\n\r\nbody']] },
    ];
    for (const decision of impossible) {
      const { diary, place } = await start(t, () => decision);
      const client = RawClient.to(place).send(handshake());
      const { status, headers } = await client.response();
      assert.equal(status, 500);
      assert.deepEqual([...headers.keys()], ['connection', 'content-length']);
      assert.equal(await client.end(), '');
      assert.match(diary.lines.join(), /^refused (RangeError|TypeError)$/);
    }
  });

  it('is cut off with 408 at the deadline; what it says later is ignored', async (t) => {
    const clock = new FakeClock();
    const { decide, asked, server, place } = await startUndecided(t, { clock });
    const client = RawClient.to(place).send(handshake());
    await until(() => asked() === 1);
    clock.advance(9_999);
    assert.equal(client.socket.bytesRead, 0);
    clock.advance(1);
    assert.equal((await client.response()).status, 408);
    decide(ann);
    assert.doesNotMatch(await client.end(), /HTTP/);
    assert.equal(server.peerCount, 0);
  });

  it('is not waited for when the client leaves; what it says later is ignored', async (t) => {
    const { decide, asked, diary, server, place } = await startUndecided(t, {});
    const client = RawClient.to(place).send(handshake());
    await until(() => asked() === 1);
    client.socket.resetAndDestroy();
    await diary.until('refused ClientGoneError');
    decide(ann);
    await RawClient.to(place).send('nonsense\r\n\r\n').end();
    assert.equal(server.peerCount, 0);
    assert.equal(diary.lines.includes('open'), false);
  });

  it('is not asked about a request that is refused before it', async (t) => {
    const { asked, place } = await startUndecided(t, {});
    const headers = { Origin: 'http://elsewhere.example' };
    assert.equal((await RawClient.to(place).send(handshake(headers)).response()).status, 403);
    assert.equal(asked(), 0);
  });
});

type Authorize = (request: UpgradeRequest) => Authorization<Person> | Promise<Authorization<Person>>;

interface Started {
  readonly diary: ServerDiary;
  readonly server: WebSocketServer<Person>;
  readonly place: Place;
}

async function start(
  t: TestContext,
  authorize: Authorize,
  options: { clock?: FakeClock } = {},
): Promise<Started> {
  const diary = new ServerDiary();
  return { diary, ...(await startServer<Person>(t, { ...diary.handlers, ...options, authorize })) };
}

/** A server whose `authorize` waits for the test's decision. */
async function startUndecided(
  t: TestContext,
  options: { clock?: FakeClock },
): Promise<Started & { asked(): number; decide(decision: Authorization<Person>): void }> {
  const waiting: ((decision: Authorization<Person>) => void)[] = [];
  const authorize = () => new Promise<Authorization<Person>>((resolve) => waiting.push(resolve));
  const decide = (decision: Authorization<Person>): void => {
    for (const resolve of waiting) resolve(decision);
  };
  return { ...(await start(t, authorize, options)), asked: () => waiting.length, decide };
}

function fail(error: Error): never {
  throw error;
}
