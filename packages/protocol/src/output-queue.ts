/**
 * What a connection has to write, in order, until the transport takes it. Small frames are written side by side into
 * a slab that connections share, large payloads stay where they are; so all that a connection sends in one turn of
 * the loop leaves as few, long runs of bytes. Before: `frame-encoder.ts`; after: `connection.ts`, `takeOutput`.
 */

import { type Account, PIECE_OVERHEAD } from './budget.ts';
import { type Allocate, isWorthItsMemory } from './bytes.ts';
import type { BytesOutput } from './connection-events.ts';
import { SharedRun } from './shared-run.ts';

const DEFAULT_BLOCK_LENGTH = 16 * 1024;

const noBlock: Uint8Array = new Uint8Array(0);

/** Frames up to this length are copied into the slab; longer payloads go by reference. */
export const MAX_COPIED_LENGTH: number = 4 * 1024;

/**
 * Memory that is handed out from front to back, block after block. A block lives as long as somebody still has to
 * write a part of it, which is why a connection whose transport is stuck uses a slab of its own.
 */
export class Slab {
  readonly allocate: Allocate;
  readonly #blockLength: number;
  /** Where to write; empty until the first `reserve`. */
  block: Uint8Array = noBlock;
  position = 0;
  /** Where the runs of frames begin that several connections share. */
  readonly emptyRun: SharedRun = new SharedRun();

  /** @param blockLength In bytes, at least `MAX_COPIED_LENGTH`. Default 16 KiB. */
  constructor(
    allocate: Allocate = (length) => new Uint8Array(length),
    blockLength: number = DEFAULT_BLOCK_LENGTH,
  ) {
    this.allocate = allocate;
    this.#blockLength = blockLength;
  }

  /** Makes sure that `length` bytes (at most a block) lie in one piece from `position` on. */
  reserve(length: number): void {
    if (this.position + length <= this.block.length) return;
    this.block = this.allocate(this.#blockLength);
    this.position = 0;
  }
}

/** The bytes that one connection has to write. */
export class OutputQueue {
  readonly #sharedSlab: Slab;
  readonly #account: Account;
  #slab: Slab;
  #finished: BytesOutput[] = [];
  /** What stands at the end of the queue and can still grow: frames shared with others, or else … */
  #sharedRun: SharedRun | undefined;
  /** … a run of our own, in `#block` from `#start` to `#end`. */
  #block: Uint8Array = noBlock;
  #start = 0;
  #end = 0;
  #length = 0;
  #charged = 0;
  /** What was charged for the bytes that were taken last, and what is charged for those that the transport holds. */
  #lastTaken = 0;
  #inTransport = 0;
  #isOverBudget = false;

  constructor(sharedSlab: Slab, account: Account) {
    this.#sharedSlab = sharedSlab;
    this.#account = account;
    this.#slab = sharedSlab;
  }

  /** An empty queue at the cost of the same connection, for what waits apart: in memory of its own, for who knows how long. */
  apart(): OutputQueue {
    const queue = new OutputQueue(this.#sharedSlab, this.#account);
    queue.setStuck(true);
    return queue;
  }

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Whether more was put in than the account has; it stays so until the queue is emptied. */
  get isOverBudget(): boolean {
    return this.#isOverBudget;
  }

  /** The slab to write into: call its `reserve`, write at its `position`, then `commit`. */
  get slab(): Slab {
    return this.#slab;
  }

  /** Takes over `length` bytes that were written at the slab's `position`. */
  commit(length: number): void {
    const slab = this.#slab;
    const goesOn = slab.block === this.#block && slab.position === this.#end && this.#sharedRun === undefined;
    if (!goesOn) this.#beginRun(slab.block, slab.position);
    slab.position += length;
    this.#end = slab.position;
    this.#charge(length);
    this.#length += length;
  }

  /** Appends bytes by reference; they must not change until they are written. */
  append(bytes: Uint8Array): void {
    this.#finishRun();
    // What waits for a stuck transport may be a small part of a received chunk, and only the part is charged for.
    const isStuck = this.#slab !== this.#sharedSlab;
    this.#finish(isStuck && !isWorthItsMemory(bytes) ? new Uint8Array(bytes) : bytes);
    this.#charge(bytes.length + PIECE_OVERHEAD);
    this.#length += bytes.length;
  }

  /** Appends a frame that other connections write too; together with those before and after it, it is joined once. */
  appendShared(frame: Uint8Array): void {
    if (frame.length > MAX_COPIED_LENGTH) return this.append(frame);
    if (this.#sharedRun === undefined) this.#finishRun();
    const run = (this.#sharedRun ?? this.#sharedSlab.emptyRun).extend(frame);
    if (run === undefined) this.#finishRun();
    this.#sharedRun = run ?? this.#sharedSlab.emptyRun.extend(frame);
    this.#charge(frame.length);
    this.#length += frame.length;
  }

  /** Empties the queue and lets go of the block: a connection that is idle must not keep it alive. */
  take(): BytesOutput[] {
    this.#beginRun(noBlock, 0);
    const taken = this.#finished;
    this.#finished = [];
    this.#length = 0;
    this.#account.give(this.#charged);
    this.#lastTaken = this.#charged;
    this.#charged = 0;
    this.#isOverBudget = false;
    return taken;
  }

  /** Empties the queue for good: nobody writes what was in it. */
  drop(): void {
    this.take();
    this.#lastTaken = 0;
  }

  /**
   * Says whether the transport still holds what was taken last. If so it is charged for until the transport does not,
   * and what is sent meanwhile is written into a slab apart: a stuck connection must not keep the blocks alive that all
   * others write through.
   */
  setStuck(stuck: boolean): void {
    if (stuck !== (this.#slab !== this.#sharedSlab)) {
      this.#slab = stuck ? new Slab(this.#sharedSlab.allocate, MAX_COPIED_LENGTH) : this.#sharedSlab;
    }
    if (!stuck) {
      this.#account.give(this.#inTransport);
      this.#inTransport = 0;
    } else if (this.#account.take(this.#lastTaken)) this.#inTransport += this.#lastTaken;
    this.#lastTaken = 0;
  }

  #charge(length: number): void {
    if (this.#account.take(length)) this.#charged += length;
    else this.#isOverBudget = true;
  }

  #beginRun(block: Uint8Array, start: number): void {
    this.#finishRun();
    this.#block = block;
    this.#start = start;
    this.#end = start;
  }

  #finishRun(): void {
    if (this.#sharedRun !== undefined) this.#finished.push(this.#sharedRun.output(this.#sharedSlab.allocate));
    else if (this.#end > this.#start) this.#finish(this.#block.subarray(this.#start, this.#end));
    this.#sharedRun = undefined;
    this.#start = this.#end;
  }

  #finish(bytes: Uint8Array): void {
    this.#finished.push({ type: 'bytes', bytes });
  }
}
