/**
 * The newest messages of the channels as they were encoded for fan-out: after a reconnect storm many subscribers read the
 * same part of a log, and a connection that was slow for a moment wants what was just sent to the others. Under one budget
 * for all channels; the channel that has been silent for longest makes room. Used by `channel.ts`.
 */

import { Ring } from './ring.ts';

/** Bounds of the cache. */
export interface FrameCacheLimits {
  /** Bytes for all channels together; 0 keeps nothing. */
  readonly totalBytes: number;
  /** Bytes for one channel. */
  readonly channelBytes: number;
}

/** What a frame costs beside its bytes. */
const FRAME_OVERHEAD_BYTES = 256;

interface Frame<Prepared> {
  readonly prepared: Prepared;
  readonly bytes: number;
}

/** The frames of one channel, with offsets without holes. */
interface Row<Prepared> {
  readonly frames: Ring<Frame<Prepared>>;
  /** The offset of the newest one. */
  newest: number;
  bytes: number;
}

/** Encoded messages by channel and offset. */
export class FrameCache<Prepared> {
  readonly #limits: FrameCacheLimits;
  /** The channel that has been silent for longest first. */
  readonly #rows = new Map<string, Row<Prepared>>();
  #bytes = 0;

  constructor(limits: FrameCacheLimits) {
    this.#limits = limits;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  get(channel: string, offset: number): Prepared | undefined {
    const row = this.#rows.get(channel);
    if (row === undefined) return undefined;
    return row.frames.at(row.frames.length - 1 - (row.newest - offset))?.prepared;
  }

  /** Keeps a frame that is newer than all of the channel's. If it does not follow them, they are forgotten. */
  keep(channel: string, offset: number, prepared: Prepared, length: number): void {
    const bytes = length + FRAME_OVERHEAD_BYTES;
    const { totalBytes, channelBytes } = this.#limits;
    if (bytes > Math.min(totalBytes, channelBytes)) return this.forget(channel);
    const row = this.#rowFor(channel, offset);
    row.frames.push({ prepared, bytes });
    row.newest = offset;
    this.#count(row, bytes);
    while (row.bytes > channelBytes) this.#dropOldest(channel, row);
    for (const [name, silent] of this.#rows) {
      while (this.#bytes > totalBytes && silent.frames.length > 0) this.#dropOldest(name, silent);
      if (this.#bytes <= totalBytes) break;
    }
  }

  /** Whether this one follows the channel's frames, or the channel has none. */
  isNext(channel: string, offset: number): boolean {
    const row = this.#rows.get(channel);
    return row === undefined || row.newest === offset - 1;
  }

  forget(channel: string): void {
    const row = this.#rows.get(channel);
    if (row === undefined) return;
    this.#bytes -= row.bytes;
    this.#rows.delete(channel);
  }

  /** The channel's row, moved to those that have spoken last. */
  #rowFor(channel: string, offset: number): Row<Prepared> {
    const existing = this.#rows.get(channel);
    if (existing !== undefined && existing.newest === offset - 1) {
      this.#rows.delete(channel);
      this.#rows.set(channel, existing);
      return existing;
    }
    this.forget(channel);
    const row: Row<Prepared> = { frames: new Ring(), newest: offset, bytes: 0 };
    this.#rows.set(channel, row);
    return row;
  }

  #dropOldest(channel: string, row: Row<Prepared>): void {
    this.#count(row, -(row.frames.shift()?.bytes ?? 0));
    if (row.frames.length === 0) this.#rows.delete(channel);
  }

  #count(row: Row<Prepared>, bytes: number): void {
    row.bytes += bytes;
    this.#bytes += bytes;
  }
}
