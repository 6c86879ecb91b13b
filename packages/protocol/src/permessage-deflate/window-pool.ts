/**
 * The windows that context takeover keeps between messages (RFC 7692 §7.1.1), all in one pool with one budget. A
 * window that we send with can be dropped at any time: the next message then refers to nothing, which the receiver
 * need not be told; the least recently used goes first. A window that we receive with must be kept, so its memory is
 * reserved when it is negotiated, and takeover is declined if there is no room.
 */

import { Budget } from '../budget.ts';

const DEFAULT_POOL_LENGTH = 64 * 1024 * 1024;

/** What the pool has given to one direction of one connection. */
export interface PooledWindow {
  /** The last bytes sent or received; undefined for none. */
  bytes: Uint8Array | undefined;
}

/** The windows of any number of connections. */
export class WindowPool {
  readonly #limit: number;
  readonly #budget: Budget;
  #used = 0;
  /** The sending windows that hold bytes, least recently used first. */
  readonly #sending = new Set<PooledWindow>();

  /**
   * @param limit In bytes. Default 64 MiB.
   * @param budget The process's budget, from which they come. Default: one of its own.
   */
  constructor(limit: number = DEFAULT_POOL_LENGTH, budget: Budget = new Budget()) {
    this.#limit = limit;
    this.#budget = budget;
  }

  /** Bytes in use and reserved. */
  get used(): number {
    return this.#used;
  }

  /** Reserves memory for a receiving window, at the cost of sending windows. Returns whether there was enough. */
  reserve(length: number): boolean {
    return this.#take(length);
  }

  /** Gives a reservation back. */
  release(length: number): void {
    this.#used -= length;
    this.#budget.give(length);
  }

  /** Notes what a sending window holds now; if the pool has no room for it, it holds nothing. */
  keep(window: PooledWindow, bytes: Uint8Array): void {
    this.drop(window);
    if (!this.#take(bytes.length)) return;
    window.bytes = bytes;
    this.#sending.add(window);
  }

  /** Empties a sending window. */
  drop(window: PooledWindow): void {
    this.release(window.bytes?.length ?? 0);
    window.bytes = undefined;
    this.#sending.delete(window);
  }

  /** Takes bytes; while they are not there, in the pool or in the process's budget, sending windows give way. */
  #take(length: number): boolean {
    if (length > this.#limit) return false;
    while (this.#used + length > this.#limit || !this.#budget.take(length)) {
      const [oldest] = this.#sending;
      if (oldest === undefined) return false;
      this.drop(oldest);
    }
    this.#used += length;
    return true;
  }
}

/** The window after `bytes`: the last `length` bytes of what was in it and of what came, in memory of its own. */
export function slideWindow(window: Uint8Array | undefined, bytes: Uint8Array, length: number): Uint8Array {
  const kept = Math.min(window?.length ?? 0, Math.max(0, length - bytes.length));
  const added = bytes.subarray(Math.max(0, bytes.length - length));
  const slid = new Uint8Array(kept + added.length);
  if (window !== undefined) slid.set(window.subarray(window.length - kept));
  slid.set(added, kept);
  return slid;
}
