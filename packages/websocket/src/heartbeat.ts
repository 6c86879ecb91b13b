/**
 * Finds peers that are gone without a word (RFC 6455 §5.5.2: a Ping serves as a keepalive). One timer watches all
 * connections of a server: each stands in the bucket of the tick in which it is next looked at, and traffic moves
 * nobody, so that a message costs the heartbeat nothing.
 */

import type { CancelTimer, Clock } from './clock.ts';

/** A connection under watch. */
export interface Monitored {
  /** When bytes last came, on the heartbeat's clock. */
  readonly lastReceivedAt: number;
  /** Whether nobody reads, so that silence proves nothing. */
  readonly isPaused: boolean;
  /** Sends a Ping. */
  beat(): void;
  /** Drops the connection. */
  drop(): void;
}

/** How often to ask, and how long to wait. */
export interface HeartbeatOptions {
  readonly clock: Clock;
  /** Silence after which a Ping is sent, in ms; 0 for never. */
  readonly heartbeatIntervalMs: number;
  /** Silence after a Ping after which the connection is dropped, in ms; 0 for never. */
  readonly heartbeatTimeoutMs: number;
}

/** One connection's place in the heartbeat. */
export interface Beat {
  readonly monitored: Monitored;
  /** When the unanswered Ping was sent; undefined if none is out. */
  pingedAt: number | undefined;
  bucket: number;
}

/** Deadlines are met to within this part of the shorter one of the two durations. */
const TICKS_PER_DURATION = 20;
const MAX_TICK_MS = 1000;

/** Watches any number of connections. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #tickMs: number;
  readonly #buckets = new Map<number, Set<Beat>>();
  #count = 0;
  #lastBucket = 0;
  #cancelTick: CancelTimer | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    const { heartbeatIntervalMs, heartbeatTimeoutMs } = options;
    const shorter = Math.min(heartbeatIntervalMs, heartbeatTimeoutMs || heartbeatIntervalMs);
    this.#tickMs = Math.min(MAX_TICK_MS, Math.max(1, shorter / TICKS_PER_DURATION));
  }

  /** Watches a connection until `remove`; undefined if the heartbeat is off. */
  add(monitored: Monitored): Beat | undefined {
    const { clock, heartbeatIntervalMs } = this.#options;
    if (heartbeatIntervalMs === 0) return undefined;
    if (this.#count === 0) this.#lastBucket = Math.floor(clock.now() / this.#tickMs);
    const beat: Beat = { monitored, pingedAt: undefined, bucket: 0 };
    this.#count += 1;
    this.#place(beat, clock.now() + heartbeatIntervalMs);
    this.#cancelTick ??= this.#scheduleTick();
    return beat;
  }

  /** Watches no longer. */
  remove(beat: Beat): void {
    if (!this.#take(beat)) return;
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #place(beat: Beat, dueAt: number): void {
    beat.bucket = Math.ceil(dueAt / this.#tickMs);
    const bucket = this.#buckets.get(beat.bucket);
    if (bucket === undefined) this.#buckets.set(beat.bucket, new Set([beat]));
    else bucket.add(beat);
  }

  #take(beat: Beat): boolean {
    const bucket = this.#buckets.get(beat.bucket);
    if (bucket?.delete(beat) !== true) return false;
    if (bucket.size === 0) this.#buckets.delete(beat.bucket);
    return true;
  }

  #scheduleTick(): CancelTimer {
    return this.#options.clock.schedule(() => this.#tick(), this.#tickMs);
  }

  #tick(): void {
    this.#cancelTick = this.#scheduleTick();
    const now = this.#options.clock.now();
    const dueBucket = Math.floor(now / this.#tickMs);
    for (; this.#lastBucket < dueBucket; this.#lastBucket++) {
      for (const beat of this.#buckets.get(this.#lastBucket + 1) ?? []) this.#examine(beat, now);
    }
  }

  #examine(beat: Beat, now: number): void {
    const { heartbeatIntervalMs, heartbeatTimeoutMs } = this.#options;
    const { monitored, pingedAt } = beat;
    this.#take(beat);
    const isAlive = monitored.isPaused || pingedAt === undefined || monitored.lastReceivedAt >= pingedAt;
    if (!isAlive && heartbeatTimeoutMs > 0) {
      this.#place(beat, now + heartbeatIntervalMs);
      monitored.drop();
      return;
    }
    const silentFor = now - monitored.lastReceivedAt;
    const isSilent = silentFor >= heartbeatIntervalMs && !monitored.isPaused;
    beat.pingedAt = isSilent ? now : undefined;
    this.#place(beat, nextLook(now, silentFor, isSilent, this.#options));
    if (isSilent) monitored.beat();
  }
}

function nextLook(now: number, silentFor: number, isSilent: boolean, options: HeartbeatOptions): number {
  const { heartbeatIntervalMs, heartbeatTimeoutMs } = options;
  if (isSilent) return now + (heartbeatTimeoutMs || heartbeatIntervalMs);
  const untilSilent = heartbeatIntervalMs - silentFor;
  // Past it and yet not silent: nobody reads, and nothing is to be learnt before another interval.
  return now + (untilSilent > 0 ? untilSilent : heartbeatIntervalMs);
}
