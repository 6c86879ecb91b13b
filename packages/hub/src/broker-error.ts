/**
 * The error of every broker. `code` never changes; the message says what was expected and what was received. Misuse by the
 * caller is no failure of the storage: it throws the language's own RangeError.
 */

/** Why a broker could not do what it was asked. */
export type BrokerErrorCode =
  /** It was closed, or is closing. */
  | 'closed'
  /** There is no room for another message, in memory or on disk. Reading goes on; trying again later may help. */
  | 'full'
  /** The message, or a name in it, is larger than the broker can ever store. */
  | 'too-large'
  /** The storage holds something else, or is damaged. */
  | 'corrupt'
  /** The storage failed; `cause` says how. Whether the message is stored is not known: publish it again with the same id. */
  | 'unavailable';

/** A broker could not do what it was asked. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: BrokerErrorCode;

  constructor(code: BrokerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
