/**
 * The few web globals that the hub may use. The package compiles with `types: []` and without the DOM, so whatever is not
 * declared here does not exist for it.
 */

declare const performance: { now(): number };

/** A number in browsers, an object in Node.js. */
type TimerHandle = number | { unref(): unknown };
declare function setTimeout(callback: () => void, delayMs: number): TimerHandle;
declare function clearTimeout(timer: TimerHandle): void;

declare const crypto: {
  getRandomValues(target: Uint8Array<ArrayBuffer>): unknown;
  readonly subtle: { digest(algorithm: 'SHA-256', data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> };
};
