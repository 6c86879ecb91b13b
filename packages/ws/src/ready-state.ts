/**
 * The states of a WebSocket, by the names and numbers of the standard (WebSockets Standard §3.1), and the error for
 * what cannot be done in one of them.
 */

/** The states by name. */
export const ReadyState = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

/** The number of a state. */
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState];

const names = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;

/** The error for something that wants an open connection. */
export function notOpenError(state: ReadyState): Error {
  return new Error(`WebSocket is not open: readyState ${state} (${names[state]})`);
}

/** Gives a class and its prototype the constants, which users of both spellings read. */
export function defineReadyStates(target: object): void {
  for (const [name, value] of Object.entries(ReadyState)) {
    Object.defineProperty(target, name, { enumerable: true, value });
  }
}
