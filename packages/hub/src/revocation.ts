/**
 * One revocation: what it ends, as the application says it and as it travels, and whom it concerns. `revocations.ts` remembers
 * them all.
 */

import { assertNever } from './assert-never.ts';
import type { Identity } from './identity.ts';
import { nameOf } from './session-registry.ts';

/** What can be revoked. */
export type Revocable =
  /** What was issued to a user up to a moment, in ms since 1970. Default: now. */
  | { readonly user: string; readonly issuedUntil?: number }
  /** A session, and the token with which its client came. */
  | { readonly session: string }
  /** A token, by its `jti`. */
  | { readonly tokenId: string }
  /** What was issued up to a moment to whomever: if a key became known. */
  | { readonly issuedUntil: number };

/** What is revoked, as it stands in the log. */
export type Revocation =
  /** Everything that was issued up to a moment, in ms since 1970, to whomever. */
  | { readonly type: 'everything'; readonly issuedUntil: number }
  /** Everything that was issued to a user up to a moment. */
  | { readonly type: 'user'; readonly user: string; readonly issuedUntil: number }
  /** A session, by the part of its id that names it (`nameOf`). */
  | { readonly type: 'session'; readonly session: string }
  /** One token, by its `tokenId`. */
  | { readonly type: 'token'; readonly tokenId: string };

/** Somebody whom a revocation may concern. */
interface Revokee {
  readonly identity: Identity | undefined;
  readonly sessionName: string | undefined;
}

/** What stands in the log for what the application says. */
export function revocationOf(what: Revocable, date: number): Revocation {
  if ('user' in what) return { type: 'user', user: what.user, issuedUntil: what.issuedUntil ?? date };
  if ('session' in what) return { type: 'session', session: nameOf(what.session) };
  if ('tokenId' in what) return { type: 'token', tokenId: what.tokenId };
  return { type: 'everything', issuedUntil: what.issuedUntil };
}

/** Whether it ends a connection. */
export function concerns(revocation: Revocation, { identity, sessionName }: Revokee): boolean {
  if (identity === undefined) return false;
  switch (revocation.type) {
    case 'everything':
      return identity.issuedAt <= revocation.issuedUntil;
    case 'user':
      return identity.user === revocation.user && identity.issuedAt <= revocation.issuedUntil;
    case 'session':
      return sessionName === revocation.session;
    case 'token':
      return identity.tokenId === revocation.tokenId;
    default:
      return assertNever(revocation);
  }
}

/** What another process wrote; undefined if it is none that is known here. */
export function parseRevocation(text: string): Revocation | undefined {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  const issuedUntil = 'issuedUntil' in value ? value.issuedUntil : undefined;
  if (value.type === 'everything' && typeof issuedUntil === 'number')
    return { type: 'everything', issuedUntil };
  if (value.type === 'user' && 'user' in value && typeof value.user === 'string') {
    return typeof issuedUntil === 'number' ? { type: 'user', user: value.user, issuedUntil } : undefined;
  }
  if (value.type === 'session' && 'session' in value && typeof value.session === 'string') {
    return { type: 'session', session: value.session };
  }
  if (value.type === 'token' && 'tokenId' in value && typeof value.tokenId === 'string') {
    return { type: 'token', tokenId: value.tokenId };
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
