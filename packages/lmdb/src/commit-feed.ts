/**
 * Tells listeners what was committed, by this process and by others, in the order of commits. Own commits are told as they
 * are stored, from memory; those of others are noticed by looking at one number every few milliseconds, and read.
 */

import type { LogEntry, LogListener, SignalListener, StopListening } from '@hawser/hub';
import { type Clock, Listeners } from '@hawser/hub/broker-parts';
import { ChannelLog } from './channel-log.ts';
import { type CommitRecord, type CommittedMessages, decodeCommitRecord } from './commit-record.ts';
import type { Storage } from './storage.ts';
import { channelKey, channelName, sequenceKey } from './storage-key.ts';
import type { Commit } from './write-batch.ts';

/** How much is in memory at once when a process catches up. */
const COMMITS_AT_ONCE = 64;
const MESSAGES_AT_ONCE = 256;

interface HeardChannel {
  readonly listeners: Listeners<[entry: LogEntry, epoch: string]>;
  /** The last message that was told: of which epoch, and its offset. */
  epoch: string;
  offset: number;
}

/** Everything that happens in a storage, for those who listen in this process. */
export class CommitFeed {
  readonly #storage: Storage;
  readonly #clock: Pick<Clock, 'schedule'>;
  readonly #pollMs: number;
  readonly #channels = new Map<string, HeardChannel>();
  readonly #signals = new Listeners<[signal: string]>();
  /** What this process commits and has not told yet, so that it need not be read. */
  readonly #own = new Map<number, Commit>();
  /** The number of the last commit that was told. */
  #told: number;
  #isTelling = false;
  #cancelPoll: (() => void) | undefined;

  constructor(storage: Storage, clock: Pick<Clock, 'schedule'>, pollMs: number) {
    this.#storage = storage;
    this.#clock = clock;
    this.#pollMs = pollMs;
    this.#told = storage.lastCommit;
  }

  /** Calls the listener for every message that is stored from now on. */
  listen(name: string, listener: LogListener): StopListening {
    this.#begin();
    this.#storage.refresh();
    const log = new ChannelLog(this.#storage, channelKey(name));
    const [head, epoch] = [log.record.head, log.epoch];
    const channel = this.#channels.get(name) ?? { listeners: new Listeners(), epoch, offset: head };
    this.#channels.set(name, channel);
    // What was stored before may still have to be told to others.
    const stop = channel.listeners.add((entry, itsEpoch) => {
      if (itsEpoch !== epoch || entry.offset > head) listener(entry, itsEpoch);
    });
    return () => {
      stop();
      if (channel.listeners.size === 0 && this.#channels.get(name) === channel) this.#channels.delete(name);
      this.#endIfUnheard();
    };
  }

  /** Calls the listener for every signal from now on. */
  onSignal(listener: SignalListener): StopListening {
    this.#begin();
    this.tellCommitted();
    const stop = this.#signals.add(listener);
    return () => {
      stop();
      this.#endIfUnheard();
    };
  }

  /** This process is about to commit something. */
  prepare(commit: Commit): void {
    if (this.#isHeard) this.#own.set(commit.number, commit);
  }

  /** What was prepared is not going to be committed. */
  discard(commit: Commit): void {
    this.#own.delete(commit.number);
  }

  /** Tells everything that is committed and was not told yet. A listener that brings something about is not interrupted. */
  tellCommitted(): void {
    if (this.#isTelling || !this.#isHeard) return;
    this.#isTelling = true;
    try {
      this.#storage.refresh();
      const last = this.#storage.lastCommit;
      while (this.#told < last) this.#tellNext(last);
    } finally {
      this.#isTelling = false;
    }
  }

  /** Tells nobody any more. */
  close(): void {
    for (const { listeners } of this.#channels.values()) listeners.clear();
    this.#channels.clear();
    this.#signals.clear();
    this.#endIfUnheard();
  }

  get #isHeard(): boolean {
    return this.#channels.size > 0 || this.#signals.size > 0;
  }

  /** What was committed while nobody listened is told to nobody. */
  #begin(): void {
    if (this.#cancelPoll !== undefined) return;
    this.#storage.refresh();
    this.#told = this.#storage.lastCommit;
    this.#schedulePoll();
  }

  #endIfUnheard(): void {
    if (this.#isHeard) return;
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
    this.#own.clear();
  }

  #schedulePoll(): void {
    this.#cancelPoll = this.#clock.schedule(() => {
      this.#schedulePoll();
      this.#poll();
    }, this.#pollMs);
  }

  #poll(): void {
    try {
      this.tellCommitted();
    } catch {
      // The storage failed. Whoever publishes or reads learns that; the next look may succeed.
    }
  }

  #tellNext(last: number): void {
    const own = this.#own.get(this.#told + 1);
    if (own === undefined) {
      this.#tellFromStorage(last);
      return;
    }
    this.#told = own.number;
    this.#own.delete(own.number);
    for (const { channel, epoch, entry } of own.messages) this.#tell(channel, epoch, entry);
    for (const signal of own.signals) this.#signals.tell(signal);
  }

  /** What other processes committed, up to the next own commit. */
  #tellFromStorage(last: number): void {
    const range = { start: sequenceKey(this.#told + 1), end: sequenceKey(last + 1), limit: COMMITS_AT_ONCE };
    const records = Array.from(this.#storage.commits.getRange(range));
    for (const { key, value } of records) {
      const number = key.readUIntBE(0, key.length);
      // Somebody cleared away commits that were not told here: this process stood still for long.
      if (number > this.#told + 1) this.#tellWhatIsKept();
      if (this.#own.has(number)) return;
      this.#told = number;
      this.#tellRecord(decodeCommitRecord(value));
    }
    if (records.length > 0) return;
    this.#tellWhatIsKept();
    this.#told = last;
  }

  #tellRecord({ messages, signals }: CommitRecord): void {
    for (const committed of messages) this.#tellMessages(committed);
    for (const signal of signals) this.#signals.tell(signal);
  }

  #tellMessages({ channel: key, life, first, count }: CommittedMessages): void {
    const name = channelName(key);
    if (!this.#channels.has(name)) return;
    const log = new ChannelLog(this.#storage, key);
    const epoch = this.#storage.epochOf(life);
    for (const entry of log.storedBetween(first, first + count - 1)) this.#tell(name, epoch, entry);
  }

  /** Goes on with what the channels still have. */
  #tellWhatIsKept(): void {
    for (const [name, { epoch, offset }] of this.#channels) {
      const log = new ChannelLog(this.#storage, channelKey(name));
      const { head, floor } = log.record;
      let first = log.epoch === epoch ? Math.max(floor, offset + 1) : floor;
      for (; first <= head; first += MESSAGES_AT_ONCE) {
        const last = Math.min(head, first + MESSAGES_AT_ONCE - 1);
        for (const entry of log.storedBetween(first, last)) this.#tell(name, log.epoch, entry);
      }
    }
  }

  #tell(name: string, epoch: string, entry: LogEntry): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    // After `tellWhatIsKept` a commit may bring what was told already.
    if (channel.epoch === epoch && entry.offset <= channel.offset) return;
    channel.epoch = epoch;
    channel.offset = entry.offset;
    channel.listeners.tell(entry, epoch);
  }
}
