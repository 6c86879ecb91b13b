/** The authenticate hook, and the check of what it says: nobody is let in by an error. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Authenticate, AuthenticationError, type Identity, identify } from '../src/identity.ts';
import { beginning, FakeClock } from './fake-clock.ts';

describe('identify', () => {
  it('hands the token and the request to the hook', async () => {
    const identity = await identify(
      ({ token, request }) => ({ user: `${request}/${token}` }),
      { token: 'abc', request: 'request' },
      new FakeClock(),
    );
    assert.equal(identity.user, 'request/abc');
  });

  it('fills in what the claims leave out: no end, no permission, issued now', async () => {
    const { permissions, ...rest } = await identityOf({ user: 'ann' });
    assert.deepEqual(rest, { user: 'ann', expiresAt: Infinity, issuedAt: beginning });
    assert.equal(permissions.allows('subscribe', 'room:lobby'), false);
  });

  it('keeps what the claims say', async () => {
    const claims = {
      user: 'ann',
      info: { name: 'Ann' },
      permissions: { methods: ['time'] },
      expiresAt: beginning + 1,
      issuedAt: beginning - 1,
      tokenId: 'token',
    };
    const { permissions, ...rest } = await identityOf(claims);
    const { permissions: _, ...expected } = claims;
    assert.deepEqual(rest, expected);
    assert.equal(permissions.allows('call', 'time'), true);
  });

  it('copies the info, so that the application changes its own alone', async () => {
    const info = { name: 'Ann' };
    const identity = await identityOf({ user: 'ann', info });
    info.name = 'Bob';
    assert.deepEqual(identity.info, { name: 'Ann' });
  });

  it('takes names that every object has for names', async () => {
    for (const user of ['__proto__', 'constructor', 'toString', '*', '日本語', '🚢']) {
      assert.equal((await identityOf({ user })).user, user);
    }
  });

  it('refuses a client whom the hook does not know', async () => {
    assert.deepEqual(await refusal(() => undefined), ['unauthenticated', undefined]);
    assert.deepEqual(await refusal(async () => undefined), ['unauthenticated', undefined]);
  });

  it('refuses when the hook throws or rejects, and tells the client nothing of the reason', async () => {
    const reason = new Error('password of the database: hunter2');
    const throwing = (): never => {
      throw reason;
    };
    for (const hook of [throwing, () => Promise.reject(reason)]) {
      const error = await errorOf(hook);
      assert.equal(error.code, 'unauthenticated');
      assert.equal(error.cause, reason);
      assert.doesNotMatch(error.message, /hunter2/);
    }
  });

  it("hands on the hook's own AuthenticationError", async () => {
    const own = new AuthenticationError('unavailable', 'Come again');
    assert.equal(await errorOf(() => Promise.reject(own)), own);
  });

  it('refuses what has ended', async () => {
    for (const expiresAt of [beginning, beginning - 1, 0, -Infinity]) {
      assert.deepEqual(await refusal(() => ({ user: 'ann', expiresAt })), ['token-expired', undefined]);
    }
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const wrong: readonly (readonly [title: string, claims: unknown])[] = [
    ['null', null],
    ['true', true],
    ['a text', 'ann'],
    ['no user', {}],
    ['a user that is no text', { user: 7 }],
    ['an empty user', { user: '' }],
    ['a user of 129 bytes', { user: `a${'é'.repeat(64)}` }],
    ['a user with a line break', { user: 'ann\nadmin' }],
    ['a user with a NUL', { user: 'ann\0' }],
    ['a user with a line separator', { user: 'ann\u2028' }],
    ['a user with half of a pair', { user: 'ann\ud800' }],
    ['info of more than 1 KiB', { user: 'ann', info: 'x'.repeat(1023) }],
    ['info that is no JSON', { user: 'ann', info: () => 'Ann' }],
    ['info in a circle', { user: 'ann', info: cyclic }],
    ['info with a BigInt', { user: 'ann', info: { age: 7n } }],
    ['permissions of another shape', { user: 'ann', permissions: { channels: { 'room:*': ['own'] } } }],
    ['an end that is a text', { user: 'ann', expiresAt: '2031' }],
    ['an end that is no number', { user: 'ann', expiresAt: Number.NaN }],
    ['an issue that is a Date', { user: 'ann', issuedAt: new Date() }],
    ['a tokenId of 129 characters', { user: 'ann', tokenId: 'x'.repeat(129) }],
  ];
  for (const [title, claims] of wrong) {
    it(`refuses ${title}`, async () => {
      const untyped = (): unknown => claims;
      const error = await errorOf(untyped as Authenticate<unknown>);
      assert.equal(error.code, 'unauthenticated');
      assert.ok(error.cause instanceof TypeError || error.cause instanceof RangeError);
    });
  }

  it('takes a user of 128 bytes, and info of 1 KiB', async () => {
    const identity = await identityOf({ user: 'é'.repeat(64), info: 'x'.repeat(1022) });
    assert.equal(identity.user.length, 64);
  });
});

function identityOf(claims: ReturnType<Authenticate<unknown>>): Promise<Identity> {
  return identify(() => claims, { request: undefined }, new FakeClock());
}

async function errorOf(hook: Authenticate<unknown>): Promise<AuthenticationError> {
  const error: unknown = await identify(hook, { token: 'secret', request: undefined }, new FakeClock()).catch(
    (thrown) => thrown,
  );
  assert.ok(error instanceof AuthenticationError);
  return error;
}

async function refusal(hook: Authenticate<unknown>): Promise<unknown> {
  const { code, cause } = await errorOf(hook);
  return [code, cause];
}
