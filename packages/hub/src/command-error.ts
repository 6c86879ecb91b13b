/**
 * Why a command is refused. Everything that a command does throws this, and `connection.ts` answers with it; whatever else is
 * thrown is a defect or the storage's trouble, and its message is not for clients.
 */

import { type ErrorCode, errorCodes } from '@hawser/wire';

/** A command is refused. The message is for the client. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: ErrorCode;
  /** When to try again, in ms; undefined if that is of no use. */
  readonly retryInMs: number | undefined;

  /** With `call-refused`: the method's own name for why. */
  readonly reason: string | undefined;

  constructor(
    code: ErrorCode,
    message: string = errorCodes[code].message,
    details: { readonly retryInMs?: number; readonly reason?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.retryInMs = details.retryInMs;
    this.reason = details.reason;
  }
}
