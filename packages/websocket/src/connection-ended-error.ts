/**
 * The connection ended in the middle of a message: what was sent or received of it is not the whole.
 */

/** A message was cut short. Its `code` never changes. */
export class ConnectionEndedError extends Error {
  override readonly name = 'ConnectionEndedError';
  readonly code = 'connection-ended';

  /** @param what What the connection did not carry to its end. */
  constructor(what: string) {
    super(`Expected the connection to last until ${what} was complete, received its end`);
  }
}
