/** RFC 6455 §10.2, RFC 6454: which pages may connect. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { AllowedOrigins } from '../src/index.ts';
import { handshake, RawClient } from './raw-client.ts';
import { ServerDiary } from './server-diary.ts';
import { startServer } from './servers.ts';

type Row = readonly [origin: string, host: string];

describe('allowedOrigins: same-origin, the default', () => {
  const same: readonly Row[] = [
    ['http://example.com', 'example.com'],
    ['https://example.com', 'example.com'],
    ['http://example.com', 'example.com:80'],
    ['https://example.com', 'example.com:443'],
    ['http://example.com:8080', 'example.com:8080'],
    ['http://EXAMPLE.com', 'example.COM'],
    ['http://localhost:3000', 'localhost:3000'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['http://[::1]', '[0:0::1]'],
    ['http://127.0.0.1', '127.0.0.1'],
    ['http://xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ];
  it('lets in a page of the host and port that the client asked for', async (t) => {
    const connect = await startWith(t, undefined);
    for (const [origin, host] of same) assert.equal(await connect(origin, host), 101, `${origin} ${host}`);
  });

  const other: readonly Row[] = [
    ['http://example.com.evil', 'example.com'],
    ['http://evil-example.com', 'example.com'],
    ['http://evil.example.com', 'example.com'],
    ['http://example.com', 'www.example.com'],
    ['http://example.com:8080', 'example.com'],
    ['http://example.com', 'example.com:8080'],
    ['https://example.com', 'example.com:80'],
    ['http://example.com', 'example.com:443'],
    ['http://example.com@evil.example', 'example.com'],
    ['http://[::2]', '[::1]'],
    ['http://127.0.0.1', 'localhost'],
  ];
  it('refuses with 403 a page of any other, however alike', async (t) => {
    const connect = await startWith(t, undefined);
    for (const [origin, host] of other) assert.equal(await connect(origin, host), 403, `${origin} ${host}`);
  });

  it('refuses what is no origin of a page: null, another scheme, nonsense', async (t) => {
    const connect = await startWith(t, undefined);
    const origins = [
      'null',
      '',
      'file://',
      'file://example.com',
      'chrome-extension://example.com',
      'ws://example.com',
    ];
    for (const origin of [...origins, 'example.com', '//example.com', 'http://', 'http:// example.com'])
      assert.equal(await connect(origin, 'example.com'), 403, origin);
  });

  it('refuses a page if the Host is malformed, for then there is nothing to be equal to', async (t) => {
    const connect = await startWith(t, undefined);
    for (const host of ['', 'a b', 'example.com:x', '[::1', 'example.com:99999'])
      assert.equal(await connect('http://example.com', host), 403, host);
  });

  it('lets in a client that sends no Origin: it is no page, and has no visitor whose cookies it could use', async (t) => {
    const connect = await startWith(t, undefined);
    assert.equal(await connect(undefined, 'example.com'), 101);
  });

  it('refuses two Origins with 400', async (t) => {
    const { place } = await startServer(t, {});
    const head = handshake().replace(
      '\r\n\r\n',
      '\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n\r\n',
    );
    assert.equal((await RawClient.to(place).send(head).response()).status, 400);
  });

  it('tells `refused` which Origin it was', async (t) => {
    const diary = new ServerDiary();
    const { place } = await startServer(t, diary.handlers);
    await RawClient.to(place)
      .send(handshake({ Origin: 'http://evil.example' }))
      .end();
    assert.equal(diary.errors[0]?.message, 'Expected an allowed Origin, received "http://evil.example"');
  });
});

describe('allowedOrigins: a list', () => {
  it('lets in exactly those, and not its own host', async (t) => {
    const connect = await startWith(t, ['https://example.com', 'https://app.example.com:8443']);
    assert.equal(await connect('https://example.com', 'api.example.com'), 101);
    assert.equal(await connect('https://app.example.com:8443', 'api.example.com'), 101);
    const others = ['http://example.com', 'https://example.com.evil', 'https://example.com:444', 'null'];
    for (const origin of [...others, 'https://api.example.com'])
      assert.equal(await connect(origin, 'api.example.com'), 403, origin);
  });

  it('lets in clients without an Origin', async (t) => {
    const connect = await startWith(t, []);
    assert.equal(await connect(undefined, 'example.com'), 101);
    assert.equal(await connect('http://example.com', 'example.com'), 403);
  });
});

describe('allowedOrigins: a function', () => {
  it('decides on the Origin and the request', async (t) => {
    const connect = await startWith(t, (origin, { host }) => origin === `app://${host}`);
    assert.equal(await connect('app://example.com', 'example.com'), 101);
    assert.equal(await connect('http://example.com', 'example.com'), 403);
  });

  it('that throws refuses with 500', async (t) => {
    const connect = await startWith(t, () => {
      throw new Error('a bug of the application');
    });
    assert.equal(await connect('http://example.com', 'example.com'), 500);
  });
});

describe('allowedOrigins: any', () => {
  it('lets in every page, null too', async (t) => {
    const connect = await startWith(t, 'any');
    for (const origin of ['http://evil.example', 'null', 'nonsense'])
      assert.equal(await connect(origin, 'example.com'), 101, origin);
  });
});

/** Starts a server, and returns how to connect to it and learn the status. */
async function startWith(
  t: TestContext,
  allowedOrigins: AllowedOrigins | undefined,
): Promise<(origin: string | undefined, host: string) => Promise<number>> {
  const { place } = await startServer(t, allowedOrigins === undefined ? {} : { allowedOrigins });
  return async (origin, host) => {
    const client = RawClient.to(place).send(handshake({ Origin: origin, Host: host }));
    return (await client.response()).status;
  };
}
