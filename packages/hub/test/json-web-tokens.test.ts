/** Signed tokens: which are taken, and every way of making one that must not be. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { AuthenticationError, type Identity, identify } from '../src/identity.ts';
import { type JsonWebTokenOptions, jsonWebTokens } from '../src/json-web-tokens.ts';
import { beginning, FakeClock } from './fake-clock.ts';

const secret = 'a secret of thirty-two bytes or more';
const secretBytes = new TextEncoder().encode(secret);
/** In seconds, as tokens count. */
const nowS = beginning / 1000;
const goodClaims = JSON.stringify({ sub: 'ann', iat: nowS, exp: nowS + 60 });
const keyPairs = {
  RS256: await generateKeyPair('RS256', { extractable: true }),
  ES256: await generateKeyPair('ES256', { extractable: true }),
  EdDSA: await generateKeyPair('EdDSA', { extractable: true }),
};
type TestClaims = Readonly<Record<string, unknown>>;
type Asymmetric = keyof typeof keyPairs;
const asymmetric: readonly Asymmetric[] = ['RS256', 'ES256', 'EdDSA'];

describe('a token with a shared secret', () => {
  it('says who the user is', async () => {
    const payload = {
      sub: 'ann',
      iat: nowS - 10,
      exp: nowS + 60,
      jti: 'token-1',
      info: { name: 'Ann' },
      permissions: { channels: { 'room:*': ['subscribe'] } },
    };
    const { permissions, ...identity } = await identityOf(await signed(payload));
    assert.deepEqual(identity, {
      user: 'ann',
      info: { name: 'Ann' },
      issuedAt: beginning - 10_000,
      expiresAt: beginning + 65_000,
      tokenId: 'token-1',
    });
    assert.equal(permissions.allows('subscribe', 'room:lobby'), true);
    assert.equal(permissions.allows('publish', 'room:lobby'), false);
  });

  it('may do nothing when it claims nothing', async () => {
    const { permissions } = await identityOf(await signed({}));
    assert.equal(permissions.allows('subscribe', 'room:lobby'), false);
  });

  it('takes a secret as bytes as well', async () => {
    assert.equal((await identityOf(await signed({}), { secret: secretBytes })).user, 'ann');
  });

  it('has a name even if it claims none, and another token has another', async () => {
    const [first, second] = await Promise.all([signed({ iat: nowS - 1 }), signed({ iat: nowS - 2 })]);
    const names = [await identityOf(first), await identityOf(first), await identityOf(second)].map(
      ({ tokenId }) => tokenId,
    );
    assert.match(names[0] ?? '', /^[0-9a-f]{64}$/);
    assert.equal(names[0], names[1]);
    assert.notEqual(names[0], names[2]);
  });

  it('is read as the application wants', async () => {
    const readClaims = (payload: Readonly<Record<string, unknown>>) => ({
      info: { name: String(payload.nickname) },
      permissions: { methods: ['time'] },
    });
    const identity = await identityOf(await signed({ nickname: 'Ann' }), { secret, readClaims });
    assert.deepEqual(identity.info, { name: 'Ann' });
    assert.equal(identity.permissions.allows('call', 'time'), true);
  });
});

