/**
 * What a transaction clears away beside its own work, always some at a time: messages of channels that nobody publishes to
 * any more, channels that nobody needs, commits that everybody has heard of.
 */

import { ChannelLog } from './channel-log.ts';
import { committedAtOf } from './commit-record.ts';
import type { LmdbBrokerOptions } from './options.ts';
import type { Storage } from './storage.ts';

const CHANNELS_PER_STEP = 2;
const MESSAGES_PER_CHANNEL = 64;
/** More than a transaction adds. */
const COMMITS_PER_STEP = 4;

/** Goes round the storage. */
export class Sweep {
  readonly #storage: Storage;
  readonly #options: Required<LmdbBrokerOptions>;
  /** Where it goes on; undefined for the beginning. */
  #cursor: Buffer | undefined;

  constructor(storage: Storage, options: Required<LmdbBrokerOptions>) {
    this.#storage = storage;
    this.#options = options;
  }

  /** Clears away the next things, within a transaction whose own channels are written. */
  step(now: number): void {
    this.#sweepCommits(now);
    const from = this.#cursor === undefined ? {} : { start: this.#cursor, exclusiveStart: true };
    const keys = Array.from(this.#storage.channels.getKeys({ ...from, limit: CHANNELS_PER_STEP }));
    this.#cursor = keys.length < CHANNELS_PER_STEP ? undefined : keys.at(-1);
    for (const key of keys) this.#sweepChannel(new ChannelLog(this.#storage, key), now);
  }

  #sweepChannel(log: ChannelLog, now: number): void {
    const { record } = log;
    const { graceMs, idleMs, idempotenceMs } = this.#options;
    const isIdle = now - record.usedAt > Math.max(idleMs, idempotenceMs);
    if (isIdle && record.floor > record.head) {
      this.#storage.channels.removeSync(log.key);
      this.#storage.forgotten += 1;
      return;
    }
    const oldest = log.oldestAt(now);
    if (oldest === record.oldest && record.floor === oldest) return;
    record.oldest = oldest;
    log.deleteDisposable(MESSAGES_PER_CHANNEL, graceMs, now);
    log.write();
  }

  #sweepCommits(now: number): void {
    const { commits } = this.#storage;
    for (const { key, value } of Array.from(commits.getRange({ limit: COMMITS_PER_STEP }))) {
      if (Math.abs(now - committedAtOf(value)) < this.#options.graceMs) return;
      commits.removeSync(key);
    }
  }
}
