/**
 * Time, as the package sees it: injected everywhere, so that tests turn the hands and never sleep.
 */

/** A monotonic clock with timers. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls back once, `delayMs` from now, unless the returned function is called before. */
  schedule(callback: () => void, delayMs: number): CancelTimer;
}

/** Stops a timer; does nothing once it has run. */
export type CancelTimer = () => void;

/** Node.js counts no further, and runs at once what is to run later. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers do not keep the process alive: the sockets that they watch do. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_DELAY_MS)).unref();
    return () => clearTimeout(timer);
  },
};
