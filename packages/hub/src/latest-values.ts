/**
 * The newest message of each key of a channel whose policy is `latest`. It is kept once for the channel, in the order of
 * offsets, so that a slow subscriber costs nothing but its cursor: what it wants are the values behind it. Used by
 * `channel.ts`.
 */

import { utf8Length } from '@hawser/wire';
import type { LogEntry } from './broker.ts';

/** How much one channel keeps. */
export interface LatestLimits {
  readonly keys: number;
  /** Bytes of content and keys. */
  readonly bytes: number;
}

/** The values of one channel. */
export class LatestValues {
  readonly #limits: LatestLimits;
  /** In the order of offsets: a value that is replaced moves to the end. */
  readonly #entries = new Map<string, LogEntry>();
  #bytes = 0;
  #knownSince = 0;

  constructor(limits: LatestLimits) {
    this.#limits = limits;
  }

  /** How many keys have a value. */
  get size(): number {
    return this.#entries.size;
  }

  /** Messages up to this offset may be missing that were the newest of their key. */
  get knownSince(): number {
    return this.#knownSince;
  }

  /** Takes a message that is newer than all others. One without a key is the newest of all that have none. */
  set(entry: LogEntry): void {
    const key = entry.key ?? '';
    const previous = this.#entries.get(key);
    if (previous !== undefined) this.#drop(key, previous);
    this.#entries.set(key, entry);
    this.#bytes += bytesOf(entry);
    for (const [oldestKey, oldest] of this.#entries) {
      const isWithin = this.#entries.size <= this.#limits.keys && this.#bytes <= this.#limits.bytes;
      if (isWithin || oldest === entry) break;
      this.#drop(oldestKey, oldest);
      this.#knownSince = oldest.offset;
    }
  }

  /** Forgets everything; messages up to this offset are missing. */
  clear(knownSince: number): void {
    this.#entries.clear();
    this.#bytes = 0;
    this.#knownSince = knownSince;
  }

  /** The values with greater offsets, oldest first. */
  *after(offset: number): Generator<LogEntry> {
    for (const entry of this.#entries.values()) {
      if (entry.offset > offset) yield entry;
    }
  }

  #drop(key: string, entry: LogEntry): void {
    this.#entries.delete(key);
    this.#bytes -= bytesOf(entry);
  }
}

function bytesOf({ content, key }: LogEntry): number {
  const length = typeof content === 'string' ? utf8Length(content) : content.length;
  return length + (key === undefined ? 0 : utf8Length(key));
}
