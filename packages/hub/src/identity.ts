/**
 * Who a client is. The `authenticate` hook, the application's own or `jsonWebTokens`, says it as claims; here they are checked
 * and become an `Identity`, which holds for a connection until it ends, is replaced or is revoked.
 */

import { type ErrorCode, errorCodes, type JsonValue, utf8Length } from '@hawser/wire';
import type { Clock } from './clock.ts';
import { type Grants, Permissions } from './permissions.ts';

/** What a client shows to say who it is. */
export interface Credentials<Request> {
  /** The token of its `connect` or `refresh`; absent if it gave none. */
  readonly token?: string;
  /** What the application knows of the connection, for example the handshake's request with its cookies. */
  readonly request: Request;
}

/** Who a client is, as the `authenticate` hook says it. */
export interface Claims {
  /** Names the user; 1 to 128 bytes. Connections of the same user are one member of a presence. */
  readonly user: string;
  /** What everybody may know of the user, shown in presence; at most 1 KiB of JSON. */
  readonly info?: JsonValue;
  /** What the user may do; absent: nothing but what the `authorize` hook allows. */
  readonly permissions?: Grants | Permissions;
  /** When this ends, in ms since 1970; absent: with the connection. */
  readonly expiresAt?: number;
  /** When the proof was issued, in ms since 1970; a revocation refuses what was issued before it. Absent: just now. */
  readonly issuedAt?: number;
  /** Names the proof, so that it can be revoked by itself. */
  readonly tokenId?: string;
}

/** Who a client is, checked. */
export interface Identity {
  readonly user: string;
  readonly info?: JsonValue;
  readonly permissions: Permissions;
  /** ms since 1970; `Infinity` if it does not end. */
  readonly expiresAt: number;
  /** ms since 1970. */
  readonly issuedAt: number;
  readonly tokenId?: string;
}

/**
 * Says who a client is, or `undefined` if it has no business here. What it throws counts as `undefined`, except an
 * `AuthenticationError`, whose code and message the client gets.
 */
export type Authenticate<Request> = (
  credentials: Credentials<Request>,
) => Claims | undefined | Promise<Claims | undefined>;

/** Why a client is not let in; the message is for the client, and has nothing of the token in it. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
  readonly code: AuthenticationErrorCode;

  constructor(code: AuthenticationErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * `forbidden`: it is known who the client is, who may not be here. `unavailable`: nobody can tell at the moment, so that the
 * client should come again.
 */
export type AuthenticationErrorCode = Extract<
  ErrorCode,
  'unauthenticated' | 'token-expired' | 'token-revoked' | 'forbidden' | 'unavailable'
>;

/** Longest user name, in bytes of UTF-8. */
const MAX_USER_BYTES = 128;
/** Longest JSON of `info`, in bytes: every member of a presence has one. */
const MAX_INFO_BYTES = 1024;
const MAX_TOKEN_ID_LENGTH = 128;

/** Control characters, line separators and halves of surrogate pairs, which would forge lines of a log, or other names. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Asks the hook, and checks what it says.
 *
 * @throws AuthenticationError, and nothing else; what the hook threw is its `cause`.
 */
export async function identify<Request>(
  authenticate: Authenticate<Request>,
  credentials: Credentials<Request>,
  clock: Clock,
): Promise<Identity> {
  // Before the hook looks anything up: what is revoked while it does so concerns this identity.
  const askedAt = clock.date();
  try {
    const claims = await authenticate(credentials);
    if (claims === undefined) throw unauthenticated();
    return checkClaims(claims, askedAt, clock.date());
  } catch (cause) {
    throw cause instanceof AuthenticationError ? cause : unauthenticated(cause);
  }
}

function unauthenticated(cause?: unknown): AuthenticationError {
  return new AuthenticationError('unauthenticated', errorCodes.unauthenticated.message, { cause });
}

function checkClaims(claims: Claims, askedAt: number, date: number): Identity {
  const { expiresAt = Infinity, issuedAt = askedAt, tokenId } = claims;
  const user = checkUser(claims.user);
  if (tokenId !== undefined) checkTokenId(tokenId);
  checkMoment('expiresAt', expiresAt);
  checkMoment('issuedAt', issuedAt);
  if (expiresAt <= date) throw new AuthenticationError('token-expired', errorCodes['token-expired'].message);
  return {
    user,
    ...(claims.info === undefined ? {} : { info: copyOfInfo(claims.info) }),
    permissions: permissionsOf(claims.permissions, user),
    expiresAt,
    issuedAt,
    ...(tokenId === undefined ? {} : { tokenId }),
  };
}

// What a hook returns comes from databases and tokens: its type is a promise that nobody has checked.

function checkUser(user: unknown): string {
  if (typeof user !== 'string') throw new TypeError(`Expected user to be a string, received ${typeof user}`);
  const bytes = utf8Length(user);
  if (bytes < 1 || bytes > MAX_USER_BYTES) {
    throw new TypeError(`Expected user to have 1 to ${MAX_USER_BYTES} bytes, received ${bytes}`);
  }
  if (unprintable.test(user))
    throw new TypeError('Expected user to be printable, received a control character');
  return user;
}

function checkTokenId(tokenId: unknown): void {
  if (typeof tokenId !== 'string' || tokenId.length < 1 || tokenId.length > MAX_TOKEN_ID_LENGTH) {
    throw new TypeError(`Expected tokenId to be a string of 1 to ${MAX_TOKEN_ID_LENGTH} characters`);
  }
}

function checkMoment(name: string, moment: unknown): void {
  if (typeof moment !== 'number' || Number.isNaN(moment)) {
    throw new TypeError(`Expected ${name} to be a number of ms since 1970, received ${typeof moment}`);
  }
}

function permissionsOf(permissions: unknown, user: string): Permissions {
  return permissions instanceof Permissions ? permissions : Permissions.from(permissions, user);
}

/** JSON and nothing else, and no object of the application that it may change later. */
function copyOfInfo(info: JsonValue): JsonValue {
  const text: unknown = JSON.stringify(info);
  if (typeof text !== 'string') throw new TypeError(`Expected info to be JSON, received ${typeof info}`);
  const bytes = utf8Length(text);
  if (bytes > MAX_INFO_BYTES) {
    throw new TypeError(`Expected info of at most ${MAX_INFO_BYTES} bytes of JSON, received ${bytes}`);
  }
  return JSON.parse(text);
}
