/**
 * The broker of a hub that keeps its logs in memory: the fastest, for one process, and gone when that ends. Below it, one
 * `memory-log.ts` a channel. A publication is stored and told to all listeners before `publish` returns its promise.
 */

import type {
  Broker,
  ChannelState,
  LogEntry,
  LogListener,
  Publication,
  PublishResult,
  ReadLimits,
  ReadResult,
  Retention,
  SignalListener,
  StopListening,
} from './broker.ts';
import { BrokerError } from './broker-error.ts';
import { type Clock, systemClock } from './clock.ts';
import { Listeners } from './listeners.ts';
import { MemoryLog, memoryOf } from './memory-log.ts';
import { checkReading, checkRetention, type PublicationSize, sizeOf } from './publication-size.ts';
import { type FillRandom, randomText } from './random-text.ts';

/** Every option of a broker in memory. */
export interface MemoryBrokerOptions {
  /**
   * Memory for the messages, ids and names of all channels together, in bytes. Publishing beyond it fails with `full`.
   * Default: 256 MiB.
   */
  readonly maxBytes?: number;
  /** How long the id of a publication is known, in ms, even if its message was trimmed. Default: 10 minutes. */
  readonly idempotenceMs?: number;
  /**
   * Bytes for the ids of a channel's trimmed messages; the oldest make room. Default: 1 MiB. Danger: where it is too low
   * for the channel's rate, a late retry is stored again.
   */
  readonly maxIdBytes?: number;
  /**
   * How long a channel without messages and listeners is remembered, in ms; then it begins a new epoch. Default: 1 hour.
   */
  readonly idleMs?: number;
  /** Tells how old messages are. Default: the machine's clock. */
  readonly clock?: Pick<Clock, 'date'>;
  /** Fills the bytes that epochs are made of. Default: the platform's secure randomness. */
  readonly random?: FillRandom;
}

const defaults: Required<MemoryBrokerOptions> = {
  maxBytes: 256 * 1024 * 1024,
  idempotenceMs: 10 * 60_000,
  maxIdBytes: 1024 * 1024,
  idleMs: 60 * 60_000,
  clock: systemClock,
  random: (target) => crypto.getRandomValues(target),
};

/** What a channel costs beside its name and its messages. */
const CHANNEL_OVERHEAD_BYTES = 1024;
/** Channels that a publication looks after on its way, more than it can begin; and how many when there is no room. */
const SWEEP_STEPS = 2;
const SWEEP_STEPS_WHEN_FULL = 64;

interface Channel {
  readonly log: MemoryLog;
  readonly listeners: Listeners<[entry: LogEntry, epoch: string]>;
  usedAt: number;
}

/**
 * The log of all channels, in memory.
 *
 * When it is full, publishing fails with `full` until messages grow old: what is promised to the readers of one channel is
 * not taken from them for the sake of another.
 */
export class MemoryBroker implements Broker {
  readonly #options: Required<MemoryBrokerOptions>;
  readonly #channels = new Map<string, Channel>();
  readonly #signals = new Listeners<[signal: string]>();
  readonly #birth: string;
  /** Channels that were forgotten: one that begins after that must not have an epoch from before. */
  #forgotten = 0;
  #bytes = 0;
  #isClosed = false;
  /** Goes round the channels, a step with each publication. */
  #sweep: Iterator<[name: string, channel: Channel]> = this.#channels.entries();

  constructor(options: MemoryBrokerOptions = {}) {
    this.#options = { ...defaults, ...options };
    this.#birth = randomText(this.#options.random);
  }

  async publish(name: string, publication: Publication, retention: Retention): Promise<PublishResult> {
    this.#checkOpen();
    checkRetention(retention);
    const now = this.#options.clock.date();
    this.#sweepOn(SWEEP_STEPS, now);
    const known = this.#find(name, publication.publicationId);
    if (known !== undefined) return known;
    const size = sizeOf(publication);
    this.#makeRoom(name, size, retention, now);
    const { log, listeners } = this.#open(name, now);
    const entry = this.#counted(log, () => log.append(publication, size, retention, now));
    listeners.tell(entry, log.epoch);
    return { position: { epoch: log.epoch, offset: entry.offset }, isDuplicate: false };
  }

  async state(name: string): Promise<ChannelState> {
    this.#checkOpen();
    return this.#upToDate(name)?.state ?? this.#unknownState();
  }

