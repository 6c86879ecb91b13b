/** What has come and what is waited for, one after the other. `participant.ts` has one for messages and one for presence. */

/** A queue that is read by one reader at a time. */
export class EventQueue<T> {
  readonly #items: T[] = [];
  #waiting: { resolve(item: T): void; reject(reason: Error): void } | undefined;
  #ended: Error | undefined;

  /** How many have come and were not asked for. */
  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve(item);
    else this.#items.push(item);
  }

  /** The next item; rejects if there is none and none can come any more. */
  next(): Promise<T> {
    const [item] = this.#items.splice(0, 1);
    if (item !== undefined) return Promise.resolve(item);
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  end(reason: Error): void {
    this.#ended = reason;
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }
}
