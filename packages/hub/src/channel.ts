/**
 * One channel that somebody is subscribed to. It encodes each message once for all subscribers at its head; those that are
 * behind read on from the log until they are at the head again. The step from reading to being pushed to takes place in one
 * turn, so that nothing is lost, doubled or reordered between the two. (Longer than a file should be: both sides of that
 * step share one state.) Below: `log-follower.ts`, `head-list.ts`; above: `connection.ts`.
 */

import {
  type DeliveryPolicy,
  type Event,
  encodeMessageEvent,
  encodeServerMessage,
  type GapEvent,
  type Position,
} from '@hawser/wire';
import type { Broker, ChannelState, LogEntry, ReadLimits, ReadResult } from './broker.ts';
import type { FrameCache } from './frame-cache.ts';
import { HeadList } from './head-list.ts';
import { type LatestLimits, LatestValues } from './latest-values.ts';
import { LogFollower, type LogFollowerOwner } from './log-follower.ts';
import type { Source, Subscription } from './subscription.ts';

/** Most that is queued for those at the head before it is sent; what is joined to one write is no longer either. */
const MAX_QUEUED_LENGTH = 64 * 1024;

/** What all channels have in common. */
export interface ChannelContext<Prepared> {
  readonly broker: Broker;
  /** Encodes a message for many connections. */
  readonly prepare: (data: string | Uint8Array) => Prepared;
  readonly frames: FrameCache<Prepared>;
  /** Bounds for one reading of a subscription that is behind. */
  readonly readLimits: ReadLimits;
  readonly latestLimits: LatestLimits;
  readonly counts: DeliveryCounts;
}

/** What became of messages, all subscribers together. */
export interface DeliveryCounts {
  delivered: number;
  dropped: number;
}

/** What the log says where a subscription wants to begin, and the epoch when it was asked. */
export interface Survey {
  readonly state: ChannelState;
  readonly askedIn: string;
}

/** Where a subscription begins. */
export interface Beginning {
  readonly position: Position;
  /** What cannot be recovered; undefined if all can. */
  readonly gap: GapEvent | undefined;
}

/** A channel and its subscribers. */
export class Channel<Prepared> implements Source<Prepared>, LogFollowerOwner {
  readonly name: string;
  readonly policy: DeliveryPolicy;
  readonly #context: ChannelContext<Prepared>;
  readonly #log: LogFollower;
  /** The newest values where the policy is `latest`. */
  readonly #latest: LatestValues | undefined;
  readonly #atHead = new HeadList<Prepared>();
  readonly #behind = new Set<Subscription<Prepared>>();
  /** Those that have read what was not heard of yet, and wait until it is. */
  readonly #ahead = new Set<Subscription<Prepared>>();
  /** What came up while a message was being sent. */
  #delayed: (() => void)[] = [];
  /** What is queued for those at the head, in characters or bytes, and whether this turn's end will send it. */
  #queuedLength = 0;
  #flushIsDue = false;
  readonly #whenOpen: Promise<void>;
  #hasFailed = false;

  constructor(name: string, policy: DeliveryPolicy, context: ChannelContext<Prepared>) {
    this.name = name;
    this.policy = policy;
    this.#context = context;
    this.#latest = policy === 'latest' ? new LatestValues(context.latestLimits) : undefined;
    const { broker, readLimits } = context;
    this.#log = new LogFollower({ channel: name, broker, readLimits, latest: this.#latest }, this);
    this.#whenOpen = this.#open();
  }

  /** How many subscriptions there are. */
  get size(): number {
    return this.#atHead.size + this.#ahead.size + this.#behind.size;
  }

  /** How many subscriptions are not at the head. */
  get behindCount(): number {
    return this.#behind.size;
  }