  async read(name: string, after: number, limits: ReadLimits): Promise<ReadResult> {
    this.#checkOpen();
    checkReading(after, limits);
    return this.#upToDate(name)?.read(after, limits) ?? { ...this.#unknownState(), entries: [] };
  }

  async readBefore(name: string, before: number, limits: ReadLimits): Promise<ReadResult> {
    this.#checkOpen();
    checkReading(before, limits);
    return this.#upToDate(name)?.readBefore(before, limits) ?? { ...this.#unknownState(), entries: [] };
  }

  async listen(name: string, listener: LogListener): Promise<StopListening> {
    this.#checkOpen();
    const channel = this.#open(name, this.#options.clock.date());
    const stop = channel.listeners.add(listener);
    return () => {
      stop();
      // It counts as forgotten only once something was stored in it.
      if (channel.log.isUnused) this.#forget(name, channel);
    };
  }

  async signal(signal: string): Promise<void> {
    this.#checkOpen();
    this.#signals.tell(signal);
  }

  onSignal(listener: SignalListener): StopListening {
    this.#checkOpen();
    return this.#signals.add(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { listeners } of this.#channels.values()) listeners.clear();
    this.#signals.clear();
    this.#channels.clear();
    this.#bytes = 0;
  }

  #checkOpen(): void {
    if (this.#isClosed)
      throw new BrokerError('closed', 'Expected an open broker, received one that was closed');
  }

  #find(name: string, publicationId: string | undefined): PublishResult | undefined {
    if (publicationId === undefined) return undefined;
    const log = this.#channels.get(name)?.log;
    const offset = log?.offsetOf(publicationId);
    if (log === undefined || offset === undefined) return undefined;
    return { position: { epoch: log.epoch, offset }, isDuplicate: true };
  }

  #makeRoom(name: string, size: PublicationSize, retention: Retention, now: number): void {
    const { maxBytes } = this.#options;
    const most = memoryOf(size) + channelBytes(name);
    // Nearly always there is room even without what the message would drive out.
    if (this.#bytes + most <= maxBytes) return;
    this.#sweepOn(SWEEP_STEPS_WHEN_FULL, now);
    const cost = this.#channels.get(name)?.log.costOf(size, retention, now) ?? most;
    if (this.#bytes + cost <= maxBytes) return;
    throw new BrokerError(
      'full',
      `Expected at most ${maxBytes} bytes of messages, received ${cost} more than ${this.#bytes}`,
    );
  }

  #open(name: string, usedAt: number): Channel {
    const existing = this.#channels.get(name);
    if (existing !== undefined) {
      existing.usedAt = usedAt;
      return existing;
    }
    const log = new MemoryLog(this.#nextEpoch, this.#options);
    const channel: Channel = { log, listeners: new Listeners(), usedAt };
    this.#channels.set(name, channel);
    this.#bytes += channelBytes(name);
    return channel;
  }

  get #nextEpoch(): string {
    return `${this.#birth}.${this.#forgotten}`;
  }

  #unknownState(): ChannelState {
    return { epoch: this.#nextEpoch, head: 0, oldest: 1 };
  }

  /** The log as it is now, without what has grown too old. */
  #upToDate(name: string): MemoryLog | undefined {
    const log = this.#channels.get(name)?.log;
    if (log !== undefined) this.#counted(log, () => log.trim(this.#options.clock.date()));
    return log;
  }

  #counted<T>(log: MemoryLog, change: () => T): T {
    const before = log.memoryBytes;
    const result = change();
    this.#bytes += log.memoryBytes - before;
    return result;
  }

  /** Trims the next channels on the way round, and forgets those that nobody has needed for long. */
  #sweepOn(steps: number, now: number): void {
    for (let step = 0; step < steps; step++) {
      const { done, value } = this.#sweep.next();
      if (done) {
        this.#sweep = this.#channels.entries();
        continue;
      }
      const [name, channel] = value;
      this.#counted(channel.log, () => channel.log.trim(now));
      const isIdle = now - channel.usedAt > this.#options.idleMs;
      if (isIdle && channel.log.isEmpty) this.#forget(name, channel);
    }
  }

  #forget(name: string, channel: Channel): void {
    if (channel.listeners.size > 0 || this.#channels.get(name) !== channel) return;
    this.#channels.delete(name);
    this.#bytes -= channelBytes(name);
    if (!channel.log.isUnused) this.#forgotten += 1;
  }
}

function channelBytes(name: string): number {
  return name.length + CHANNEL_OVERHEAD_BYTES;
}
