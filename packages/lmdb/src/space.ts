/** How much of the allowed disk space is in use: counted by LMDB now and then, and estimated in between. */

import type { Storage } from './storage.ts';

/** What a message costs beside its bytes: its key, its head, its id, and what pages waste. */
const ENTRY_OVERHEAD_BYTES = 256;
/** Counting costs as much as storing some messages does. */
const TRANSACTIONS_PER_COUNT = 32;
const COUNTS_PER_SPACE = 64;

/** The disk space of a storage. */
export class Space {
  readonly #storage: Storage;
  readonly #maxBytes: number;
  #usedBytes = 0;
  #addedBytes = Number.POSITIVE_INFINITY;
  #transactions = 0;

  constructor(storage: Storage, maxBytes: number) {
    this.#storage = storage;
    this.#maxBytes = maxBytes;
  }

  /** A transaction begins. */
  begin(): void {
    this.#transactions += 1;
    const isDue =
      this.#transactions >= TRANSACTIONS_PER_COUNT || this.#addedBytes > this.#maxBytes / COUNTS_PER_SPACE;
    if (!isDue) return;
    this.#usedBytes = this.#storage.usedBytes;
    this.#addedBytes = 0;
    this.#transactions = 0;
  }

  /** Takes space for a message. Returns whether there is some. */
  take(bytes: number): boolean {
    const added = this.#addedBytes + bytes + ENTRY_OVERHEAD_BYTES;
    if (this.#usedBytes + added > this.#maxBytes) return false;
    this.#addedBytes = added;
    return true;
  }
}
