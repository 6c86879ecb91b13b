/**
 * The ids of publications, by channel: each is known as long as its message is kept, and for some time in any case. Those
 * that are no longer known are deleted some at a time, going round.
 */

import type { ChannelLog } from './channel-log.ts';
import { decodeChannelRecord } from './channel-record.ts';
import type { Storage } from './storage.ts';
import { channelKeyIn, publicationIdKey } from './storage-key.ts';

interface IdRecord {
  readonly offset: number;
  readonly storedAt: number;
  readonly life: number;
}

const RECORD_BYTES = 24;

/** The ids of all channels, within a transaction. */
export class KnownIds {
  readonly #storage: Storage;
  readonly #idempotenceMs: number;
  /** Where the deletion goes on; undefined for the beginning. */
  #cursor: Buffer | undefined;

  constructor(storage: Storage, idempotenceMs: number) {
    this.#storage = storage;
    this.#idempotenceMs = idempotenceMs;
  }

  /** The offset of the publication with this id, if it is known. */
  offsetOf({ key, record }: ChannelLog, publicationId: string, now: number): number | undefined {
    const stored = this.#storage.ids.get(publicationIdKey(key, publicationId));
    if (stored === undefined) return undefined;
    const id = decode(stored);
    if (id.life !== record.life) return undefined;
    return id.offset >= record.oldest || !this.#isOld(id, now) ? id.offset : undefined;
  }

  /** Takes the id for that of the newest message. */
  add({ key, record }: ChannelLog, publicationId: string, now: number): void {
    const value = Buffer.allocUnsafe(RECORD_BYTES);
    value.writeDoubleBE(record.head, 0);
    value.writeDoubleBE(now, 8);
    value.writeDoubleBE(record.life, 16);
    this.#storage.ids.putSync(publicationIdKey(key, publicationId), value);
  }

  /** Looks at the next ids on the way round, and deletes those that are no longer known. */
  sweep(most: number, now: number): void {
    const { ids } = this.#storage;
    const from = this.#cursor === undefined ? {} : { start: this.#cursor, exclusiveStart: true };
    const candidates = Array.from(ids.getRange({ ...from, limit: most }));
    this.#cursor = candidates.length < most ? undefined : candidates.at(-1)?.key;
    for (const { key, value } of candidates) {
      const id = decode(value);
      if (this.#isOld(id, now) && !this.#isKept(key, id)) ids.removeSync(key);
    }
  }

  #isOld({ storedAt }: IdRecord, now: number): boolean {
    return now - storedAt > this.#idempotenceMs;
  }

  #isKept(key: Buffer, id: IdRecord): boolean {
    const stored = this.#storage.channels.get(channelKeyIn(key));
    if (stored === undefined) return false;
    const { life, oldest } = decodeChannelRecord(stored);
    return id.life === life && id.offset >= oldest;
  }
}

function decode(stored: Buffer): IdRecord {
  return { offset: stored.readDoubleBE(0), storedAt: stored.readDoubleBE(8), life: stored.readDoubleBE(16) };
}
