/**
 * The public name of a secret: what a page proves that it is by its key, others know by this id. It is a hash, so that the
 * same person has the same id after a restart of the server, and so that nobody finds the key from it.
 */

import { createHash } from 'node:crypto';

export function personIdOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 16);
}
