/**
 * The engine's errors. Each is made from a row of `violations.ts`: `code` is the row's name and never changes,
 * the message says what was expected and what was received. Misuse by the caller is no violation: it throws the
 * language's own TypeError and RangeError.
 */

import { type ViolationName, violations } from './violations.ts';

interface Row {
  readonly section: string;
  readonly expected: string;
}

/** What all of the engine's errors share. */
export abstract class ViolationError extends Error {
  /** The stable error code: the name of the violated rule. */
  readonly code: ViolationName;
  /** Where the rule is written, for example `RFC 6455 §5.2`. */
  readonly section: string;
  /** What came instead of what was expected, as the message says it. */
  readonly received: string;

  constructor(code: ViolationName, row: Row, received: string, options?: { cause?: unknown }) {
    super(`Expected ${row.expected}, received ${received}`, options);
    this.code = code;
    this.section = row.section;
    this.received = received;
  }
}

/** The peer broke a rule of the protocol on an open connection. */
export class ProtocolError extends ViolationError {
  override readonly name = 'ProtocolError';
  /** The close code that tells the peer (RFC 6455 §7.4.1): 1002 or 1007. */
  readonly closeCode: number;

  constructor(code: ViolationName<'frame'>, received: string) {
    const row = violations.frame[code];
    super(code, row, received);
    this.closeCode = row.closeCode;
  }
}

/** The peer went past one of our limits on an open connection. */
export class LimitError extends ViolationError {
  override readonly name = 'LimitError';
  /** The close code that tells the peer (RFC 6455 §7.4.1): 1008 or 1009. */
  readonly closeCode: number;

  constructor(code: ViolationName<'limit'>, received: string) {
    const row = violations.limit[code];
    super(code, row, received);
    this.closeCode = row.closeCode;
  }
}

/** Our own side failed, not the peer. `cause` is what was thrown. */
export class InternalError extends ViolationError {
  override readonly name = 'InternalError';
  /** The close code that tells the peer (RFC 6455 §7.4.1): 1011. */
  readonly closeCode: number;

  constructor(code: ViolationName<'internal'>, received: string, options: { cause: unknown }) {
    const row = violations.internal[code];
    super(code, row, received, options);
    this.closeCode = row.closeCode;
  }
}

/** The opening handshake broke a rule, or the server's policy refuses it (RFC 6455 §4). */
export class HandshakeError extends ViolationError {
  override readonly name = 'HandshakeError';
  /** The HTTP status that a server refuses with, or that it gave a client instead of 101; undefined otherwise. */
  readonly status: number | undefined;

  constructor(
    code: ViolationName<'request' | 'policy' | 'response'>,
    received: string,
    options?: { cause?: unknown; status?: number },
  ) {
    const row: Row & { readonly status?: number } = handshakeRows[code];
    super(code, row, received, options);
    this.status = options?.status ?? row.status;
  }
}

const handshakeRows = { ...violations.request, ...violations.policy, ...violations.response };

/** The errors that fail an open connection (RFC 6455 §7.1.7), each with its close code. */
export type ConnectionError = ProtocolError | LimitError | InternalError;
