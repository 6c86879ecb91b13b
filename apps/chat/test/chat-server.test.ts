import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chatSubprotocol, type ServerMessage } from '../contract/messages.ts';
import { decodeServerMessage } from '../contract/server-message.ts';
import { ChatServer } from '../server/chat-server.ts';
import { makePageFolder } from './page-folder.ts';
import { TestSocket } from './test-socket.ts';

const folder = makePageFolder();
const server = new ChatServer({ root: folder.path });
let host = '';

before(async () => {
  const port = await server.listen({ port: 0, hosts: ['127.0.0.1', '::1'] });
  host = `localhost:${port}`;
});

after(async () => {
  await server.close();
  folder.remove();
});

describe('over HTTP the chat serves', () => {
  const served: readonly (readonly [path: string, contentType: string])[] = [
    ['/', 'text/html; charset=utf-8'],
    ['/?from=somewhere', 'text/html; charset=utf-8'],
    ['/logo.svg', 'image/svg+xml'],
    ['/style/base.css', 'text/css; charset=utf-8'],
    ['/web/main.js', 'text/javascript; charset=utf-8'],
    ['/web/view/dom.js', 'text/javascript; charset=utf-8'],
    ['/contract/limits.js', 'text/javascript; charset=utf-8'],
  ];
  for (const [path, contentType] of served) {
    it(`${path} as ${contentType}`, async () => {
      const response = await get(path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), contentType);
      assert.equal(Number(response.headers.get('content-length')), (await response.arrayBuffer()).byteLength);
    });
  }

  it('its files with headers that allow the page nothing but itself', async () => {
    const { headers } = await get('/');
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'"]) {
      assert.ok(policy.includes(rule), rule);
    }
    assert.ok(!policy.includes('unsafe'));
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  });

  it('a file only once while it is the same', async () => {
    const first = await get('/web/main.js');
    const etag = first.headers.get('etag') ?? '';
    assert.equal(first.headers.get('cache-control'), 'no-cache');
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      assert.equal((await get('/web/main.js', { headers: { 'If-None-Match': known } })).status, 304);
    }
    assert.equal((await get('/web/main.js', { headers: { 'If-None-Match': '"other"' } })).status, 200);
  });

  it('only the head to HEAD', async () => {
    const response = await get('/', { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '');
  });

  for (const path of [
    '/nothing',
    '/web/main.ts',
    '/main.ts',
    '/..%2fpackage.json',
    '/web/../server/main.ts',
  ]) {
    it(`nothing at ${path}`, async () => {
      assert.equal((await get(path)).status, 404);
    });
  }

  it('nothing to POST', async () => {
    const response = await get('/', { method: 'POST', body: 'x' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD');
  });

  it('a word on what was expected where an endpoint is', async () => {
    const response = await get('/chat');
    assert.equal(response.status, 426);
    assert.equal(response.headers.get('upgrade'), 'websocket');
  });
});

describe('over WebSocket the chat', () => {
  it('lets two people talk', async () => {
    const [ana, bo] = [await join('Ana'), await join('Bo')];
    assert.equal((await hear(ana)).type, 'person-here');
    await ana.send(JSON.stringify({ type: 'post', id: 'm1', text: 'hello' }));
    const [toAna, toBo] = [await hear(ana), await hear(bo)];
    assert.ok(toAna.type === 'message' && toAna.message.text === 'hello');
    assert.deepEqual(toBo, toAna);
    assert.equal((await hear(ana)).type, 'accepted');
    ana.close();
    assert.equal((await hear(bo)).type, 'person-left');
    bo.close();
  });

  it('chooses its subprotocol', async () => {
    const socket = connect();
    await socket.opened;
    assert.equal(socket.protocol, chatSubprotocol);
    socket.close();
  });

  it('takes the page’s own origin and no other', async () => {
    assert.equal(await connect(`http://${host}`).opened, true);
    for (const origin of ['http://elsewhere.example', `http://${host}.elsewhere.example`, 'null']) {
      assert.equal(await connect(origin).opened, false, origin);
    }
  });

  it('says what is wrong before it closes', async () => {
    const socket = connect();
    await socket.send('hello');
    const failure = await hear(socket);
    assert.ok(failure.type === 'failure' && failure.code === 'not-json');
    assert.equal((await socket.closed).code, 1007);
  });

  it('ends a message that is longer than any text can be with 1009', async () => {
    const socket = connect();
    await socket.send('x'.repeat(200_000));
    assert.equal((await socket.closed).code, 1009);
  });

  it('has nothing at other paths', async () => {
    assert.equal(await new TestSocket(`ws://${host}/elsewhere`).opened, false);
  });
});

describe('the server', () => {
  it('says that a port is taken', async () => {
    const other = new ChatServer({ root: folder.path });
    const port = Number(new URL(`http://${host}`).port);
    await assert.rejects(other.listen({ port, hosts: ['127.0.0.1'] }), { code: 'EADDRINUSE' });
    await other.close();
  });

  it('says goodbye with 1001 when it is closed', async () => {
    const other = new ChatServer({ root: folder.path });
    const port = await other.listen({ port: 0, hosts: ['127.0.0.1'] });
    const socket = new TestSocket(`ws://127.0.0.1:${port}/chat`, { protocol: chatSubprotocol });
    await socket.opened;
    await other.close();
    assert.equal((await socket.closed).code, 1001);
  });
});

function get(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`http://${host}${path}`, init);
}

function connect(origin?: string): TestSocket {
  const options = origin === undefined ? {} : { origin };
  return new TestSocket(`ws://${host}/chat`, { protocol: chatSubprotocol, ...options });
}

async function join(name: string): Promise<TestSocket> {
  const socket = connect();
  await socket.send(JSON.stringify({ type: 'join', key: name.repeat(16), name }));
  assert.equal((await hear(socket)).type, 'welcome');
  return socket;
}

async function hear(socket: TestSocket): Promise<ServerMessage> {
  const message = await socket.next();
  assert.ok(typeof message === 'string');
  return decodeServerMessage(message);
}
