/**
 * The log of one channel in memory: its messages, oldest first, and the ids of those that were trimmed not long ago.
 * Above: `memory-broker.ts`, which adds the bytes of all channels up.
 */

import type { ChannelState, LogEntry, Publication, ReadLimits, ReadResult, Retention } from './broker.ts';
import type { PublicationSize } from './publication-size.ts';
import { Ring } from './ring.ts';

/** What a message costs beside its bytes: its objects, its place in the ring, its id's place in the map. */
const ENTRY_OVERHEAD_BYTES = 256;
/** What the id of a trimmed message costs beside its bytes. */
const ID_OVERHEAD_BYTES = 128;

interface Stored {
  readonly entry: LogEntry;
  readonly size: PublicationSize;
  /** When its age begins; never less than its predecessor's. */
  readonly bornAt: number;
  readonly storedAt: number;
}

interface RetiredId {
  readonly id: string;
  readonly bytes: number;
  readonly forgetAt: number;
}

/** How long ids outlive their messages. */
export interface IdempotenceLimits {
  readonly idempotenceMs: number;
  readonly maxIdBytes: number;
}

/** A channel's messages, and where it stands. */
export class MemoryLog {
  readonly epoch: string;
  readonly #idLimits: IdempotenceLimits;
  readonly #stored = new Ring<Stored>();
  readonly #offsetOf = new Map<string, number>();
  readonly #retired = new Ring<RetiredId>();
  #retention: Retention = { messages: 0, bytes: 0, ageMs: 0 };
  #head = 0;
  /** Of the messages, as the retention counts. */
  #bytes = 0;
  #retiredBytes = 0;
  #bornAt = 0;

  constructor(epoch: string, idLimits: IdempotenceLimits) {
    this.epoch = epoch;
    this.#idLimits = idLimits;
  }

  get state(): ChannelState {
    return { epoch: this.epoch, head: this.#head, oldest: this.#oldest };
  }

  /** Whether anything was ever stored in it. */
  get isUnused(): boolean {
    return this.#head === 0;
  }

  /** Whether it holds neither messages nor ids. */
  get isEmpty(): boolean {
    return this.#stored.length === 0 && this.#retired.length === 0;
  }

  /** The memory that it takes, overheads included. */
  get memoryBytes(): number {
    return this.#bytes + this.#stored.length * ENTRY_OVERHEAD_BYTES + this.#retiredBytes;
  }

  /** The offset of the publication with this id, if the log knows it. */
  offsetOf(publicationId: string): number | undefined {
    return this.#offsetOf.get(publicationId);
  }

  /** The memory that a publication of this size would add with this retention or, if less than 0, set free. */
  costOf(size: PublicationSize, retention: Retention, now: number): number {
    let cost = memoryOf(size);
    const messages = this.#stored.length + 1;
    let bytes = this.#bytes + size.total;
    for (let i = 0; i < this.#stored.length; i++) {
      const stored = this.#stored.at(i);
      if (stored === undefined || !isBeyond(retention, messages - i, bytes, stored, now)) break;
      bytes -= stored.size.total;
      cost -= memoryOf(stored.size);
    }
    return cost;
  }

  /** Stores a message, and drops what is then beyond the retention: maybe the message itself. */
  append(publication: Publication, size: PublicationSize, retention: Retention, now: number): LogEntry {
    // What was beyond the retention until now does not come back with a larger one.
    this.trim(now);
    const { content, publicationId, at } = publication;
    this.#head += 1;
    this.#retention = retention;
    // A publisher whose clock is ahead must not keep all that follows from growing old.
    this.#bornAt = Math.max(this.#bornAt, Math.min(at, now));
    const entry: LogEntry = { ...publication, content: ownContent(content), offset: this.#head };
    this.#stored.push({ entry, size, bornAt: this.#bornAt, storedAt: now });
    this.#bytes += size.total;
    if (publicationId !== undefined) this.#offsetOf.set(publicationId, this.#head);
    this.trim(now);
    return entry;
  }

  /** Drops what is beyond the retention by now. */
  trim(now: number): void {
    for (let first = this.#stored.at(0); first !== undefined; first = this.#stored.at(0)) {
      if (!isBeyond(this.#retention, this.#stored.length, this.#bytes, first, now)) break;
      this.#stored.shift();
      this.#bytes -= first.size.total;
      this.#retire(first);
    }
    this.#forgetIds(now);
  }

  /** The messages after an offset. */
  read(after: number, limits: ReadLimits): ReadResult {
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (let i = Math.max(0, Math.floor(after) + 1 - this.#oldest); i < this.#stored.length; i++) {
      const stored = this.#stored.at(i);
      if (stored === undefined || !fits(limits, entries.length, bytes, stored)) break;
      entries.push(stored.entry);
      bytes += stored.size.content;
    }
    return { ...this.state, entries };
  }

  /** The newest messages before an offset. */
  readBefore(before: number, limits: ReadLimits): ReadResult {
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (let i = Math.min(Math.ceil(before), this.#head + 1) - 1 - this.#oldest; i >= 0; i--) {
      const stored = this.#stored.at(i);
      if (stored === undefined || !fits(limits, entries.length, bytes, stored)) break;
      entries.push(stored.entry);
      bytes += stored.size.content;
    }
    return { ...this.state, entries: entries.reverse() };
  }

  get #oldest(): number {
    return this.#head - this.#stored.length + 1;
  }

  #retire({ entry, storedAt }: Stored): void {
    const { publicationId: id } = entry;
    if (id === undefined) return;
    const bytes = id.length + ID_OVERHEAD_BYTES;
    this.#retired.push({ id, bytes, forgetAt: storedAt + this.#idLimits.idempotenceMs });
    this.#retiredBytes += bytes;
  }

  #forgetIds(now: number): void {
    for (let first = this.#retired.at(0); first !== undefined; first = this.#retired.at(0)) {
      if (first.forgetAt > now && this.#retiredBytes <= this.#idLimits.maxIdBytes) break;
      this.#retired.shift();
      this.#retiredBytes -= first.bytes;
      this.#offsetOf.delete(first.id);
    }
  }
}

/** The memory that a message of this size takes. */
export function memoryOf(size: PublicationSize): number {
  return size.total + ENTRY_OVERHEAD_BYTES;
}

function isBeyond(
  retention: Retention,
  messages: number,
  bytes: number,
  oldest: Stored,
  now: number,
): boolean {
  return messages > retention.messages || bytes > retention.bytes || now - oldest.bornAt > retention.ageMs;
}

function fits(limits: ReadLimits, messages: number, bytes: number, next: Stored): boolean {
  if (messages >= limits.messages) return false;
  return messages === 0 || bytes + next.size.content <= limits.bytes;
}

/** A view would keep all of the buffer that it shows a part of. */
function ownContent(content: string | Uint8Array): string | Uint8Array {
  if (typeof content === 'string' || content.byteLength === content.buffer.byteLength) return content;
  return content.slice();
}
