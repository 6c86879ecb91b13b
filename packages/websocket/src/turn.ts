/**
 * The end of a turn of the event loop. Whoever has something to write asks to be called then, once, so that all that
 * was sent during the turn, by whichever handler, leaves in one write (setImmediate runs behind all the sockets that
 * were readable in this turn).
 */

/** Something that writes at the end of a turn. */
export interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];

/** Has `flush` called at the end of this turn. The caller makes sure that it asks once a turn. */
export function flushAtEndOfTurn(flushable: Flushable): void {
  if (waiting.length === 0) setImmediate(flushAll);
  waiting.push(flushable);
}

function flushAll(): void {
  const due = waiting;
  waiting = [];
  for (const flushable of due) flushable.flush();
}
