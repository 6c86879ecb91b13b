/** Cookies: of an allowed page's visitor, and nobody else's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { authenticateByCookie } from '../src/authenticate-by-cookie.ts';
import { AuthenticationError, identify } from '../src/identity.ts';
import { FakeClock } from './fake-clock.ts';

const page = 'https://chat.example';

describe('authenticateByCookie', () => {
  it('takes the cookie of an allowed page', async () => {
    assert.equal(await outcome(page, 'theme=dark; sid=ann; lang=ko'), 'ann');
    assert.equal(await outcome(page, 'sid=ann'), 'ann');
    assert.equal(await outcome(page, 'sid=ann='), 'ann=');
  });

  const foreign: readonly (string | undefined)[] = [
    'https://evil.example',
    'https://chat.example.evil.example',
    'https://evilchat.example',
    'https://sub.chat.example',
    'http://chat.example',
    'https://chat.example:8443',
    'https://CHAT.example',
    'https://chat.example/',
    'null',
    '',
    undefined,
  ];
  for (const origin of foreign) {
    it(`does not take the same cookie from ${JSON.stringify(origin)}`, async () => {
      assert.equal(await outcome(origin, 'sid=ann'), 'unauthenticated');
    });
  }

  const cookies: readonly (string | undefined)[] = [
    undefined,
    '',
    'sid',
    'xsid=ann',
    'SID=ann',
    'other=sid=ann',
    'sid=ann; sid=mallory',
  ];
  for (const cookie of cookies) {
    it(`finds nobody in ${JSON.stringify(cookie)}`, async () => {
      assert.equal(await outcome(page, cookie), 'unauthenticated');
    });
  }

  it('hands the request on', async () => {
    const authenticate = authenticateByCookie({
      name: 'sid',
      allowedOrigins: [page],
      claimsOf: (_, { tenant }: ReturnType<typeof requestOf> & { readonly tenant: string }) => ({
        user: tenant,
      }),
    });
    const request = { ...requestOf(page, 'sid=ann'), tenant: 'acme' };
    assert.equal((await identify(authenticate, { request }, new FakeClock())).user, 'acme');
  });

  it('refuses origins that are none, or patterns', () => {
    for (const origin of ['*', 'https://*.example', 'https://chat.example/', 'chat.example', 'null', '']) {
      assert.throws(() => hookFor(origin), TypeError, origin);
    }
  });

  it('refuses a name that no cookie has', () => {
    for (const name of ['', 'a b', 'a=b', 'a;b']) {
      assert.throws(
        () => authenticateByCookie({ name, allowedOrigins: [], claimsOf: () => undefined }),
        TypeError,
      );
    }
  });
});

function hookFor(origin: string) {
  return authenticateByCookie({
    name: 'sid',
    allowedOrigins: [origin],
    claimsOf: (cookie) => ({ user: cookie }),
  });
}

function requestOf(origin: string | undefined, cookie: string | undefined) {
  const get = (name: string): string | undefined => (name === 'Cookie' ? cookie : undefined);
  return { origin, headers: { get } };
}

function outcome(origin: string | undefined, cookie: string | undefined): Promise<string> {
  return identify(hookFor(page), { request: requestOf(origin, cookie) }, new FakeClock()).then(
    ({ user }) => user,
    (error) => (error instanceof AuthenticationError ? error.code : String(error)),
  );
}
