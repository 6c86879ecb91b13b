/**
 * How an application may close a connection: the close code and close reason that it gives, checked as the WebSockets
 * Standard says ("close the WebSocket", its first steps). Used by `websocket.ts`, `websocket-error.ts` and
 * `websocket-stream.ts`.
 */

import { CloseCode, MAX_CLOSE_REASON_LENGTH } from '@hawser/protocol';
import { toEnforcedUnsignedShort, toUsvString } from './web-idl.ts';

/** A close code and a close reason. */
export interface WebSocketCloseInfo {
  /** 1000 or 3000 to 4999 to close with; any that the server sent, or 1005 or 1006, of a connection that is closed. */
  closeCode?: number;
  /** At most 123 bytes of UTF-8. Default empty. */
  reason?: string;
}

/** What stands in the Close frame; without a code nothing. */
export interface CheckedCloseInfo {
  readonly code: number | undefined;
  readonly reason: string;
}

const MIN_APPLICATION_CODE = 3000;
const MAX_APPLICATION_CODE = 4999;

/**
 * Checks a code and a reason.
 *
 * @throws DOMException (InvalidAccessError) for a code that is not for applications, (SyntaxError) for a longer reason.
 */
export function checkCloseInfo(code: number | undefined, reason: string): CheckedCloseInfo {
  // 1. The code is one for applications.
  if (code !== undefined && !isForApplications(code)) {
    throw new DOMException(
      `Expected a close code of 1000 or 3000-4999, received ${code}`,
      'InvalidAccessError',
    );
  }
  // 2. The reason fits a Close frame.
  const length = Buffer.byteLength(reason);
  if (length > MAX_CLOSE_REASON_LENGTH) {
    const expected = `Expected a close reason of at most ${MAX_CLOSE_REASON_LENGTH} bytes`;
    throw new DOMException(`${expected}, received ${length}`, 'SyntaxError');
  }
  // A reason needs a code to stand behind.
  return { code: reason === '' ? code : (code ?? CloseCode.NormalClosure), reason };
}

/**
 * Converts a value to the dictionary WebSocketCloseInfo and checks it.
 *
 * @throws TypeError if it is no dictionary, or its code no unsigned short; DOMException as `checkCloseInfo` does.
 */
export function toCloseInfo(value: unknown): CheckedCloseInfo {
  if (value === undefined || value === null) return checkCloseInfo(undefined, '');
  if (typeof value !== 'object' && typeof value !== 'function') {
    throw new TypeError(`Expected an object with closeCode and reason, received ${String(value)}`);
  }
  const code: unknown = Reflect.get(value, 'closeCode');
  const reason: unknown = Reflect.get(value, 'reason');
  return checkCloseInfo(
    code === undefined ? undefined : toEnforcedUnsignedShort(code),
    reason === undefined ? '' : toUsvString(reason),
  );
}

function isForApplications(code: number): boolean {
  return code === CloseCode.NormalClosure || (code >= MIN_APPLICATION_CODE && code <= MAX_APPLICATION_CODE);
}
