/**
 * Publications and signals on their way to the disk: whatever comes while one transaction is being stored is stored by the
 * next, all together. The event loop prepares a transaction; another thread writes and syncs it.
 */

import { BrokerError, type PublishResult } from '@hawser/hub';
import type { CommitFeed } from './commit-feed.ts';
import type { Storage } from './storage.ts';
import { brokerErrorOf } from './storage-errors.ts';
import type { BatchWriter, Commit, WaitingPublication, WriteBatch } from './write-batch.ts';

/** One batch holds the event loop for some milliseconds at most. */
const MAX_BATCH_JOBS = 512;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** What a job costs beside its bytes while it waits. */
const JOB_OVERHEAD_BYTES = 512;

interface Job {
  readonly bytes: number;
  /** Does its part of the transaction, and gives what settles its promise once that is stored. */
  readonly perform: (batch: WriteBatch) => () => void;
  readonly reject: (error: BrokerError) => void;
}

/** The queue before the disk. */
export class GroupCommit {
  readonly #storage: Storage;
  readonly #writer: BatchWriter;
  readonly #maxWaitingBytes: number;
  readonly #feed: CommitFeed;
  #waiting: Job[] = [];
  #waitingBytes = 0;
  #isCommitting = false;
  #whenIdle: () => void = () => undefined;

  constructor(storage: Storage, writer: BatchWriter, feed: CommitFeed, maxWaitingBytes: number) {
    this.#storage = storage;
    this.#writer = writer;
    this.#feed = feed;
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  /** Resolves once the message is stored. */
  publish(waiting: WaitingPublication): Promise<PublishResult> {
    return new Promise((resolve, reject) => {
      const perform = (batch: WriteBatch) => {
        const result = batch.publish(waiting);
        return result instanceof BrokerError ? () => reject(result) : () => resolve(result);
      };
      this.#add({ bytes: waiting.size.total, perform, reject });
    });
  }

  /** Resolves once the signal is stored. */
  signal(signal: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const perform = (batch: WriteBatch) => {
        batch.signal(signal);
        return resolve;
      };
      this.#add({ bytes: signal.length, perform, reject });
    });
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    if (!this.#isCommitting) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  #add(job: Job): void {
    const bytes = this.#waitingBytes + job.bytes + JOB_OVERHEAD_BYTES;
    if (bytes > this.#maxWaitingBytes) {
      const message = `Expected at most ${this.#maxWaitingBytes} bytes to wait for the disk, received ${bytes}`;
      job.reject(new BrokerError('full', message));
      return;
    }
    this.#waitingBytes = bytes;
    this.#waiting.push(job);
    if (!this.#isCommitting) void this.#commitAll();
  }

  async #commitAll(): Promise<void> {
    this.#isCommitting = true;
    while (this.#waiting.length > 0) await this.#commitNext();
    this.#isCommitting = false;
    this.#whenIdle();
  }

  async #commitNext(): Promise<void> {
    let jobs: readonly Job[] = [];
    let commit: Commit | undefined;
    let settlements: readonly (() => void)[] = [];
    try {
      await this.#storage.transact(() => {
        // Not before: whatever came while the transaction waited for its turn belongs to it.
        jobs = this.#take();
        const batch = this.#writer.begin();
        settlements = jobs.map((job) => job.perform(batch));
        commit = batch.finish();
        if (commit !== undefined) this.#feed.prepare(commit);
      });
    } catch (error) {
      if (commit !== undefined) this.#feed.discard(commit);
      // If not even the transaction began, its jobs are still waiting.
      this.#fail(jobs.length > 0 ? jobs : this.#take(), error);
      return;
    }
    this.#succeed(settlements);
  }

  #fail(jobs: readonly Job[], error: unknown): void {
    for (const { reject } of jobs) reject(brokerErrorOf(error));
  }

  /** Listeners hear of a message before its publisher does. */
  #succeed(settlements: readonly (() => void)[]): void {
    try {
      this.#feed.tellCommitted();
    } catch {
      // Reading failed, the messages are stored all the same. The feed tries again when it next looks.
    }
    for (const settle of settlements) settle();
  }

  #take(): readonly Job[] {
    let count = 0;
    let bytes = 0;
    for (const job of this.#waiting) {
      if (count === MAX_BATCH_JOBS || (count > 0 && bytes + job.bytes > MAX_BATCH_BYTES)) break;
      bytes += job.bytes;
      count += 1;
    }
    const jobs = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#waitingBytes -= bytes + count * JOB_OVERHEAD_BYTES;
    return jobs;
  }
}
