/**
 * The commands of one connection, in order: one is begun when it is known for all before it whether they are allowed, and those
 * that change the connection itself are over. So what was sent one after another takes effect so, and yet publications do
 * not wait for the storage one by one. Bounded: when too much is under way, no more is read. Used by `connection.ts`.
 */

import type { Command } from '@hawser/wire';

/** Commands of all connections that are not answered yet, in bytes. */
export interface CommandLoad {
  bytes: number;
}

/** A command, and what it weighs. */
export interface PendingCommand {
  readonly command: Command;
  readonly bytes: number;
}

/** Who carries commands out. */
export interface CommandRunner {
  /** Begins a command. What is returned is over when the next may begin; undefined: at once. Must not throw or reject. */
  begin(pending: PendingCommand): Promise<void> | undefined;
  /** Whether commands may be read, from now on. */
  setReading(isReading: boolean): void;
}

/** The commands of one connection that are not answered yet. */
export class CommandQueue {
  readonly #runner: CommandRunner;
  readonly #load: CommandLoad;
  readonly #limit: number;
  /** Made when something has to wait, which for most connections is once: behind `connect`. */
  #waiting: PendingCommand[] | undefined;
  #underWay = 0;
  #isBlocked = false;
  #isPaused = false;

  constructor(runner: CommandRunner, load: CommandLoad, limit: number) {
    this.#runner = runner;
    this.#load = load;
    this.#limit = limit;
  }

  /** Commands that are not answered yet. */
  get size(): number {
    return this.#underWay;
  }

  /** Takes a command; it counts until `settle`. */
  add(pending: PendingCommand): void {
    this.#underWay += 1;
    this.#load.bytes += pending.bytes;
    if (this.#underWay >= this.#limit && !this.#isPaused) {
      this.#isPaused = true;
      this.#runner.setReading(false);
    }
    if (!this.#isBlocked) return this.#begin(pending);
    this.#waiting ??= [];
    this.#waiting.push(pending);
  }

  /** A command was answered. */
  settle({ bytes }: PendingCommand): void {
    this.#underWay -= 1;
    this.#load.bytes -= bytes;
    if (!this.#isPaused || this.#underWay > this.#limit / 2) return;
    this.#isPaused = false;
    this.#runner.setReading(true);
  }

  /** The connection is gone: what waits is not begun. */
  clear(): void {
    for (const pending of this.#waiting ?? []) this.settle(pending);
    this.#waiting = undefined;
  }

  #begin(pending: PendingCommand): void {
    const blocking = this.#runner.begin(pending);
    if (blocking !== undefined) void this.#blockUntil(blocking);
  }

  async #blockUntil(blocking: Promise<void>): Promise<void> {
    this.#isBlocked = true;
    await blocking;
    this.#isBlocked = false;
    while (this.#waiting !== undefined && !this.#isBlocked) {
      const next = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waiting = undefined;
      if (next !== undefined) this.#begin(next);
    }
  }
}
