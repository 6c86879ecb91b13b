/** What a client hears of an error: what is meant for it, word for word; of all else only that it happened. */

import { BrokerError } from './broker-error.ts';
import { CommandError } from './command-error.ts';
import { AuthenticationError } from './identity.ts';

/** When to try again what the storage did not take, in ms. */
const STORAGE_RETRY_IN_MS = 1000;

/**
 * The error as the client may see it.
 *
 * @param onError Hears of what is not the client's fault.
 */
export function toldError(error: unknown, onError: (error: unknown) => void): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof AuthenticationError) {
    // What a hook threw, or an issuer that cannot be reached; a token that is just wrong has none.
    if (error.cause !== undefined) onError(error.cause);
    return new CommandError(error.code, error.message);
  }
  if (error instanceof BrokerError && error.code === 'too-large') return new CommandError('too-large');
  onError(error);
  if (!(error instanceof BrokerError)) return new CommandError('internal');
  return new CommandError('unavailable', undefined, { retryInMs: STORAGE_RETRY_IN_MS });
}
