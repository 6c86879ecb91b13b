/**
 * What may stand in a Close frame (RFC 6455 §5.5.1, §7.4), checked with the messages that users of `ws` know. Used by
 * `websocket.ts`.
 */

import { isUint8Array } from 'node:util/types';
import { toBuffer } from './payload.ts';

const MAX_CLOSE_REASON_LENGTH = 123;
/** Codes that say what no Close frame can: reserved, none received, no frame received. */
const NOT_ON_THE_WIRE: readonly number[] = [1004, 1005, 1006];

/**
 * The close reason as text.
 *
 * @throws TypeError, RangeError if it or the code cannot stand in a Close frame.
 */
export function checkCloseReason(code: unknown, data: string | Buffer | undefined): string {
  if (typeof code !== 'number' || !isCloseCode(code)) {
    throw new TypeError('First argument must be a valid error code number');
  }
  if (!data?.length) return '';
  if (typeof data !== 'string' && !isUint8Array(data)) {
    throw new TypeError('Second argument must be a string or a Uint8Array');
  }
  const reason = typeof data === 'string' ? data : toBuffer(data).toString();
  if (Buffer.byteLength(reason) <= MAX_CLOSE_REASON_LENGTH) return reason;
  throw new RangeError(`The message must not be greater than ${MAX_CLOSE_REASON_LENGTH} bytes`);
}

/** RFC 6455 §7.4, and the codes that IANA has added. */
function isCloseCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && !NOT_ON_THE_WIRE.includes(code);
}
