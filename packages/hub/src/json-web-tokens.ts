/**
 * Signed JSON Web Tokens (RFC 7519) as an `authenticate` hook, over jose: with a shared secret, a public key, or a set of keys
 * that its issuer changes. `signature-keys.ts` holds the keys; what a token has to claim is checked here.
 */

import type { JsonValue } from '@hawser/wire';
import { errors, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type Clock, systemClock } from './clock.ts';
import { type Authenticate, AuthenticationError, type Claims } from './identity.ts';
import { KeySetError } from './key-set.ts';
import { type Grants, Permissions } from './permissions.ts';
import {
  type KeySource,
  type SignatureAlgorithm,
  type SignatureKeys,
  signatureKeys,
} from './signature-keys.ts';

/**
 * Where the keys come from, and what is asked of every token. Keys that are fetched are of an issuer that may have other
 * customers, so issuer and audience have to be named with them.
 */
export type JsonWebTokenOptions = TokenRequirements &
  (
    | Extract<KeySource, { secret: unknown }>
    | Extract<KeySource, { publicKey: unknown }>
    | (Extract<KeySource, { keySet: unknown }> & Required<Pick<TokenRequirements, 'issuer' | 'audience'>>)
  );

/** What is asked of every token. */
export interface TokenRequirements {
  /** Who may have issued it (`iss`): one of these. Default: anybody who has the key. */
  readonly issuer?: string | readonly string[];
  /** For whom it has to be (`aud`): one of these. Default: not checked. Danger: tokens for other services pass. */
  readonly audience?: string | readonly string[];
  /** Narrows what the keys could verify. Default: all that they can. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How far the issuer's clock and this one may be apart, in ms. Default 5 seconds. */
  readonly clockToleranceMs?: number;
  /**
   * The greatest age of a token, by its `iat`, in ms; `Infinity` asks for no `iat`. Default 24 hours. Danger: the hub
   * remembers a revocation for `revocationKeepMs`; a token that may be older comes back afterwards.
   */
  readonly maxTokenAgeMs?: number;
  /** Whether a token may have no end (`exp`). Default false. Danger: whoever steals it has it for `maxTokenAgeMs`. */
  readonly allowNoExpiry?: boolean;
  /** What else the hub is to know of the user. Default: the claims `info` and `permissions`. */
  readonly readClaims?: (payload: TokenPayload) => UserClaims;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** The claims of a token whose signature was verified. */
export type TokenPayload = Readonly<Record<string, JsonValue>>;

/** What a token says of its user besides the name. */
export interface UserClaims {
  /** Shown in presence. */
  readonly info?: JsonValue | undefined;
  /** Of the shape of `Grants`; anything else refuses the token. */
  readonly permissions?: Grants | JsonValue | undefined;
}

const DEFAULT_CLOCK_TOLERANCE_MS = 5000;
const DEFAULT_MAX_TOKEN_AGE_MS = 86_400_000;
/** A token is read before anybody knows who sent it. */
const MAX_TOKEN_LENGTH = 8192;
const MAX_TOKEN_ID_LENGTH = 128;

/**
 * Makes an `authenticate` hook.
 *
 * @throws TypeError or RangeError if the keys or the requirements are none that could hold.
 *
 * @example
 * const authenticate = jsonWebTokens({ secret: process.env.TOKEN_SECRET ?? '' });
 */
export function jsonWebTokens(options: JsonWebTokenOptions): Authenticate<unknown> {
  const { clock = systemClock, clockToleranceMs = DEFAULT_CLOCK_TOLERANCE_MS } = options;
  const { readClaims = readDefaultClaims } = options;
  const keys = signatureKeys(options, clock);
  const requirements = requirementsOf(options, keys, clockToleranceMs);
  return async ({ token }) => {
    if (token === undefined)
      throw new AuthenticationError('unauthenticated', 'Expected a token, received none');
    const payload = await verify(token, keys, { ...requirements, currentDate: new Date(clock.date()) });
    return claimsOf(payload, await tokenIdOf(token, payload), clockToleranceMs, readClaims(payload));
  };
}

function requirementsOf(
  options: JsonWebTokenOptions,
  keys: SignatureKeys,
  clockToleranceMs: number,
): JWTVerifyOptions {
  const { issuer, audience, maxTokenAgeMs = DEFAULT_MAX_TOKEN_AGE_MS, allowNoExpiry = false } = options;
  checkDuration('clockToleranceMs', clockToleranceMs);
  checkDuration('maxTokenAgeMs', maxTokenAgeMs);
  return {
    algorithms: algorithmsOf(options.algorithms ?? keys.algorithms, keys),
    requiredClaims: allowNoExpiry ? ['sub'] : ['sub', 'exp'],
    clockTolerance: clockToleranceMs / 1000,
    ...(issuer === undefined ? {} : { issuer: [issuer].flat() }),
    ...(audience === undefined ? {} : { audience: [audience].flat() }),
    ...(maxTokenAgeMs === Infinity ? {} : { maxTokenAge: maxTokenAgeMs / 1000 }),
  };
}

function algorithmsOf(wanted: readonly SignatureAlgorithm[], keys: SignatureKeys): string[] {
  const wrong = wanted.find((algorithm) => !keys.algorithms.includes(algorithm));
  if (wrong !== undefined || wanted.length === 0) {
    throw new TypeError(`Expected algorithms of ${keys.algorithms.join(', ')}, received ${wrong ?? 'none'}`);
  }
  // RFC 9864 §2.2 gives the one kind of EdDSA that is taken here a name of its own.
  return wanted.includes('EdDSA') ? [...wanted, 'Ed25519'] : [...wanted];
}

function checkDuration(name: string, ms: number): void {
  if (!(ms >= 0)) throw new RangeError(`Expected ${name} to be 0 or more, received ${ms}`);
}

async function verify(token: string, keys: SignatureKeys, options: JWTVerifyOptions): Promise<TokenPayload> {
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new AuthenticationError(
      'unauthenticated',
      `Expected a token of at most ${MAX_TOKEN_LENGTH} characters`,
    );
  }
  try {
    const { payload } = await jwtVerify<TokenPayload>(token, keys.keyFor, options);
    return payload;
  } catch (error) {
    throw refusalFor(error, options);
  }
}

