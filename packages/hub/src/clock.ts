/**
 * Time, as the hub sees it: injected everywhere, so that tests turn the hands and never sleep.
 */

/** A clock with timers. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. For durations. */
  now(): number;
  /** Milliseconds since 1970, UTC. For what is stored or was promised elsewhere: messages, tokens. */
  date(): number;
  /** Calls back once, `delayMs` from now, unless the returned function is called before. */
  schedule(callback: () => void, delayMs: number): CancelTimer;
}

/** Stops a timer; does nothing once it has run. */
export type CancelTimer = () => void;

/** Node.js and browsers count no further, and run at once what is to run later. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers do not keep the process alive: the sockets of the connections do. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_DELAY_MS));
    if (typeof timer === 'object') timer.unref();
    return () => clearTimeout(timer);
  },
};
