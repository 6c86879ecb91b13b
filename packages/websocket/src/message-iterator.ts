/**
 * The messages of a peer, or the parts of one, as an async iteration that reads no faster than its consumer: between
 * two calls of `next` the source is paused, so at most one waits here. Used by `peer.ts` and `incoming-message.ts`.
 */

type Message = string | Uint8Array;

/** What the iterator holds back while nobody waits. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** What the next call of `next` is answered with, if it is known already. */
type Outcome =
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'error'; readonly error: Error };

interface Waiter {
  resolve(result: IteratorResult<Message, undefined>): void;
  reject(error: Error): void;
}

/** One consumer's view of the messages. */
export class MessageIterator implements AsyncIterableIterator<Message> {
  readonly #source: Pausable;
  readonly #release: () => void;
  readonly #waiters: Waiter[] = [];
  readonly #outcomes: Outcome[] = [];
  #isDone = false;

  /** @param release Called when the consumer leaves the loop, before the source goes on. */
  constructor(source: Pausable, release: () => void) {
    this.#source = source;
    this.#release = release;
    source.pause();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const outcome = this.#outcomes.shift();
    if (outcome?.type === 'message') return Promise.resolve({ done: false, value: outcome.message });
    if (outcome?.type === 'error') return Promise.reject(outcome.error);
    if (this.#isDone) {
      this.#source.resume();
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#source.resume();
    });
  }

  return(): Promise<IteratorResult<Message, undefined>> {
    this.end();
    this.#outcomes.length = 0;
    this.#release();
    this.#source.resume();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** A message came. */
  push(message: Message): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#outcomes.push({ type: 'message', message });
    else waiter.resolve({ done: false, value: message });
    if (this.#waiters.length === 0) this.#source.pause();
  }

  /** The connection was failed: the consumer is told once. */
  fail(error: Error): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#outcomes.push({ type: 'error', error });
    else waiter.reject(error);
    this.end();
  }

  /** No messages follow. */
  end(): void {
    this.#isDone = true;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined });
  }
}