  /** Whether its log could not be opened: nobody hears anything of it. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Asks the log what has to be known before a subscription begins. Rejects with a BrokerError. */
  async survey(since: Position | undefined): Promise<Survey | undefined> {
    await this.#whenOpen;
    if (since === undefined) return undefined;
    const askedIn = this.#log.epoch;
    return { askedIn, state: await this.#context.broker.state(this.name) };
  }

  /** Decides where a subscription begins. `add` is to follow in the same turn. */
  begin(since: Position | undefined, survey: Survey | undefined): Beginning {
    if (survey !== undefined) this.#log.noteEpoch(survey.state.epoch, survey.askedIn);
    if (since === undefined) return { position: this.#position(this.#freshCursor), gap: undefined };
    const { head, oldest } = this.#stateOf(survey);
    const isKnown = since.epoch === this.#log.epoch && since.offset <= head;
    if (isKnown && since.offset >= oldest - 1) return { position: since, gap: undefined };
    const to = this.#position(oldest - 1);
    const reason = isKnown ? 'trimmed' : 'epoch';
    return { position: to, gap: { type: 'gap', channel: this.name, from: since, to, reason } };
  }

  /** Delivers what lies behind the subscription's cursor, and then what is published; `caught-up` stands between. */
  add(subscription: Subscription<Prepared>, isRecovery: boolean): void {
    if (subscription.cursor >= this.#log.head) return this.#reachHead(subscription, isRecovery);
    this.#behind.add(subscription);
    subscription.subscriber.fellBehind(subscription);
  }

  remove(subscription: Subscription<Prepared>): void {
    // What came before the end is part of it.
    this.#flush();
    subscription.state = 'ended';
    this.#behind.delete(subscription);
    this.#ahead.delete(subscription);
    this.#atHead.delete(subscription);
  }

  pause(subscription: Subscription<Prepared>): void {
    if (subscription.state === 'at-head') this.#leaveHead(subscription);
  }

  resume(subscription: Subscription<Prepared>): void {
    if (subscription.state === 'behind') this.add(subscription, false);
  }

  async readOn(subscription: Subscription<Prepared>): Promise<void> {
    if (subscription.state !== 'behind') return;
    if (this.policy !== 'every') return this.#skipOn(subscription);
    if (this.#sendFrames(subscription)) return;
    const { broker, readLimits } = this.#context;
    const { epoch } = this.#log;
    const result = await broker.read(this.name, subscription.cursor, readLimits);
    // Meanwhile it may have ended, or a new history may have begun: what was read is of no use then.
    if (subscription.state !== 'behind' || this.#log.epoch !== epoch) return;
    if (result.epoch !== epoch) this.#log.noteEpoch(result.epoch, epoch);
    else this.#sendRead(subscription, result);
  }

  /** Sends what is no message to all subscribers; calls back for those whose connections have no room for it. */
  tellAll(event: Event, onFull: (subscription: Subscription<Prepared>) => void): void {
    if (this.#atHead.isSending) {
      this.#delayed.push(() => this.tellAll(event, onFull));
      return;
    }
    const prepared = this.#context.prepare(encodeServerMessage(event));
    this.#flush();
    const others = [...this.#behind, ...this.#ahead];
    this.#atHead.send(prepared);
    this.#tellDelayed();
    for (const subscription of others) {
      if (subscription.state === 'ended') continue;
      if (subscription.subscriber.isFull) onFull(subscription);
      else subscription.subscriber.push(prepared);
    }
  }

  /** Listens no longer. */
  close(): void {
    this.#log.close();
    this.#context.frames.forget(this.name);
  }

  // Called by the follower

  handleEntry(entry: LogEntry): void {
    if (this.#atHead.size > 0) this.#queue(entry);
    for (const subscription of this.#ahead) {
      if (subscription.cursor > entry.offset) continue;
      this.#ahead.delete(subscription);
      this.#joinHead(subscription);
    }
  }

  handleHole(): void {
    this.#flush();
    for (const subscription of [...this.#atHead.all(), ...this.#ahead]) {
      this.#leaveHead(subscription);
      subscription.subscriber.fellBehind(subscription);
    }
  }

  /** Whatever was due of the old history is lost, and all of the new one is due. */
  handleEpoch(epoch: string): void {
    this.handleHole();
    this.#context.frames.forget(this.name);
    for (const subscription of this.#behind) {
      this.#tellGap(subscription, { epoch, offset: 0 }, 'epoch');
    }
  }

  /** Has a message sent at the end of this turn, with those that come until then, to one subscriber after the other. */
  #queue(entry: LogEntry): void {
    const { prepared, length } = this.#prepare(entry);
    this.#atHead.queue(prepared, entry.offset);
    this.#queuedLength += length;
    if (this.#queuedLength > MAX_QUEUED_LENGTH) this.#flush();
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    queueMicrotask(() => {
      this.#flushIsDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#atHead.isSending) return;
    this.#queuedLength = 0;
    this.#context.counts.delivered += this.#atHead.flush();
    this.#tellDelayed();
  }

  #tellDelayed(): void {
    if (this.#delayed.length > 0) for (const tell of this.#delayed.splice(0)) tell();
  }

  async #open(): Promise<void> {
    try {
      await this.#log.open();
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  #leaveHead(subscription: Subscription<Prepared>): void {
    const reached = this.#log.head - this.#atHead.missing(subscription);
    this.#atHead.delete(subscription);
    this.#ahead.delete(subscription);
    this.#behind.add(subscription);
    subscription.state = 'behind';
    subscription.cursor = Math.max(subscription.cursor, reached);
  }

  #reachHead(subscription: Subscription<Prepared>, isLate: boolean): void {
    const { cursor, subscriber } = subscription;
    this.#tellDropped(subscription);
    if (isLate) subscriber.tell({ type: 'caught-up', channel: this.name, offset: cursor });
    // It is there, and yet has no room for what comes next.
    if (subscriber.isFull) this.#behind.add(subscription);
    else this.#joinHead(subscription);
  }

  #joinHead(subscription: Subscription<Prepared>): void {
    this.#behind.delete(subscription);
    subscription.state = 'at-head';
    if (subscription.cursor > this.#log.head) this.#ahead.add(subscription);
    else this.#atHead.add(subscription);
  }

  /** Sends what was read, as far as there is room. */
  #sendRead(subscription: Subscription<Prepared>, { entries, head, oldest }: ReadResult): void {
    const next = entries[0]?.offset ?? Math.max(oldest, head + 1);
    if (next > subscription.cursor + 1) this.#tellGap(subscription, this.#position(next - 1), 'trimmed');
    for (const entry of entries) {
      if (subscription.subscriber.isFull) return;
      this.#send(subscription, this.#frameFor(entry), entry.offset);
    }
    this.#reachHeadIfThere(subscription);
  }

  /** Sends what is kept encoded, as far as there is room. Returns whether anything was. */
  #sendFrames(subscription: Subscription<Prepared>): boolean {
    const { frames } = this.#context;
    let frame = frames.get(this.name, subscription.cursor + 1);
    if (frame === undefined) return false;
    while (frame !== undefined && !subscription.subscriber.isFull) {
      this.#send(subscription, frame, subscription.cursor + 1);
      frame = frames.get(this.name, subscription.cursor + 1);
    }
    this.#reachHeadIfThere(subscription);
    return true;
  }

  /** Sends the newest of each key, if the policy keeps it, and counts what it passes over. */
  #skipOn(subscription: Subscription<Prepared>): void {
    for (const entry of this.#latest?.after(subscription.cursor) ?? []) {
      if (subscription.subscriber.isFull) return;
      this.#drop(subscription, entry.offset - 1);
      this.#send(subscription, encodeMessageEvent(this.name, entry, entry.content), entry.offset);
    }
    this.#drop(subscription, this.#log.head);
    this.#reachHead(subscription, true);
  }

  /** Passes over all up to an offset. */
  #drop(subscription: Subscription<Prepared>, offset: number): void {
    const count = offset - subscription.cursor;
    if (count <= 0) return;
    subscription.cursor = offset;
    subscription.dropped += count;
    this.#context.counts.dropped += count;
  }

  #send(subscription: Subscription<Prepared>, message: Prepared | string | Uint8Array, offset: number): void {
    subscription.subscriber.push(message);
    subscription.cursor = offset;
    this.#context.counts.delivered += 1;
  }

  #reachHeadIfThere(subscription: Subscription<Prepared>): void {
    if (subscription.cursor >= this.#log.head) this.#reachHead(subscription, true);
  }

  /** Encodes a message for many, and keeps it for those who come a little later. */
  #prepare(entry: LogEntry): { readonly prepared: Prepared; readonly length: number } {
    const { prepare, frames } = this.#context;
    const data = encodeMessageEvent(this.name, entry, entry.content);
    const prepared = prepare(data);
    const { length } = data;
    if (this.policy === 'every') frames.keep(this.name, entry.offset, prepared, length);
    return { prepared, length };
  }

  /** Encodes a message that was read, unless somebody has read it just before. */
  #frameFor(entry: LogEntry): Prepared | string | Uint8Array {
    const { frames } = this.#context;
    const frame = frames.get(this.name, entry.offset);
    if (frame !== undefined) return frame;
    if (frames.isNext(this.name, entry.offset)) return this.#prepare(entry).prepared;
    return encodeMessageEvent(this.name, entry, entry.content);
  }

  #tellGap(subscription: Subscription<Prepared>, to: Position, reason: GapEvent['reason']): void {
    // What was passed over belongs to what came before the gap.
    this.#tellDropped(subscription);
    const from = this.#position(subscription.cursor);
    subscription.cursor = to.offset;
    subscription.subscriber.tell({ type: 'gap', channel: this.name, from, to, reason });
  }

  #tellDropped(subscription: Subscription<Prepared>): void {
    const { dropped, subscriber } = subscription;
    subscription.dropped = 0;
    if (dropped > 0) subscriber.tell({ type: 'dropped', channel: this.name, count: dropped });
  }

  #position(offset: number): Position {
    return { epoch: this.#log.epoch, offset };
  }

  /** Where a subscription begins that asks for nothing old: behind all, or with the newest of each key. */
  get #freshCursor(): number {
    for (const { offset } of this.#latest?.after(0) ?? []) return offset - 1;
    return this.#log.head;
  }

  #stateOf(survey: Survey | undefined): ChannelState {
    const { epoch, head } = this.#log;
    const state = survey?.state.epoch === epoch ? survey.state : { epoch, head, oldest: head + 1 };
    const oldest = this.#latest === undefined ? state.oldest : this.#latest.knownSince + 1;
    return { epoch, head: Math.max(head, state.head), oldest };
  }
}
