/**
 * The durable broker: the logs of all channels in one directory, for one process or several. Publications go through
 * `group-commit.ts` to the disk, and then through `commit-feed.ts` to the listeners; reading is one range of the database.
 */

import {
  type Broker,
  BrokerError,
  type ChannelState,
  type LogListener,
  type Publication,
  type PublishResult,
  type ReadLimits,
  type ReadResult,
  type Retention,
  type SignalListener,
  type StopListening,
} from '@hawser/hub';
import { checkReading, checkRetention, sizeOf } from '@hawser/hub/broker-parts';
import { ChannelLog } from './channel-log.ts';
import { CommitFeed } from './commit-feed.ts';
import { GroupCommit } from './group-commit.ts';
import { completeOptions, type LmdbBrokerOptions } from './options.ts';
import { Storage } from './storage.ts';
import { brokerErrorOf } from './storage-errors.ts';
import { channelKey } from './storage-key.ts';
import { BatchWriter } from './write-batch.ts';

/**
 * The log of all channels, on disk.
 *
 * @example
 * ```ts
 * const broker = await LmdbBroker.open({ directory: 'data/log' });
 * ```
 */
export class LmdbBroker implements Broker {
  readonly #options: Required<LmdbBrokerOptions>;
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #feed: CommitFeed;
  #closing: Promise<void> | undefined;

  /** Opens the log in a directory, which is made if it is missing. Rejects with a BrokerError if that fails. */
  static async open(options: LmdbBrokerOptions): Promise<LmdbBroker> {
    const complete = completeOptions(options);
    return new LmdbBroker(await Storage.open(complete), complete);
  }

  private constructor(storage: Storage, options: Required<LmdbBrokerOptions>) {
    this.#options = options;
    this.#storage = storage;
    this.#feed = new CommitFeed(storage, options.clock, options.pollMs);
    const writer = new BatchWriter(storage, options);
    this.#commits = new GroupCommit(storage, writer, this.#feed, options.maxWaitingBytes);
  }

  async publish(channel: string, publication: Publication, retention: Retention): Promise<PublishResult> {
    this.#checkOpen();
    checkRetention(retention);
    const key = channelKey(channel);
    return this.#commits.publish({ channel, key, publication, size: sizeOf(publication), retention });
  }

  async state(channel: string): Promise<ChannelState> {
    return this.#look(channel, (_, state) => state);
  }

  async read(channel: string, after: number, limits: ReadLimits): Promise<ReadResult> {
    checkReading(after, limits);
    return this.#look(channel, (log, state) => {
      const first = Math.max(Math.floor(after) + 1, state.oldest);
      return { ...state, entries: log.read(first, limits) };
    });
  }

  async readBefore(channel: string, before: number, limits: ReadLimits): Promise<ReadResult> {
    checkReading(before, limits);
    return this.#look(channel, (log, state) => {
      const last = Math.min(Math.ceil(before) - 1, state.head);
      return { ...state, entries: log.readBackwards(last, state.oldest, limits).reverse() };
    });
  }

  async listen(channel: string, listener: LogListener): Promise<StopListening> {
    return this.#access(() => this.#feed.listen(channel, listener));
  }

  async signal(signal: string): Promise<void> {
    this.#checkOpen();
    return this.#commits.signal(signal);
  }

  onSignal(listener: SignalListener): StopListening {
    return this.#access(() => this.#feed.onSignal(listener));
  }

  /**
   * Copies the log into another directory while it is in use: as it was at one moment, and without the room that is free.
   * Rejects if there is a log already.
   */
  async backUp(directory: string): Promise<void> {
    this.#checkOpen();
    await this.#storage.copyTo(directory);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#commits.idle();
    this.#feed.close();
    await this.#storage.close();
  }

  /** Reads a channel as all processes have left it. */
  #look<T>(channel: string, read: (log: ChannelLog, state: ChannelState) => T): T {
    return this.#access(() => {
      this.#storage.refresh();
      const log = new ChannelLog(this.#storage, channelKey(channel));
      const oldest = log.oldestAt(this.#options.clock.date());
      return read(log, { epoch: log.epoch, head: log.record.head, oldest });
    });
  }

  #access<T>(action: () => T): T {
    this.#checkOpen();
    try {
      return action();
    } catch (error) {
      throw brokerErrorOf(error);
    }
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new BrokerError('closed', 'Expected an open broker, received one that was closed');
  }
}
