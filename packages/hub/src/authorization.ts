/**
 * Whether an identity may do something: a pattern of its permissions allows it, or the `authorize` hook does. Nothing is
 * allowed by silence.
 */

import type { Identity } from './identity.ts';
import type { Action } from './permissions.ts';

/**
 * Decides what no pattern of the identity's permissions has allowed; `name` is the channel's, or the method's for `call`.
 * Only `true` allows. What it throws refuses.
 */
export type Authorize = (identity: Identity, action: Action, name: string) => boolean | Promise<boolean>;

/**
 * Whether it is allowed: at once, unless the hook takes its time. Never throws and never rejects; `onError` hears what the
 * hook threw.
 */
export function isAllowed(
  identity: Identity,
  action: Action,
  name: string,
  authorize: Authorize | undefined,
  onError: (error: unknown) => void,
): boolean | Promise<boolean> {
  if (identity.permissions.allows(action, name)) return true;
  if (authorize === undefined) return false;
  try {
    const answer = authorize(identity, action, name);
    if (typeof answer === 'boolean') return answer;
    return settle(answer, onError);
  } catch (error) {
    onError(error);
    return false;
  }
}

async function settle(answer: Promise<boolean>, onError: (error: unknown) => void): Promise<boolean> {
  try {
    return (await answer) === true;
  } catch (error) {
    onError(error);
    return false;
  }
}
