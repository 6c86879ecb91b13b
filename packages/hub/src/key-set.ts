/**
 * The public keys of an issuer, fetched from its address (RFC 7517 JSON Web Key Set) and fetched anew when they are old or when
 * a token names one that is not there: so an issuer changes its keys without a word to the hub. Whatever tokens come, the
 * issuer is asked no more often than once in the cool-down, and at most one request is under way.
 */

import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { Clock } from './clock.ts';

/** Where the keys are, and how often to ask. */
export interface KeySetOptions {
  /** `https:`; `http:` for this machine alone, because whoever changes the answer makes the users. */
  readonly url: string;
  /** Least time between two requests for a key that is not there, in ms. Default 30 seconds. */
  readonly cooldownMs?: number;
  /** The age at which keys are fetched anew, in ms. Default 10 minutes. */
  readonly maxAgeMs?: number;
  /** For how long keys are still used that cannot be fetched anew, in ms. Default 1 hour. */
  readonly maxStaleMs?: number;
  /** Fetches the key set: its JSON, parsed. Default: `fetch`, with a timeout of 5 seconds, up to 1 MiB, no redirects. */
  readonly fetchKeys?: (url: string) => Promise<unknown>;
}

/** The keys could not be fetched. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

type KeyResolver = ReturnType<typeof createLocalJWKSet>;

interface FetchedKeys {
  readonly resolve: KeyResolver;
  readonly fetchedAt: number;
}

const MAX_KEYS = 256;
/** After a failure, and doubled with each further one, up to the cool-down. */
const FIRST_RETRY_MS = 1000;

/** Keeps the keys of one issuer. */
export class KeySet {
  readonly #options: Required<KeySetOptions>;
  readonly #clock: Clock;
  #keys: FetchedKeys | undefined;
  #fetching: Promise<void> | undefined;
  #mayFetchAt = -Infinity;
  #failures = 0;
  /** Why the last request failed, until somebody was told. */
  #untoldError: unknown;

  /** @throws TypeError if the URL is none that could be trusted. */
  constructor(options: KeySetOptions, clock: Clock) {
    checkUrl(options.url);
    this.#options = {
      cooldownMs: 30_000,
      maxAgeMs: 600_000,
      maxStaleMs: 3_600_000,
      fetchKeys: fetchKeySet,
      ...options,
    };
    this.#clock = clock;
  }

  /**
   * The key for a token with this header.
   *
   * @throws KeySetError if the keys cannot be fetched; JWKSNoMatchingKey if the issuer has no such key.
   */
  readonly keyFor: JWTVerifyGetKey = async (header, token) => {
    if (this.#ageMs() >= this.#options.maxAgeMs) await this.#fetch();
    const keys = this.#usableKeys();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#fetch();
      return await this.#usableKeys()(header, token);
    }
  };

  #ageMs(): number {
    return this.#keys === undefined ? Infinity : this.#clock.now() - this.#keys.fetchedAt;
  }

  #usableKeys(): KeyResolver {
    const { maxAgeMs, maxStaleMs } = this.#options;
    if (this.#keys !== undefined && this.#ageMs() < maxAgeMs + maxStaleMs) return this.#keys.resolve;
    // One cause for each request, and not for each token: strangers must not fill the log.
    const cause = this.#untoldError;
    this.#untoldError = undefined;
    throw new KeySetError('The key set could not be fetched', { cause });
  }

  /** Fetches the keys, unless it is too soon; waits for the request that is under way. Never rejects. */
  async #fetch(): Promise<void> {
    if (this.#fetching === undefined && this.#clock.now() < this.#mayFetchAt) return;
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  async #fetchOnce(): Promise<void> {
    const { url, cooldownMs, fetchKeys } = this.#options;
    try {
      this.#keys = { resolve: resolverOf(await fetchKeys(url)), fetchedAt: this.#clock.now() };
      this.#failures = 0;
      this.#mayFetchAt = this.#clock.now() + cooldownMs;
    } catch (error) {
      this.#untoldError = error;
      this.#mayFetchAt = this.#clock.now() + Math.min(cooldownMs, FIRST_RETRY_MS * 2 ** this.#failures);
      this.#failures += 1;
    }
  }
}

function resolverOf(json: unknown): KeyResolver {
  if (typeof json !== 'object' || json === null || !('keys' in json) || !Array.isArray(json.keys)) {
    throw new KeySetError('Expected a JSON Web Key Set');
  }
  const { keys } = json;
  if (keys.length > MAX_KEYS)
    throw new KeySetError(`Expected at most ${MAX_KEYS} keys, received ${keys.length}`);
  return createLocalJWKSet({ keys });
}

const loopback: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

function checkUrl(text: string): void {
  const { protocol, hostname } = new URL(text);
  if (protocol === 'https:' || (protocol === 'http:' && loopback.includes(hostname))) return;
  throw new TypeError(`Expected the URL of a key set to begin with https:, received ${protocol}`);
}

const TIMEOUT_MS = 5000;
const MAX_BYTES = 1024 * 1024;

async function fetchKeySet(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new KeySetError(`Expected status 200 for the key set, received ${response.status}`);
  }
  return JSON.parse(await textOf(response));
}

async function textOf({ body }: Response): Promise<string> {
  if (body === null) throw new KeySetError('Expected a key set, received an empty answer');
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > MAX_BYTES) {
      await reader.cancel();
      throw new KeySetError(`Expected a key set of at most ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}
