/**
 * A connection as the hub sees it. `@hawser/websocket`'s `Peer` has this shape, and the application joins the two; the
 * hub itself knows no socket.
 */

/**
 * What a session writes to.
 *
 * @typeParam Prepared A message that was encoded once, to be sent to many (`PreparedMessage` of `@hawser/websocket`).
 */
export interface Transport<Prepared> {
  /** Sends one message: a string as text, bytes as binary. Returns whether there is room for more. */
  send(message: string | Uint8Array | Prepared): boolean;
  /** Bytes that were sent and that the kernel has not taken yet. */
  readonly bufferedAmount: number;
  /** Stops reading commands. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  /** Begins the closing handshake. */
  close(code: number, reason: string): void;
  /** Ends the connection now. */
  terminate(): void;
}
