/** Timers as a parameter: the page hands in the browser's, the tests a clock of their own, and so no test waits. */

/** Runs something after a delay, unless what is returned is called before. */
export type Schedule = (delayMs: number, run: () => void) => () => void;

export const scheduleWithBrowser: Schedule = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};
