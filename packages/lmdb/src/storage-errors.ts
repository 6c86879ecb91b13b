/** What goes wrong below, as the error that every broker has. */

import { setImmediate } from 'node:timers/promises';
import { BrokerError, type BrokerErrorCode } from '@hawser/hub';

/** LMDB's own codes and those of the system that have a meaning of their own here. */
const codes: ReadonlyMap<unknown, BrokerErrorCode> = new Map<unknown, BrokerErrorCode>([
  [-30792, 'full'], // MDB_MAP_FULL
  [-30796, 'corrupt'], // MDB_CORRUPTED
  [-30793, 'corrupt'], // MDB_INVALID
  [-30794, 'corrupt'], // MDB_VERSION_MISMATCH
  [28, 'full'], // ENOSPC
  [27, 'full'], // EFBIG
  [122, 'full'], // EDQUOT
]);

/** The error to reject with when the storage failed, with a code for what the cause does not tell. */
export function brokerErrorOf(cause: unknown, otherwise: BrokerErrorCode = 'unavailable'): BrokerError {
  if (cause instanceof BrokerError) return cause;
  const number = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const code = codes.get(number) ?? otherwise;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BrokerError(code, `Expected the storage to work, received: ${reason}`, { cause });
}

/** Why a transaction failed: lmdb says that in a promise of its own, a moment later. */
export async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error && error.commitError instanceof Promise))
    return error;
  const told = error.commitError.catch((cause: unknown) => cause);
  return Promise.race([told, setImmediate(error)]);
}
