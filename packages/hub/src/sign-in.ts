/**
 * Finds out who a client is, for `connect` and `refresh`: by the `authenticate` hook, unless too many come from its address.
 * Below: `identity.ts`, `revocations.ts`; above: `connection.ts`.
 */

import { errorCodes } from '@hawser/wire';
import type { Clock } from './clock.ts';
import { CommandError } from './command-error.ts';
import {
  type Authenticate,
  AuthenticationError,
  type Credentials,
  type Identity,
  identify,
} from './identity.ts';
import type { Revocations } from './revocations.ts';

/** Who is asked. */
export interface SignInContext<Request> {
  readonly authenticate: Authenticate<Request>;
  readonly clock: Clock;
  readonly revocations: Revocations;
}

/**
 * Says who a client is. Whether that is revoked is to be asked afterwards, by `checkNotRevoked`.
 *
 * @param addressRetryInMs In how many ms its address may connect, which has too many connections; 0 if it has not.
 * @throws AuthenticationError, CommandError or the broker's error, as a rejection.
 */
export async function signIn<Request>(
  { authenticate, clock, revocations }: SignInContext<Request>,
  credentials: Credentials<Request>,
  addressRetryInMs: number,
): Promise<Identity> {
  if (addressRetryInMs > 0) {
    throw new CommandError('rate-limited', 'Expected fewer connections of an address', {
      retryInMs: addressRetryInMs,
    });
  }
  await revocations.ready();
  return identify(authenticate, credentials, clock);
}

/**
 * To be asked in the same turn in which the identity takes effect: a later revocation finds it, an earlier one is found.
 *
 * @throws AuthenticationError
 */
export function checkNotRevoked(revocations: Revocations, identity: Identity): void {
  if (!revocations.isRevoked(identity)) return;
  throw new AuthenticationError('token-revoked', errorCodes['token-revoked'].message);
}

/** When the identity ends, as the wire says it: nothing if it does not. */
export function expiryOf({ expiresAt }: Identity, clock: Clock): { readonly expiresInMs?: number } {
  return expiresAt === Infinity ? {} : { expiresInMs: Math.max(0, Math.floor(expiresAt - clock.date())) };
}
