/**
 * Time, as the client sees it: injected everywhere, so that tests turn the hands and never sleep.
 */

/** A clock with timers. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. For durations. */
  now(): number;
  /** Milliseconds since 1970, UTC. For what outlives a page; and it jumps when the machine has slept. */
  date(): number;
  /** Calls back once, `delayMs` from now, unless the returned function is called before. */
  schedule(callback: () => void, delayMs: number): CancelTimer;
}

/** Stops a timer; does nothing once it has run. */
export type CancelTimer = () => void;

/** Node.js and browsers count no further, and run at once what is to run later. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers keep a process alive: a client that is about to come back is at work. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
