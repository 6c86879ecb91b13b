/** Keys that are fetched: changed by their issuer, asked for seldom, and bounded. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { AuthenticationError, identify } from '../src/identity.ts';
import { jsonWebTokens } from '../src/json-web-tokens.ts';
import type { KeySetOptions } from '../src/key-set.ts';
import { beginning, FakeClock } from './fake-clock.ts';

const minuteMs = 60_000;
const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(publicKey);
const setOf = (...kids: readonly string[]) => ({ keys: kids.map((kid) => ({ ...jwk, kid })) });

describe('a key set', () => {
  it('is fetched when the first token comes, once for all that come together', async () => {
    const issuer = start(() => setOf('one'));
    assert.equal(issuer.requests, 0);
    assert.deepEqual(
      await Promise.all(Array.from({ length: 50 }, () => issuer.outcome('one'))),
      Array(50).fill('ann'),
    );
    assert.equal(issuer.requests, 1);
  });

  it('is fetched anew when a token names a key that is not there', async () => {
    let keys = setOf('one');
    const issuer = start(() => keys);
    assert.equal(await issuer.outcome('one'), 'ann');
    keys = setOf('one', 'two');
    issuer.clock.advance(30_000);
    assert.equal(await issuer.outcome('two'), 'ann');
    assert.equal(issuer.requests, 2);
  });

  it('is not fetched for a flood of tokens with unknown keys, but once in the cool-down', async () => {
    const issuer = start(() => setOf('one'));
    assert.equal(await issuer.outcome('one'), 'ann');
    const flood = async (): Promise<void> => {
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, i) => issuer.outcome(`unknown-${i}`)),
      );
      assert.deepEqual(new Set(outcomes), new Set(['unauthenticated']));
    };
    await flood();
    assert.equal(issuer.requests, 1);
    issuer.clock.advance(30_000);
    await flood();
    await flood();
    assert.equal(issuer.requests, 2);
    assert.equal(await issuer.outcome('one'), 'ann');
  });

  it('is fetched anew when it is old, and knows a key no more that was withdrawn', async () => {
    let keys = setOf('one', 'two');
    const issuer = start(() => keys);
    assert.equal(await issuer.outcome('one'), 'ann');
    keys = setOf('two');
    issuer.clock.advance(10 * minuteMs - 1);
    assert.equal(await issuer.outcome('one'), 'ann');
    issuer.clock.advance(1);
    assert.equal(await issuer.outcome('one'), 'unauthenticated');
    assert.equal(await issuer.outcome('two'), 'ann');
  });

  it('goes on being used for an hour when it cannot be fetched anew', async () => {
    let isDown = false;
    const issuer = start(() => (isDown ? assert.fail('down') : setOf('one')));
    assert.equal(await issuer.outcome('one'), 'ann');
    isDown = true;
    issuer.clock.advance(70 * minuteMs - 1);
    assert.equal(await issuer.outcome('one'), 'ann');
    issuer.clock.advance(minuteMs);
    assert.equal(await issuer.outcome('one'), 'unavailable');
    isDown = false;
    issuer.clock.advance(minuteMs);
    assert.equal(await issuer.outcome('one'), 'ann');
  });

  it('that cannot be fetched is asked for with growing delays, however many tokens come', async () => {
    const issuer = start(() => assert.fail('down'));
    for (let second = 0; second < 300; second++) {
      const outcomes = await Promise.all([issuer.outcome('one'), issuer.outcome('two')]);
      assert.deepEqual(outcomes, ['unavailable', 'unavailable']);
      issuer.clock.advance(1000);
    }
    // At 0, 1, 3, 7, 15 and 31 s, then every 30 s.
    assert.equal(issuer.requests, 6 + Math.floor((299 - 31) / 30));
  });

  it('is asked for again soon when it fails after it has worked', async () => {
    let isDown = true;
    const issuer = start(() => (isDown ? assert.fail('down') : setOf('one')));
    for (const waitMs of [1000, 2000, 4000]) {
      await issuer.outcome('one');
      issuer.clock.advance(waitMs);
    }
    isDown = false;
    assert.equal(await issuer.outcome('one'), 'ann');
    isDown = true;
    issuer.clock.advance(10 * minuteMs);
    assert.equal(await issuer.outcome('one'), 'ann');
    issuer.clock.advance(1000);
    await issuer.outcome('one');
    assert.equal(issuer.requests, 6);
  });

  it('that cannot be fetched is told of once for each request, and not for each token', async () => {
    const down = new Error('down');
    const issuer = start(() => {
      throw down;
    });
    for (let i = 0; i < 100; i++) await issuer.outcome('one');
    assert.deepEqual(issuer.causes, [down]);
    issuer.clock.advance(1000);
    for (let i = 0; i < 100; i++) await issuer.outcome('one');
    assert.deepEqual(issuer.causes, [down, down]);
  });

  it('is not asked again at once when it fails while keys are known', async () => {
    let isDown = false;
    const issuer = start(() => (isDown ? assert.fail('down') : setOf('one')));
    await issuer.outcome('one');
    isDown = true;
    issuer.clock.advance(30_000);
    for (let i = 0; i < 100; i++) assert.equal(await issuer.outcome(`unknown-${i}`), 'unauthenticated');
    assert.equal(issuer.requests, 2);
  });

  const wrong: readonly (readonly [title: string, answer: unknown])[] = [
    ['null', null],
    ['an object without keys', {}],
    ['keys that are no list', { keys: {} }],
    ['keys that are no objects', { keys: ['one'] }],
    ['more than 256 keys', { keys: Array.from({ length: 257 }, () => jwk) }],
  ];
  for (const [title, answer] of wrong) {
    it(`is not taken when it is ${title}`, async () => {
      assert.equal(await start(() => answer).outcome('one'), 'unavailable');
    });
  }

  it('verifies nothing with a shared secret that it holds', async () => {
    const secret = Buffer.alloc(32, 'secret');
    const keys = [{ kty: 'oct', kid: 'one', k: secret.toString('base64url'), alg: 'HS256' }];
    const issuer = start(() => ({ keys }));
    assert.equal(await issuer.outcomeOf(await tokenWith('one', 'HS256', secret)), 'unauthenticated');
  });

  it('has to be fetched over TLS, except from this machine', () => {
    for (const url of [
      'http://issuer.example/keys',
      'ftp://localhost/keys',
      'file:///keys',
      'http://localhost.evil.example/',
    ]) {
      assert.throws(() => hookFor({ url }), /TypeError: Expected the URL of a key set to begin with https:/);
    }
    assert.throws(() => hookFor({ url: 'keys' }), TypeError);
    for (const url of ['https://issuer.example/keys', 'http://localhost:1/', 'http://[::1]:1/'])
      hookFor({ url });
  });
});

describe('a key set on a server', () => {
  it('is fetched with a GET that asks for JSON', async (test) => {
    const seen: string[] = [];
    const url = await serve(test, ({ method, headers }, response) => {
      seen.push(`${method} ${headers.accept}`);
      response.end(JSON.stringify(setOf('one')));
    });
    assert.equal(await start(undefined, url).outcome('one'), 'ann');
    assert.deepEqual(seen, ['GET application/jwk-set+json, application/json']);
  });

  it('is not fetched from where the server redirects to', async (test) => {
    const url = await serve(test, ({ url: path }, response) => {
      if (path === '/elsewhere') response.end(JSON.stringify(setOf('one')));
      else response.writeHead(302, { location: '/elsewhere' }).end();
    });
    assert.equal(await start(undefined, url).outcome('one'), 'unavailable');
  });

  const answers: readonly (readonly [title: string, listener: RequestListener])[] = [
    [
      'an answer with another status',
      (_, response) => response.writeHead(404).end(JSON.stringify(setOf('one'))),
    ],
    ['an answer that is no JSON', (_, response) => response.end('<html>')],
    ['an empty answer', (_, response) => response.end()],
    ['an answer that breaks off', (_, response) => response.write('{"keys":', () => response.destroy())],
  ];
  for (const [title, listener] of answers) {
    it(`is not taken from ${title}`, async (test) => {
      assert.equal(await start(undefined, await serve(test, listener)).outcome('one'), 'unavailable');
    });
  }

  for (const [bytes, outcome] of [
    [1_048_576, 'ann'],
    [1_048_577, 'unavailable'],
  ] as const) {
    it(`of ${bytes} bytes makes it ${outcome}`, async (test) => {
      const url = await serve(test, (_, response) =>
        response.end(JSON.stringify(setOf('one')).padEnd(bytes)),
      );
      assert.equal(await start(undefined, url).outcome('one'), outcome);
    });
  }
});

/** An issuer whose answers the test gives, or one at a URL. */
function start(answer?: () => unknown, url = 'https://issuer.example/keys') {
  const clock = new FakeClock();
  const counted = { requests: 0 };
  const fetchKeys = async (): Promise<unknown> => {
    counted.requests += 1;
    return answer?.();
  };
  const authenticate = hookFor({ url, ...(answer === undefined ? {} : { fetchKeys }) }, clock);
  const causes: unknown[] = [];
  const outcomeOf = (token: string): Promise<string> =>
    identify(authenticate, { token, request: undefined }, clock).then(
      ({ user }) => user,
      (error) => {
        if (!(error instanceof AuthenticationError)) return String(error);
        if (error.cause !== undefined) causes.push(error.cause);
        return error.code;
      },
    );
  const outcome = async (kid: string): Promise<string> => outcomeOf(await tokenWith(kid));
  return Object.assign(counted, { clock, causes, outcome, outcomeOf });
}

function hookFor(keySet: KeySetOptions, clock = new FakeClock()) {
  return jsonWebTokens({ keySet, issuer: 'issuer', audience: 'hub', clock });
}

const tokens = new Map<string, Promise<string>>();

function tokenWith(
  kid: string,
  alg = 'ES256',
  key: Parameters<SignJWT['sign']>[0] = privateKey,
): Promise<string> {
  const now = beginning / 1000;
  const claims = { sub: 'ann', iss: 'issuer', aud: 'hub', iat: now, exp: now + 86_400 };
  const known = tokens.get(`${alg} ${kid}`);
  const token = known ?? new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
  tokens.set(`${alg} ${kid}`, token);
  return token;
}

async function serve(test: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/keys`;
}
