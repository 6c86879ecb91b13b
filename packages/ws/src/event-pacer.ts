/**
 * One event a turn, for `allowSynchronousEvents: false`: after each, the promises and ticks that its listeners left
 * have run before the next one comes. The connection is paused meanwhile. Used by `link.ts`.
 */

import type { DuplexDriver } from '@hawser/websocket/driver';

/** Spreads the events of one connection over turns of the event loop. */
export class EventPacer {
  readonly #driver: DuplexDriver;
  #events: (() => void)[] = [];
  #isPaused = false;

  constructor(driver: DuplexDriver) {
    this.#driver = driver;
  }

  /** Takes an event; it comes in a turn of its own. */
  add(event: () => void): void {
    this.#driver.pause();
    this.#events.push(event);
    if (this.#events.length === 1) setImmediate(this.#next);
  }

  pause(): void {
    this.#isPaused = true;
    this.#driver.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#events.length === 0) this.#driver.resume();
  }

  readonly #next = (): void => {
    const [event] = this.#events;
    event?.();
    this.#events.shift();
    if (this.#events.length > 0) setImmediate(this.#next);
    else if (!this.#isPaused) this.#driver.resume();
  };
}
