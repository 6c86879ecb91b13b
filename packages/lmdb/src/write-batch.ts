/**
 * What one transaction does: appends the publications that have come together, notes the signals, and clears some things
 * away. Below: `channel-log.ts`, `known-ids.ts`, `sweep.ts`; above: `group-commit.ts`.
 */

import {
  BrokerError,
  type LogEntry,
  type Publication,
  type PublishResult,
  type Retention,
} from '@hawser/hub';
import type { PublicationSize } from '@hawser/hub/broker-parts';
import { ChannelLog } from './channel-log.ts';
import { setRetention } from './channel-record.ts';
import { type CommittedMessages, encodeCommitRecord } from './commit-record.ts';
import { KnownIds } from './known-ids.ts';
import type { LmdbBrokerOptions } from './options.ts';
import { Space } from './space.ts';
import type { Storage } from './storage.ts';
import { sequenceKey } from './storage-key.ts';
import { Sweep } from './sweep.ts';

/** A publication that waits to be stored. */
export interface WaitingPublication {
  readonly channel: string;
  /** The channel's key. */
  readonly key: Buffer;
  readonly publication: Publication;
  readonly size: PublicationSize;
  readonly retention: Retention;
}

/** A message that was stored, as its listeners hear of it. */
export interface CommittedMessage {
  readonly channel: string;
  readonly epoch: string;
  readonly entry: LogEntry;
}

/** What a transaction brought. */
export interface Commit {
  readonly number: number;
  readonly messages: readonly CommittedMessage[];
  readonly signals: readonly string[];
}

/** A channel that the transaction publishes to. */
interface OpenChannel {
  readonly log: ChannelLog;
  readonly headBefore: number;
}

const EXTRA_DELETIONS = 8;
const IDS_PER_STEP = 4;

/** Writes batches; one at a time, within a transaction. */
export class BatchWriter {
  readonly #storage: Storage;
  readonly #options: Required<LmdbBrokerOptions>;
  readonly #ids: KnownIds;
  readonly #sweep: Sweep;
  readonly #space: Space;

  constructor(storage: Storage, options: Required<LmdbBrokerOptions>) {
    this.#storage = storage;
    this.#options = options;
    this.#ids = new KnownIds(storage, options.idempotenceMs);
    this.#sweep = new Sweep(storage, options);
    this.#space = new Space(storage, options.maxBytes);
  }

  /** Begins a batch. */
  begin(): WriteBatch {
    this.#space.begin();
    const parts = { storage: this.#storage, ids: this.#ids, sweep: this.#sweep, space: this.#space };
    return new WriteBatch({ ...parts, options: this.#options, now: this.#options.clock.date() });
  }
}

interface BatchParts {
  readonly storage: Storage;
  readonly options: Required<LmdbBrokerOptions>;
  readonly ids: KnownIds;
  readonly sweep: Sweep;
  readonly space: Space;
  readonly now: number;
}

/** One transaction under way. */
export class WriteBatch {
  readonly #parts: BatchParts;
  readonly #channels = new Map<string, OpenChannel>();
  readonly #messages: CommittedMessage[] = [];
  readonly #signals: string[] = [];

  constructor(parts: BatchParts) {
    this.#parts = parts;
  }

  /** Appends a message, unless its id is known; or gives the error that only this publication has. */
  publish({ channel, key, publication, size, retention }: WaitingPublication): PublishResult | BrokerError {
    const { ids, space, now } = this.#parts;
    const { log } = this.#open(channel, key);
    const { publicationId } = publication;
    const known = publicationId === undefined ? undefined : ids.offsetOf(log, publicationId, now);
    if (known !== undefined) return { position: { epoch: log.epoch, offset: known }, isDuplicate: true };
    if (!space.take(size.total)) return this.#full();
    const entry = log.append(publication, size, now);
    setRetention(log.record, retention);
    if (publicationId !== undefined) ids.add(log, publicationId, now);
    this.#messages.push({ channel, epoch: log.epoch, entry });
    return { position: { epoch: log.epoch, offset: entry.offset }, isDuplicate: false };
  }

  signal(signal: string): void {
    this.#signals.push(signal);
  }

  /** Writes what is left to write, and gives what the transaction brings once it is stored. */
  finish(): Commit | undefined {
    const { storage, ids, sweep, now } = this.#parts;
    const changed = [...this.#channels.values()].flatMap((channel) => this.#finishChannel(channel));
    ids.sweep(IDS_PER_STEP + 2 * this.#messages.length, now);
    sweep.step(now);
    if (changed.length === 0 && this.#signals.length === 0) return undefined;
    const number = storage.lastCommit + 1;
    const record = { committedAt: now, messages: changed, signals: this.#signals };
    storage.commits.putSync(sequenceKey(number), encodeCommitRecord(record));
    storage.lastCommit = number;
    return { number, messages: this.#messages, signals: this.#signals };
  }

  /** Trims once for all publications: what is kept in the end is the same. */
  #finishChannel({ log, headBefore }: OpenChannel): CommittedMessages[] {
    const { options, now } = this.#parts;
    const { head, life } = log.record;
    if (head === headBefore) return [];
    log.trim(now);
    const count = head - headBefore;
    log.deleteDisposable(2 * count + EXTRA_DELETIONS, options.graceMs, now);
    log.write();
    return [{ channel: log.key, life, first: headBefore + 1, count }];
  }

  #open(channel: string, key: Buffer): OpenChannel {
    const open = this.#channels.get(channel);
    if (open !== undefined) return open;
    const log = new ChannelLog(this.#parts.storage, key);
    // What was beyond the retention until now does not come back with a larger one.
    log.trim(this.#parts.now);
    const opened = { log, headBefore: log.record.head };
    this.#channels.set(channel, opened);
    return opened;
  }

  #full(): BrokerError {
    const { maxBytes } = this.#parts.options;
    return new BrokerError(
      'full',
      `Expected the log to fit into ${maxBytes} bytes, received one message too many`,
    );
  }
}