describe('a token with a public key', () => {
  for (const algorithm of asymmetric) {
    it(`is verified with ${algorithm}, the key in PEM`, async () => {
      const publicKey = await exportSPKI(keyPairs[algorithm].publicKey);
      assert.equal((await identityOf(await signedWith(algorithm), { publicKey })).user, 'ann');
    });

    it(`is verified with ${algorithm}, the key as JSON`, async () => {
      assert.equal(
        (await identityOf(await signedWith(algorithm), { publicKey: await jwkOf(algorithm) })).user,
        'ann',
      );
    });

    it(`is verified with ${algorithm}, the key in a set`, async () => {
      const keys = await Promise.all(asymmetric.map(jwkOf));
      const options = { keySet: { keys }, issuer: 'issuer', audience: 'hub' };
      const token = await signedWith(algorithm, { iss: 'issuer', aud: 'hub' });
      assert.equal((await identityOf(token, options)).user, 'ann');
    });

    it(`of another key than the one of ${algorithm} is refused`, async () => {
      const other = await generateKeyPair(algorithm);
      const token = await sign({}, { alg: algorithm }, other.privateKey);
      await refused(token, { publicKey: await exportSPKI(keyPairs[algorithm].publicKey) }, 'unauthenticated');
    });

    for (const text of ['PEM', 'JSON']) {
      it(`is not verified with the ${algorithm} key's ${text} as a secret (algorithm confusion)`, async () => {
        const { publicKey } = keyPairs[algorithm];
        const key = text === 'PEM' ? await exportSPKI(publicKey) : JSON.stringify(await exportJWK(publicKey));
        const token = await sign({}, { alg: 'HS256' }, new TextEncoder().encode(key));
        await refused(token, { publicKey: await exportSPKI(publicKey) }, 'unauthenticated');
        await refused(token, { publicKey: await jwkOf(algorithm) }, 'unauthenticated');
        const options = { keySet: { keys: [await jwkOf(algorithm)] }, issuer: 'issuer', audience: 'hub' };
        await refused(token, options, 'unauthenticated');
      });
    }
  }

  it('may name its algorithm Ed25519', async () => {
    const token = await sign({}, { alg: 'Ed25519' }, keyPairs.EdDSA.privateKey);
    assert.equal((await identityOf(token, { publicKey: await jwkOf('EdDSA') })).user, 'ann');
  });

  it('is not verified with a key that it brings along', async () => {
    const own = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(own.publicKey);
    const token = await sign({}, { alg: 'ES256', jwk, jku: 'http://localhost:1/keys' }, own.privateKey);
    await refused(token, { publicKey: await jwkOf('ES256') }, 'unauthenticated');
  });
});

describe('a token is refused', () => {
  const forged: readonly (readonly [title: string, token: string])[] = [
    ['that is empty', ''],
    ['that is no token', 'abc'],
    ['of dots', '..'],
    ['of five parts, which is encrypted', 'e30.e30.e30.e30.e30'],
    ['with alg none', unsigned({ alg: 'none' })],
    ['with alg None', unsigned({ alg: 'None' })],
    ['without alg', unsigned({ typ: 'JWT' })],
    ['with an alg that every object has', unsigned({ alg: 'constructor' })],
    ['with an alg that is a list', unsigned({ alg: ['HS256'] })],
    ['whose claims are no object', hmac({ alg: 'HS256' }, '["ann"]')],
    ['whose claims are no JSON', hmac({ alg: 'HS256' }, '{"sub":')],
    ['with a critical header that nobody knows', hmac({ alg: 'HS256', crit: ['x'], x: 1 })],
    ['with an empty payload', hmac({ alg: 'HS256' }, '')],
  ];
  for (const [title, token] of forged) {
    it(title, () => refused(token, { secret }, 'unauthenticated'));
  }

  it('without a signature', async () => {
    const token = await signed({});
    await refused(token.slice(0, token.lastIndexOf('.') + 1), { secret }, 'unauthenticated');
  });

  it('with one bit of its signature or claims changed', async () => {
    const token = await signed({});
    for (const at of [token.indexOf('.') + 4, token.lastIndexOf('.') + 4]) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      await refused(changed, { secret }, 'unauthenticated');
    }
  });

  it('with another secret', async () => {
    await refused(await signed({}), { secret: `${secret}!` }, 'unauthenticated');
  });

  it('with HS512, which was not asked for', async () => {
    await refused(await sign({}, { alg: 'HS512' }, Buffer.alloc(64, secret)), { secret }, 'unauthenticated');
  });

  it('with an algorithm that the options leave out', async () => {
    const keys = await Promise.all(asymmetric.map(jwkOf));
    const algorithms = ['ES256'] as const;
    const options: JsonWebTokenOptions = { keySet: { keys }, issuer: 'issuer', audience: 'hub', algorithms };
    await refused(await signedWith('RS256', { iss: 'issuer', aud: 'hub' }), options, 'unauthenticated');
  });

  it('of more than 8192 characters, before it is read', async () => {
    await refused(await signed({ padding: 'x'.repeat(8192) }), { secret }, 'unauthenticated');
    await identityOf(await signed({ padding: 'x'.repeat(4096) }));
  });

  it('when there is none', () => refused(undefined, { secret }, 'unauthenticated'));

  const wrongClaims: readonly (readonly [
    title: string,
    claims: TestClaims,
    code: AuthenticationError['code'],
  ])[] = [
    ['that has ended, beyond the tolerance', { exp: nowS - 5 }, 'token-expired'],
    ['that has no end', { exp: undefined }, 'unauthenticated'],
    ['whose end is a text', { exp: 'never' }, 'unauthenticated'],
    ['that is not valid yet', { nbf: nowS + 6 }, 'unauthenticated'],
    ['that was issued in the future', { iat: nowS + 6 }, 'unauthenticated'],
    ['that is older than a day', { iat: nowS - 86_406, exp: nowS + 60 }, 'token-expired'],
    ['that does not say when it was issued', { iat: undefined }, 'unauthenticated'],
    ['without sub', { sub: undefined }, 'unauthenticated'],
    ['with a sub that is a number', { sub: 7 }, 'unauthenticated'],
    ['with an empty sub', { sub: '' }, 'unauthenticated'],
    ['with a sub of 129 bytes', { sub: 'x'.repeat(129) }, 'unauthenticated'],
    ['with an unknown action', { permissions: { channels: { 'room:*': ['own'] } } }, 'unauthenticated'],
    ['with permissions that are a text', { permissions: '*' }, 'unauthenticated'],
    ['with info of more than 1 KiB', { info: 'x'.repeat(1100) }, 'unauthenticated'],
  ];
  for (const [title, claims, code] of wrongClaims) {
    it(title, async () => refused(await signed(claims), { secret }, code));
  }

  const elsewhere: readonly (readonly [title: string, claims: TestClaims])[] = [
    ['of another issuer', { iss: 'other', aud: 'hub' }],
    ['of an issuer that begins the same', { iss: 'issuer.evil', aud: 'hub' }],
    ['of no issuer', { aud: 'hub' }],
    ['for another audience', { iss: 'issuer', aud: 'other' }],
    ['for several, none of them this one', { iss: 'issuer', aud: ['a', 'b'] }],
    ['for no audience', { iss: 'issuer' }],
  ];
  for (const [title, claims] of elsewhere) {
    it(title, async () => {
      await refused(await signed(claims), { secret, issuer: 'issuer', audience: 'hub' }, 'unauthenticated');
    });
  }

  it('with an error that holds nothing of it', async () => {
    const token = await signed({ sub: 'ann-secret-name', exp: nowS - 100 });
    for (const options of [{ secret }, { secret, issuer: 'issuer' }, { secret: `${secret}!` }]) {
      const error = await errorOf(token, options);
      const text = JSON.stringify([error.message, String(error.cause), error.stack, { ...error }]);
      assert.doesNotMatch(text, /ann-secret-name/);
      for (const part of token.split('.')) assert.ok(!text.includes(part));
    }
  });
});