/** What the client is told. The errors of jose hold the claims, so they go no further. */
function refusalFor(error: unknown, { algorithms = [] }: JWTVerifyOptions): unknown {
  if (error instanceof KeySetError) {
    return new AuthenticationError('unavailable', 'The keys of the issuer cannot be had', {
      cause: error.cause,
    });
  }
  if (error instanceof errors.JWTExpired)
    return new AuthenticationError('token-expired', 'The token has ended');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new AuthenticationError('unauthenticated', `Expected a token with the right ${error.claim}`);
  }
  if (!(error instanceof errors.JOSEError)) return error;
  return new AuthenticationError(
    'unauthenticated',
    `Expected a token signed by the issuer with ${algorithms.join(' or ')}`,
  );
}

function claimsOf(
  payload: TokenPayload,
  tokenId: string,
  clockToleranceMs: number,
  userClaims: UserClaims,
): Claims {
  const { sub, exp, iat } = payload;
  const { info, permissions } = userClaims;
  if (typeof sub !== 'string')
    throw new AuthenticationError('unauthenticated', 'Expected a token with the right sub');
  return {
    user: sub,
    ...(info === undefined ? {} : { info }),
    permissions: Permissions.from(permissions, sub),
    // By this clock, which may be ahead of the issuer's.
    ...(typeof exp === 'number' ? { expiresAt: exp * 1000 + clockToleranceMs } : {}),
    // Who knows when it was issued? Then any revocation concerns it.
    issuedAt: typeof iat === 'number' ? iat * 1000 : 0,
    tokenId,
  };
}

function readDefaultClaims({ info, permissions }: TokenPayload): UserClaims {
  return { info, permissions };
}

/**
 * The token's own name; for one that has none the hash of what is signed, since a signature can be written in more than one
 * way.
 */
async function tokenIdOf(token: string, { jti }: TokenPayload): Promise<string> {
  if (typeof jti === 'string' && jti.length > 0 && jti.length <= MAX_TOKEN_ID_LENGTH) return jti;
  const signed = new TextEncoder().encode(token.slice(0, token.lastIndexOf('.')));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', signed));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
