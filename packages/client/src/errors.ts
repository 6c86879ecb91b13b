/**
 * Why something failed: the hub's codes (`@hawser/wire`) and the client's own. What each means stands in
 * docs/hub-client.md, so that no page downloads it.
 */

import type { ErrorCode } from '@hawser/wire';

/** Codes of what fails on this side. */
export type ClientErrorCode =
  | 'closed'
  | 'connection-lost'
  | 'connect-failed'
  | 'connect-timed-out'
  | 'server-silent'
  | 'token-failed'
  | 'wrong-subprotocol'
  | 'malformed-message'
  | 'timed-out'
  | 'queue-full'
  | 'storage-failed'
  | 'no-websocket';

/** Every code that an error of this package can have. */
export type HawserErrorCode = ClientErrorCode | ErrorCode;

/** What went wrong, as plain data. */
export interface Problem {
  readonly code: HawserErrorCode;
  /** For people who debug; its words may change, the code does not. */
  readonly message: string;
  /** With which code the connection was closed; absent if that is not what happened. */
  readonly closeCode?: number | undefined;
  /** In how many ms the server wants to be asked again; absent if that is of no use. */
  readonly retryInMs?: number | undefined;
  /** Why a method refused a call (`call-refused`), in its own words for programs. */
  readonly reason?: string | undefined;
  /** The error that it follows from. */
  readonly cause?: unknown;
}

/** A problem. Without a message of its own, it says what its code says: _Connection lost_. */
export function problemOf(code: HawserErrorCode, cause?: unknown, message: string = inWords(code)): Problem {
  return { code, message, cause };
}

function inWords(code: string): string {
  return code[0]?.toUpperCase() + code.slice(1).replaceAll('-', ' ');
}

/** The error that promises of this package reject with. */
export class HawserError extends Error implements Problem {
  override readonly name = 'HawserError';
  declare readonly code: HawserErrorCode;
  declare readonly closeCode?: number;
  declare readonly retryInMs?: number;
  declare readonly reason?: string;

  constructor(problem: Problem) {
    super(problem.message, problem);
    Object.assign(this, problem);
  }
}