describe('the clocks of issuer and hub', () => {
  it('may be five seconds apart', async () => {
    await identityOf(await signed({ exp: nowS - 4 }));
    await identityOf(await signed({ nbf: nowS + 5, iat: nowS + 5 }));
  });

  it('may be further apart by option', async () => {
    await identityOf(await signed({ exp: nowS - 59 }), { secret, clockToleranceMs: 60_000 });
    await refused(await signed({ exp: nowS - 1 }), { secret, clockToleranceMs: 0 }, 'token-expired');
  });
});

describe('by option a token', () => {
  it('may have no end', async () => {
    const identity = await identityOf(await signed({ exp: undefined }), { secret, allowNoExpiry: true });
    assert.equal(identity.expiresAt, Infinity);
  });

  it('may be of any age, and then counts as issued long ago', async () => {
    const identity = await identityOf(await signed({ iat: undefined }), { secret, maxTokenAgeMs: Infinity });
    assert.equal(identity.issuedAt, 0);
  });

  it('may be of several issuers and audiences', async () => {
    const options = { secret, issuer: ['one', 'two'], audience: ['hub', 'chat'] };
    await identityOf(await signed({ iss: 'two', aud: ['other', 'chat'] }), options);
    await refused(await signed({ iss: 'three', aud: 'chat' }), options, 'unauthenticated');
  });
});

