/**
 * `WebSocketError` of the WebSocketStream proposal: why a stream's connection failed, or, given to `abort` or `cancel`,
 * what to close it with. Used by `websocket-stream.ts`.
 */

import type { CloseStatus } from '@hawser/protocol';
import { toCloseInfo, type WebSocketCloseInfo } from './close-info.ts';
import { describeInterface, toDomString } from './web-idl.ts';

let createWithStatus: (message: string, status: CloseStatus, cause: unknown) => WebSocketError;

/** An error with a close code and a close reason. `cause` tells more, where we know more. */
export class WebSocketError extends DOMException {
  #closeCode: number | null;
  #reason: string;

  /**
   * @param init What the Close frame says, if a stream is aborted or cancelled with the error.
   * @throws DOMException (InvalidAccessError) for a code other than 1000 and 3000 to 4999, (SyntaxError) for a reason of
   *   more than 123 bytes.
   */
  constructor(message = '', init: WebSocketCloseInfo = {}) {
    super(toDomString(message), 'WebSocketError');
    // The DOMException of some versions of Node.js makes its own kind, whoever extends it.
    Object.setPrototypeOf(this, new.target.prototype);
    const { code, reason } = toCloseInfo(init);
    this.#closeCode = code ?? null;
    this.#reason = reason;
  }

  static {
    createWithStatus = (message, { code, reason }, cause) => {
      const error = new WebSocketError(message);
      error.#closeCode = code;
      error.#reason = reason;
      if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause });
      return error;
    };
  }

  /** The close code; null for none. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** The close reason; empty for none. */
  get reason(): string {
    return this.#reason;
  }
}

describeInterface(WebSocketError, ['closeCode', 'reason']);

/** The error that tells how a connection ended, with codes that nobody could send, and why. */
export function closedUncleanly(status: CloseStatus, cause: Error | undefined): WebSocketError {
  const message = cause?.message ?? `Expected a closing handshake, received the end with ${status.code}`;
  return createWithStatus(message, status, cause);
}
