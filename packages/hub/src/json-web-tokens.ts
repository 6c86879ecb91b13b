/**
 * Signed JSON Web Tokens (RFC 7519) as an `authenticate` hook, over jose: with a shared secret, a public key, or a set of keys
 * that its issuer changes. Which algorithms are right follows from the kind of key, never from the token.
 */

import type { JsonValue } from '@hawser/wire';
import { type Authenticate, AuthenticationError, type Claims } from './identity.ts';

/** Algorithms of signatures. */
export type SignatureAlgorithm = 'HS256' | 'RS256' | 'ES256' | 'EdDSA';

/** What is asked of every token. */
interface TokenRequirements {
  /** Who may have issued it (`iss`). */
  readonly issuer?: string | readonly string[];
  /** For whom it has to be (`aud`): one of these. */
  readonly audience?: string | readonly string[];
  /** Narrows what the key could verify. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How far the issuer's clock and this one may be apart, in ms. Default 5 seconds. */
  readonly clockToleranceMs?: number;
  /**
   * The greatest age of a token, by its `iat`, in ms; `Infinity` asks for no `iat`. Default 24 hours. Danger: a hub
   * remembers a revocation for `revocationKeepMs`; a token that lives longer comes back afterwards.
   */
  readonly maxTokenAgeMs?: number;
  /** Whether a token may go without an end (`exp`). Default false. */
  readonly allowWithoutExpiry?: boolean;
  /** What the hub is to know besides the user. Default: the claims `info` and `permissions`. */
  readonly readClaims?: (payload: TokenPayload) => Pick<Claims, 'info' | 'permissions'>;
}

/** The claims of a token that was verified. */
export type TokenPayload = Readonly<Record<string, JsonValue>>;

/** A secret that issuer and hub share, of 32 bytes or more. */
export interface SharedSecretOptions extends TokenRequirements {
  readonly secret: string | Uint8Array;
}

/** Makes an `authenticate` hook. */
export function jsonWebTokens(options: SharedSecretOptions): Authenticate<unknown> {
  return () => {
    throw new AuthenticationError('unauthenticated', `Expected a token, received ${options.secret.length}`);
  };
}
