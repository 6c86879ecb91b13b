/**
 * What has hurt others in the opening handshake, against the server and the client. The rows about its grammar stand in
 * packages/protocol/test/attacks/handshake.test.ts, with those that are not applicable.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { FakeClock } from '../fake-clock.ts';
import { handshake, RawClient } from '../raw-client.ts';
import { ServerDiary, until } from '../server-diary.ts';
import { placeOf, startHttp, startServer } from '../servers.ts';
import { tlsCredentials } from '../tls-credentials.ts';

describe('too many headers, so that Upgrade is missing (ws CVE-2024-37890)', () => {
  it('cut by Node’s http, the request is refused with a 4xx', async (t) => {
    const server = new WebSocketServer({});
    const http = createServer({ maxHeaderSize: 1024 * 1024 });
    const place = await startHttp(t, http);
    server.attach(http);
    t.after(() => server.close({ deadlineMs: 0 }));
    const padding = Array.from({ length: 2500 }, (_, i) => `X-${i}: x`).join('\r\n');
    const head = handshake({ Upgrade: undefined }).replace(
      /\r\n$/,
      `${padding}\r\nUpgrade: websocket\r\n\r\n`,
    );
    const { status } = await RawClient.to(place).send(head).response();
    assert.ok(status >= 400 && status < 500, `status ${status}`);
    assert.equal(server.peerCount, 0);
  });
});

describe('request smuggling through a failed upgrade (0ang3el; undici CVE-2026-1525; GHSA-mfx4-hv73-q22v)', () => {
  const refused: Readonly<Record<string, string>> = {
    'a wrong version': handshake({ 'Sec-WebSocket-Version': '777' }),
    'a body by its length': handshake({ 'Content-Length': '50' }),
    'a body in chunks': handshake({ 'Transfer-Encoding': 'chunked' }),
    'a foreign page': handshake({ Origin: 'http://evil.example' }),
  };
  for (const [title, bad] of Object.entries(refused)) {
    it(`${title}: what is pipelined behind it gets no answer, and the connection ends`, async (t) => {
      const diary = new ServerDiary();
      const { place } = await startServer(t, diary.handlers);
      const client = RawClient.to(place).send(bad + handshake());
      const { headers } = await client.response();
      assert.match(headers.get('connection') ?? '', /^close\b/);
      assert.doesNotMatch(await client.end(), /HTTP\/1\.1/);
      assert.equal(diary.lines.includes('open'), false);
    });
  }
});

describe('lines injected by what the application hands on (undici CVE-2026-1527)', () => {
  it('into a response: the client gets a bare 500', async (t) => {
    for (const allow of [true, false]) {
      const headers = [['X-Name', 'a\r\nSet-Cookie: admin=1']] as const;
      const { place } = await startServer(t, {
        authorize: () => (allow ? { allow, data: undefined, headers } : { allow, status: 403, headers }),
      });
      const response = await RawClient.to(place).send(handshake()).response();
      assert.deepEqual([response.status, response.headers.has('set-cookie')], [500, false]);
    }
  });

  it('into a request: the constructor throws', () => {
    const url = 'ws://localhost/';
    assert.throws(() => new WebSocket(url, 'a\r\nb'), { name: 'SyntaxError' });
    for (const options of [
      { headers: { 'X-Own': 'a\r\nb' } },
      { headers: { 'a\r\nb': 'x' } },
      { origin: 'a\nb' },
    ]) {
      assert.throws(() => new WebSocket(url, [], options), TypeError);
    }
  });
});

describe('foreign pages with their visitor’s cookies (Vite CVE-2025-24010; Phoenix CVE-2022-42975)', () => {
  const origins = [
    'http://evil.example',
    'null',
    'http://localhost.evil.example',
    'http://evil-localhost',
    'http://localhost:1',
    'http://localhost@evil.example',
    'file://localhost',
    '',
  ];
  for (const Origin of origins) {
    it(`${JSON.stringify(Origin)} is refused by default`, async (t) => {
      const { place } = await startServer(t, {});
      const head = handshake({ Origin, Cookie: 'session=1' });
      assert.equal((await RawClient.to(place).send(head).response()).status, 403);
    });
  }
});

describe('a client that does not check the server’s certificate (faye-websocket CVE-2020-15133)', () => {
  const rows: [title: string, host: string, ca: string | undefined, code: string][] = [
    ['signed by itself', 'localhost', undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['for another name', '127.0.0.1', tlsCredentials.cert, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ];
  for (const [title, host, ca, code] of rows) {
    it(`${title}: the connection fails`, async (t) => {
      const server = createTlsServer(tlsCredentials, (socket) => socket.on('error', () => undefined));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close());
      const tls = { honorCipherOrder: true, rejectUnauthorized: false, checkServerIdentity: () => undefined };
      const options = ca === undefined ? { tls } : { tls, ca };
      const socket = new WebSocket(`wss://${host}:${placeOf(server.address()).port}/`, [], options);
      const [{ error }] = await once(socket, 'error');
      assert.equal(error.code, code);
    });
  }
});

describe('half-finished handshakes (slowloris)', () => {
  it('have a deadline that dribbling does not move, and a bound on their number', async (t) => {
    const clock = new FakeClock();
    const diary = new ServerDiary();
    const bounds = { maxPendingHandshakes: 50, handshakeTimeoutMs: 1000 };
    const { place } = await startServer(t, { ...diary.handlers, ...bounds, clock });
    const slow = Array.from({ length: 50 }, () => RawClient.to(place).send('G'));
    await until(() => slow.every(({ socket }) => socket.readyState === 'open'));
    assert.equal((await RawClient.to(place).send(handshake()).response()).status, 503);
    for (const byte of 'ET /') {
      clock.advance(200);
      for (const client of slow) client.send(byte);
    }
    clock.advance(200);
    for (const client of slow) assert.equal((await client.response()).status, 408);
    await RawClient.open(place);
  });
});
