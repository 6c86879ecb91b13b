/**
 * Follows the log of one channel: where it stands, and every message from now on, once and in order. For a channel whose
 * policy is `latest` it keeps the newest value of each key as well. Below: `broker.ts`; above: `channel.ts`.
 */

import type { Broker, ChannelState, LogEntry, ReadLimits, StopListening } from './broker.ts';
import type { LatestValues } from './latest-values.ts';

/** Who wants to know. */
export interface LogFollowerOwner {
  /** A message was stored. */
  handleEntry(entry: LogEntry): void;
  /** Messages were not heard, and have to be read. A broker that keeps its promises does not come to this. */
  handleHole(): void;
  /** Another history begins; `epoch` and `head` are still those of the one that is lost. */
  handleEpoch(epoch: string): void;
}

/** What a follower goes by. */
export interface LogFollowerOptions {
  readonly channel: string;
  readonly broker: Broker;
  /** Bounds for one reading. */
  readonly readLimits: ReadLimits;
  /** What is to be kept up to date besides; undefined for nothing. */
  readonly latest: LatestValues | undefined;
}

/** Where one channel's log stands. */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  readonly #owner: LogFollowerOwner;
  #epoch = '';
  #head = 0;
  #isOpen = false;
  #isClosed = false;
  #stopListening: StopListening | undefined;

  constructor(options: LogFollowerOptions, owner: LogFollowerOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** The offset of the newest message that was heard of. */
  get head(): number {
    return this.#head;
  }

  /** Begins to listen. Rejects with a BrokerError if the storage fails. */
  async open(): Promise<void> {
    const { broker, channel, latest } = this.#options;
    this.#stopListening = await broker.listen(channel, (entry, epoch) => this.#heard(entry, epoch));
    if (this.#isClosed) return this.#stopListening();
    const state = await broker.state(channel);
    // What was heard meanwhile is newer.
    if (this.#epoch === '') this.#enter(state.epoch, 0);
    if (this.#epoch === state.epoch) this.#head = Math.max(this.#head, state.head);
    if (latest !== undefined) await this.#readLatest(latest);
    this.#isOpen = true;
  }

  /** Listens no longer. */
  close(): void {
    this.#isClosed = true;
    this.#stopListening?.();
  }

  /**
   * What somebody read says that the history is another one.
   *
   * @param readSince The epoch when the reading began: if it is another now, what was read is out of date.
   */
  noteEpoch(epoch: string, readSince: string): void {
    if (readSince !== this.#epoch || epoch === this.#epoch) return;
    this.#beginEpoch(epoch);
  }

  #heard(entry: LogEntry, epoch: string): void {
    if (!this.#isOpen) return this.#heardEarly(entry, epoch);
    if (epoch !== this.#epoch) this.#beginEpoch(epoch);
    if (entry.offset <= this.#head) return;
    if (entry.offset > this.#head + 1) this.#owner.handleHole();
    this.#options.latest?.set(entry);
    this.#head = entry.offset;
    this.#owner.handleEntry(entry);
  }

  /** Nobody is subscribed yet: what counts is how far to read. */
  #heardEarly(entry: LogEntry, epoch: string): void {
    if (epoch !== this.#epoch) this.#enter(epoch, 0);
    this.#head = Math.max(this.#head, entry.offset);
  }

  #beginEpoch(epoch: string): void {
    this.#owner.handleEpoch(epoch);
    this.#enter(epoch, 0);
    this.#options.latest?.clear(0);
  }

  /** Fills the newest values from the log, up to what was heard meanwhile. */
  async #readLatest(latest: LatestValues): Promise<void> {
    const { broker, channel, readLimits } = this.#options;
    let epoch = this.#epoch;
    let cursor = 0;
    while (epoch !== this.#epoch || cursor < this.#head) {
      if (epoch !== this.#epoch) {
        latest.clear(0);
        epoch = this.#epoch;
        cursor = 0;
      }
      const result = await broker.read(channel, cursor, readLimits);
      if (result.epoch === epoch) cursor = fill(latest, cursor, result);
      else if (epoch === this.#epoch) this.#enter(result.epoch, result.head);
    }
  }

  #enter(epoch: string, head: number): void {
    this.#epoch = epoch;
    this.#head = head;
  }
}

/** Takes over what was read. Returns how far that is. */
function fill(
  latest: LatestValues,
  cursor: number,
  { entries, head, oldest }: ChannelState & { readonly entries: readonly LogEntry[] },
): number {
  if (cursor < oldest - 1) latest.clear(oldest - 1);
  for (const entry of entries) latest.set(entry);
  return entries.at(-1)?.offset ?? Math.max(cursor, head);
}
