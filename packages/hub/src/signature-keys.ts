/**
 * What a token's signature is checked with. The kind of the key alone says which algorithms it verifies: a token that names
 * another one is refused, so that a public key is never taken for a shared secret, and `none` for a signature.
 */

import { createLocalJWKSet, importJWK, importSPKI, type JWTVerifyGetKey } from 'jose';
import type { Clock } from './clock.ts';
import { KeySet, type KeySetOptions } from './key-set.ts';

/** Algorithms of signatures (RFC 7518 §3.1, RFC 8037). */
export type SignatureAlgorithm = 'HS256' | 'RS256' | 'ES256' | 'EdDSA';

/** A public key as JSON (RFC 7517): RSA, P-256 or Ed25519. */
export interface PublicJsonWebKey {
  readonly kty: string;
  readonly kid?: string;
  readonly use?: string;
  readonly alg?: string;
  readonly crv?: string;
  readonly n?: string;
  readonly e?: string;
  readonly x?: string;
  readonly y?: string;
}

/** Where the keys come from: one of these. */
export type KeySource =
  /** A secret that issuer and hub share, of 32 bytes or more; text stands for its bytes in UTF-8. */
  | { readonly secret: string | Uint8Array }
  /** The issuer's public key: PEM (`-----BEGIN PUBLIC KEY-----`), or a JSON Web Key. */
  | { readonly publicKey: string | PublicJsonWebKey }
  /** The issuer's public keys: where they are, or the set itself. */
  | { readonly keySet: KeySetOptions | { readonly keys: readonly PublicJsonWebKey[] } };

/** What checks signatures. */
export interface SignatureKeys {
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly keyFor: JWTVerifyGetKey;
}

/** RFC 7518 §3.2: a key of the size of the hash, or larger. */
const MIN_SECRET_BYTES = 32;

/**
 * Reads the keys.
 *
 * @throws TypeError if a key is of a kind that is not known, or is private; RangeError if a secret is too short.
 */
export function signatureKeys(source: KeySource, clock: Clock): SignatureKeys {
  if ('secret' in source) return fromSecret(source.secret);
  if ('publicKey' in source) {
    const { publicKey } = source;
    return typeof publicKey === 'string' ? fromPem(publicKey) : fromJsonWebKey(publicKey);
  }
  const { keySet } = source;
  const keyFor =
    'url' in keySet
      ? new KeySet(keySet, clock).keyFor
      : createLocalJWKSet({ keys: keySet.keys.map(checkPublic) });
  return { algorithms: ['RS256', 'ES256', 'EdDSA'], keyFor };
}

function fromSecret(secret: string | Uint8Array): SignatureKeys {
  if (typeof secret === 'string' && secret.includes('-----BEGIN')) {
    throw new TypeError('Expected a shared secret, received a key in PEM; a public key is no secret');
  }
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : Uint8Array.from(secret);
  if (bytes.length < MIN_SECRET_BYTES) {
    throw new RangeError(`Expected a secret of ${MIN_SECRET_BYTES} bytes or more, received ${bytes.length}`);
  }
  // Imported once: jose would do it again for every token.
  const key = crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return { algorithms: ['HS256'], keyFor: () => key };
}

const PEM_BEGINNING = '-----BEGIN PUBLIC KEY-----';

function fromPem(pem: string): SignatureKeys {
  const text = pem.trim();
  if (!text.startsWith(PEM_BEGINNING)) {
    throw new TypeError(`Expected publicKey to begin with ${PEM_BEGINNING}`);
  }
  const algorithm = algorithmOf(text);
  const key = importSPKI(text, algorithm);
  // It is awaited, and its failure met, when the first token comes.
  key.catch(() => undefined);
  return { algorithms: [algorithm], keyFor: () => key };
}

/** How the algorithm of a key is named in its SubjectPublicKeyInfo (RFC 3279 §2.3.1, RFC 5480 §2.1.1.1, RFC 8410 §3). */
const objectIdentifiers: readonly (readonly [bytes: string, algorithm: SignatureAlgorithm])[] = [
  ['\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01', 'RS256'],
  ['\x2a\x86\x48\xce\x3d\x03\x01\x07', 'ES256'],
  ['\x2b\x65\x70', 'EdDSA'],
];
/** Within so many bytes the identifiers stand; behind them comes the key. */
const IDENTIFIERS_END = 27;

function algorithmOf(pem: string): SignatureAlgorithm {
  const der = atob(pem.replace(/-----[^-]*-----|\s/g, ''));
  const beginning = der.slice(0, IDENTIFIERS_END);
  const found = objectIdentifiers.find(([bytes]) => beginning.includes(bytes));
  if (found === undefined) throw new TypeError('Expected publicKey to be an RSA, P-256 or Ed25519 key');
  return found[1];
}

function fromJsonWebKey(jsonWebKey: PublicJsonWebKey): SignatureKeys {
  const { kty, crv } = checkPublic(jsonWebKey);
  const algorithm = algorithmsByKind.get(crv === undefined ? kty : `${kty} ${crv}`);
  if (algorithm === undefined) throw new TypeError('Expected publicKey to be an RSA, P-256 or Ed25519 key');
  const key = importJWK({ ...jsonWebKey }, algorithm);
  key.catch(() => undefined);
  return { algorithms: [algorithm], keyFor: () => key };
}

const algorithmsByKind: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['RSA', 'RS256'],
  ['EC P-256', 'ES256'],
  ['OKP Ed25519', 'EdDSA'],
]);

function checkPublic<Key extends PublicJsonWebKey>(key: Key): Key {
  if (key.kty === 'oct') throw new TypeError('Expected a public key, received a shared secret');
  if ('d' in key) throw new TypeError('Expected a public key, received a private one');
  return key;
}
