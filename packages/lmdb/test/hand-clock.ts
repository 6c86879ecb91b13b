/** A clock that the test sets; its timers run when the test says so. */
export class HandClock {
  now = 1_000_000_000;
  readonly #timers = new Set<() => void>();

  date(): number {
    return this.now;
  }

  schedule(callback: () => void): () => void {
    this.#timers.add(callback);
    return () => {
      this.#timers.delete(callback);
    };
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Runs the timers that wait now. */
  tick(): void {
    const due = [...this.#timers];
    this.#timers.clear();
    for (const callback of due) callback();
  }
}