describe('jsonWebTokens', () => {
  it('refuses a secret of less than 32 bytes', () => {
    assert.throws(
      () => jsonWebTokens({ secret: 'x'.repeat(31) }),
      /RangeError: Expected a secret of 32 bytes/,
    );
    assert.throws(() => jsonWebTokens({ secret: new Uint8Array(31) }), /RangeError/);
  });

  it('refuses a public key as a secret', async () => {
    const pem = await exportSPKI(keyPairs.RS256.publicKey);
    assert.throws(
      () => jsonWebTokens({ secret: pem }),
      /TypeError: Expected a shared secret, received a key/,
    );
  });

  it('refuses a private key, a shared one, and one of another kind, as a public key', async () => {
    const privateKey = { ...(await jwkOf('ES256')), d: 'AAAA' };
    assert.throws(() => jsonWebTokens({ publicKey: privateKey }), /received a private one/);
    assert.throws(() => jsonWebTokens({ publicKey: { kty: 'oct' } }), /received a shared secret/);
    assert.throws(() => jsonWebTokens({ publicKey: { kty: 'EC', crv: 'P-521' } }), /Expected publicKey/);
    assert.throws(() => jsonWebTokens({ publicKey: 'secret' }), /Expected publicKey to begin/);
    const { publicKey } = await generateKeyPair('ES384', { extractable: true });
    const pem = await exportSPKI(publicKey);
    assert.throws(
      () => jsonWebTokens({ publicKey: pem }),
      /Expected publicKey to be an RSA, P-256 or Ed25519 key/,
    );
    const options = { keySet: { keys: [privateKey] }, issuer: 'issuer', audience: 'hub' };
    assert.throws(() => jsonWebTokens(options), /received a private one/);
  });

  it('refuses algorithms that the key cannot have', async () => {
    assert.throws(() => jsonWebTokens({ secret, algorithms: ['RS256'] }), /Expected algorithms of HS256/);
    assert.throws(() => jsonWebTokens({ secret, algorithms: [] }), /Expected algorithms of HS256/);
    const publicKey = await jwkOf('RS256');
    assert.throws(() => jsonWebTokens({ publicKey, algorithms: ['HS256'] }), /Expected algorithms of RS256/);
  });

  it('refuses durations that are none', () => {
    assert.throws(
      () => jsonWebTokens({ secret, clockToleranceMs: -1 }),
      /RangeError: Expected clockToleranceMs/,
    );
    assert.throws(
      () => jsonWebTokens({ secret, maxTokenAgeMs: Number.NaN }),
      /RangeError: Expected maxTokenAgeMs/,
    );
  });

  it('keeps its own copy of a secret', async () => {
    const bytes = Uint8Array.from(secretBytes);
    const authenticate = jsonWebTokens({ secret: bytes, clock: new FakeClock() });
    bytes.fill(0);
    await authenticate({ token: await signed({}), request: undefined });
  });
});

/** A token of Ann's for a minute, with these claims besides; one that is undefined is left out. */
function signed(claims: TestClaims): Promise<string> {
  return sign(claims, { alg: 'HS256' }, secretBytes);
}

function signedWith(algorithm: Asymmetric, claims: TestClaims = {}): Promise<string> {
  return sign(claims, { alg: algorithm, kid: algorithm }, keyPairs[algorithm].privateKey);
}

function sign(
  claims: TestClaims,
  header: Parameters<SignJWT['setProtectedHeader']>[0],
  key: Parameters<SignJWT['sign']>[0],
): Promise<string> {
  // Through JSON, so that a claim that is undefined is left out.
  const payload = JSON.parse(JSON.stringify({ sub: 'ann', iat: nowS, exp: nowS + 60, ...claims }));
  return new SignJWT(payload).setProtectedHeader(header).sign(key);
}

async function jwkOf(algorithm: Asymmetric) {
  const { kty, ...rest } = await exportJWK(keyPairs[algorithm].publicKey);
  assert.ok(kty !== undefined);
  const { crv, n, e, x, y } = rest;
  const parts = Object.entries({ crv, n, e, x, y }).filter(([, value]) => value !== undefined);
  return { kty, kid: algorithm, ...Object.fromEntries(parts) };
}

function unsigned(header: object): string {
  return `${base64url(JSON.stringify(header))}.${base64url(goodClaims)}.`;
}

/** A token that jose would not make, with a signature that is right. */
function hmac(header: object, claims: string = goodClaims): string {
  const text = `${base64url(JSON.stringify(header))}.${base64url(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function identityOf(token: string | undefined, options: JsonWebTokenOptions = { secret }): Promise<Identity> {
  const clock = new FakeClock();
  const credentials = { ...(token === undefined ? {} : { token }), request: undefined };
  return identify(jsonWebTokens({ ...options, clock }), credentials, clock);
}

async function errorOf(
  token: string | undefined,
  options: JsonWebTokenOptions,
): Promise<AuthenticationError> {
  const error: unknown = await identityOf(token, options).then(
    () => assert.fail('The token was taken'),
    (thrown) => thrown,
  );
  assert.ok(error instanceof AuthenticationError);
  return error;
}

async function refused(
  token: string | undefined,
  options: JsonWebTokenOptions,
  code: AuthenticationError['code'],
): Promise<void> {
  assert.equal((await errorOf(token, options)).code, code);
}
