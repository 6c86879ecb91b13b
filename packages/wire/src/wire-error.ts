/**
 * The error for a frame that is not of this contract. Both decoders throw it; the hub answers with it, or closes with 4400
 * where there is no command to answer.
 */

/** What is wrong with a frame. */
export type WireErrorCode =
  /** It is no JSON object, or no binary frame with one as its head. */
  | 'malformed-frame'
  /** It is of a type that this side does not know. */
  | 'unknown-type'
  /** The field at `path` is missing, or not what belongs there. */
  | 'invalid-field';

/** What a `WireError` is made of. */
export interface WireProblem {
  readonly code: WireErrorCode;
  /** Where: `channel`, `since.offset`, `messages[3].data`; empty for the whole frame. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
  /** The command's `id`, if it could be read. */
  readonly commandId?: number | undefined;
}

/** A frame is not of this contract. No part of a token or a session is in its message. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;
  /** Where: `channel`, `since.offset`, `messages[3].data`; empty for the whole frame. */
  readonly path: string;
  /** The command that can be answered with `error`; undefined if its `id` could not be read. */
  readonly commandId: number | undefined;

  constructor(problem: WireProblem) {
    const { code, path, expected, received, commandId } = problem;
    super(`Expected ${expected}${path && ` as ${path}`}, received ${received}`);
    this.code = code;
    this.path = path;
    this.commandId = commandId;
  }
}

/** What a value is, for the message of an error; a text only by its length, because it may be secret. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
