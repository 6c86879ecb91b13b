/**
 * Those who hear of something: the listeners of a channel's log, or of a broker's signals. Keeps the order for all of them,
 * even if one of them brings about the next thing to tell, and lets everyone join and leave meanwhile.
 */

import type { StopListening } from './broker.ts';

type Listener<Told extends readonly unknown[]> = (...told: Told) => void;

interface Listening<Told extends readonly unknown[]> {
  readonly listener: Listener<Told>;
  hasStopped: boolean;
}

interface Announcement<Told extends readonly unknown[]> {
  readonly told: Told;
  /** Who listened when it happened. */
  readonly audience: readonly Listening<Told>[];
}

/** Tells each listener everything since it joined, once and in order. */
export class Listeners<Told extends readonly unknown[]> {
  /** Replaced, never changed, so that an audience stays as it was. */
  #audience: readonly Listening<Told>[] = [];
  readonly #waiting: Announcement<Told>[] = [];
  #isTelling = false;

  get size(): number {
    return this.#audience.length;
  }

  /** Tells the listener of everything from now on. */
  add(listener: Listener<Told>): StopListening {
    const listening: Listening<Told> = { listener, hasStopped: false };
    this.#audience = [...this.#audience, listening];
    return () => {
      listening.hasStopped = true;
      this.#audience = this.#audience.filter((other) => other !== listening);
    };
  }

  /** Tells nobody any more. */
  clear(): void {
    for (const listening of this.#audience) listening.hasStopped = true;
    this.#audience = [];
  }

  /** Tells everyone; after what is being told, if a listener calls this. */
  tell(...told: Told): void {
    if (this.#isTelling) {
      this.#waiting.push({ told, audience: this.#audience });
      return;
    }
    this.#isTelling = true;
    announce(told, this.#audience);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      announce(next.told, next.audience);
    }
    this.#isTelling = false;
  }
}

function announce<Told extends readonly unknown[]>(told: Told, audience: readonly Listening<Told>[]): void {
  for (const listening of audience) {
    if (listening.hasStopped) continue;
    try {
      listening.listener(...told);
    } catch (error) {
      // The others must hear of it all the same. It is a defect, so it surfaces: as an unhandled rejection.
      void Promise.reject(error);
    }
  }
}
