/**
 * Memory that peers can make us hold, counted in bytes: one budget for the process and, drawn from it, one account
 * for each connection. Whatever is kept for a peer (fragments, answers to Pings, output, compression windows) is
 * taken from the account when it is kept and given back when it is let go. Counting only payload bytes is not
 * enough: a piece costs more than its bytes, so each piece is charged `PIECE_OVERHEAD` on top.
 */

/** What keeping one piece costs beside its bytes: the view, its place in a list, the memory's own header. */
export const PIECE_OVERHEAD: number = 192;

const DEFAULT_BUDGET = 1024 * 1024 * 1024;

/** The bytes that all connections of a process may hold together. */
export class Budget {
  /** In bytes. */
  readonly limit: number;
  #used = 0;

  /** @param limit In bytes. Default 1 GiB. */
  constructor(limit: number = DEFAULT_BUDGET) {
    this.limit = limit;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  /** Takes bytes, if they are there. */
  take(length: number): boolean {
    if (this.#used + length > this.limit) return false;
    this.#used += length;
    return true;
  }

  /** Gives bytes back. */
  give(length: number): void {
    this.#used -= length;
  }
}

/** The bytes that one connection holds. */
export class Account {
  readonly #limit: number;
  readonly #budget: Budget;
  #used = 0;

  /**
   * @param limit Most bytes for this connection.
   * @param budget The process's budget, from which they come.
   */
  constructor(limit: number, budget: Budget) {
    this.#limit = limit;
    this.#budget = budget;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  /** Takes bytes, if both the connection and the process have them. */
  take(length: number): boolean {
    if (this.#used + length > this.#limit || !this.#budget.take(length)) return false;
    this.#used += length;
    return true;
  }

  /** Gives bytes back. */
  give(length: number): void {
    this.#used -= length;
    this.#budget.give(length);
  }
}
