/**
 * The databases in one directory, and the transactions on them. Below: LMDB; above: what a transaction does
 * (`write-batch.ts`) and what is read (`channel-log.ts`).
 *
 * Where publications have to be on disk, LMDB syncs before it lets anybody see a transaction (`overlappingSync` off): what
 * another process reads cannot be lost any more. Where buffering is enough, a transaction is seen once the system has it,
 * and is synced afterwards in an order that leaves the file intact whenever the power fails.
 */

import { BrokerError } from '@hawser/hub';
import { randomText } from '@hawser/hub/broker-parts';
import { type Database, open, type RootDatabase } from 'lmdb';
import { bootId } from './boot-id.ts';
import { type DecodedEntry, decodeEntry, encodeEntry } from './entry-format.ts';
import type { LmdbBrokerOptions } from './options.ts';
import { FILE_MODE, isFull, prepareDirectory } from './storage-directory.ts';
import { brokerErrorOf, causeOf } from './storage-errors.ts';

/** Keys and values are bytes; each database has a format of its own. */
export type Bytes = Database<Buffer, Buffer>;

const FORMAT = 1;
const MAX_DATABASES = 8;
/** Address space, not memory or disk. LMDB takes more by itself, but every process has to notice that. */
const ADDRESS_SPACE_PER_BYTE = 2;

/** Numbers of the whole storage. */
const Key = {
  format: Buffer.from('format'),
  /** Counts transactions that brought something. */
  commits: Buffer.from('commits'),
  /** Counts channels that were forgotten. */
  forgotten: Buffer.from('forgotten'),
  /** Counts the times that buffered messages may have been lost. */
  losses: Buffer.from('losses'),
  /** Part of every epoch; a text. */
  birth: Buffer.from('birth'),
  /** Since which start of the machine there are messages that may be lost by another; a text, empty if there are none. */
  bufferedSince: Buffer.from('bufferedSince'),
} as const;

type Counter = 'format' | 'commits' | 'forgotten' | 'losses';

/** An open storage. */
export class Storage {
  readonly channels: Bytes;
  readonly entries: Bytes;
  /** The same database, for reading messages without a copy of their bytes. */
  readonly decodedEntries: Database<DecodedEntry, Buffer>;
  readonly ids: Bytes;
  readonly commits: Bytes;
  readonly #meta: Bytes;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #directory: string;
  #birth = '';
  #losses = 0;

  /** Opens the storage in a directory, which is made if it is missing. */
  static async open(options: Required<LmdbBrokerOptions>): Promise<Storage> {
    prepareDirectory(options.directory);
    try {
      const storage = new Storage(options);
      await storage
        .transact(() => storage.#begin(options))
        .catch(async (error: unknown) => {
          await storage.close();
          throw error;
        });
      return storage;
    } catch (error) {
      throw brokerErrorOf(error);
    }
  }

  private constructor({ directory, durability, maxBytes }: Required<LmdbBrokerOptions>) {
    const environment = {
      path: directory,
      noSubdir: false,
      maxDbs: MAX_DATABASES,
      mapSize: maxBytes * ADDRESS_SPACE_PER_BYTE,
      overlappingSync: durability === 'buffered',
      // Batches are made above. Those that lmdb makes have a promise that nobody can get hold of, and its rejection would end
      // the process when the disk is full.
      eventTurnBatching: false,
      permissionsMode: FILE_MODE,
      ...format,
    };
    this.#directory = directory;
    this.#root = open<Buffer, Buffer>(environment);
    checkNames(this.#root);
    this.#meta = this.#openDatabase('meta');
    this.channels = this.#openDatabase('channels');
    this.entries = this.#openDatabase('entries');
    this.decodedEntries = this.#root.openDB<DecodedEntry, Buffer>(decodedEntries);
    this.ids = this.#openDatabase('ids');
    this.commits = this.#openDatabase('commits');
  }

  /** Runs a change as one transaction: resolves once it is stored, rejects if nothing of it is. */
  async transact<T>(change: () => T): Promise<T> {
    try {
      // Only a child transaction is undone when its callback throws.
      return await this.#root.childTransaction(change);
    } catch (error) {
      const cause = await causeOf(error);
      throw isFull(this.#directory) ? brokerErrorOf(cause, 'full') : brokerErrorOf(cause);
    }
  }

  /** From now on reads what all processes have committed until now. */
  refresh(): void {
    this.#root.resetReadTxn();
  }

  /** The epoch of a channel that is in this life. */
  epochOf(life: number): string {
    return `${this.#birth}.${life}.${this.#losses}`;
  }

  /** The number of the last commit. */
  get lastCommit(): number {
    return this.#number('commits');
  }

  set lastCommit(number: number) {
    this.#setNumber('commits', number);
  }

  /** How many channels were forgotten: the life of the next one that begins. */
  get forgotten(): number {
    return this.#number('forgotten');
  }

  set forgotten(count: number) {
    this.#setNumber('forgotten', count);
  }

  /** The bytes of the pages that are in use. */
  get usedBytes(): number {
    const databases = [this.#meta, this.channels, this.entries, this.ids, this.commits];
    return databases.reduce((sum, database) => sum + pageBytes(database.getStats()), 0);
  }

  /** Copies everything that is committed into another directory, which is made if it is missing. */
  async copyTo(directory: string): Promise<void> {
    prepareDirectory(directory);
    try {
      await this.#root.backup(directory, true);
      await markAsCopy(directory);
    } catch (error) {
      throw brokerErrorOf(error);
    }
  }

  async close(): Promise<void> {
    await this.#root.flushed;
    await this.#root.close();
  }

  /** Makes a new storage this format's, or finds out how the last one ended. */
  #begin({ durability, clock }: Required<LmdbBrokerOptions>): void {
    if (this.#meta.get(Key.format) === undefined) {
      this.#setNumber('format', FORMAT);
      this.#meta.putSync(Key.birth, Buffer.from(randomText()));
      this.#meta.putSync(Key.bufferedSince, Buffer.alloc(0));
    }
    const version = this.#number('format');
    if (version !== FORMAT) {
      throw new BrokerError(
        'corrupt',
        `Expected a log of format ${FORMAT}, received one of format ${version}`,
      );
    }
    this.#birth = String(this.#meta.get(Key.birth));
    this.#noticeLoss(durability === 'buffered', bootId(clock.date()));
    this.#losses = this.#number('losses');
  }

  /** Offsets that were given to messages before the power failed may be given to others now: the epochs have to change. */
  #noticeLoss(isBuffered: boolean, boot: string): void {
    const bufferedSince = String(this.#meta.get(Key.bufferedSince));
    const mayHaveLost = bufferedSince !== '' && bufferedSince !== boot;
    if (mayHaveLost) this.#setNumber('losses', this.#number('losses') + 1);
    if (mayHaveLost || isBuffered) this.#meta.putSync(Key.bufferedSince, Buffer.from(isBuffered ? boot : ''));
  }

  #openDatabase(name: string): Bytes {
    return this.#root.openDB<Buffer, Buffer>({ name, ...format });
  }

  #number(counter: Counter): number {
    return this.#meta.get(Key[counter])?.readDoubleBE(0) ?? 0;
  }

  #setNumber(counter: Counter, number: number): void {
    const value = Buffer.allocUnsafe(8);
    value.writeDoubleBE(number, 0);
    this.#meta.putSync(Key[counter], value);
  }
}

/** LMDB calls what reads as well as writes an encoder; entries are written through the other face. */
const decodedEntries = {
  name: 'entries',
  keyEncoding: 'binary',
  encoder: { encode: encodeEntry, decode: decodeEntry },
} as const;

const format = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** Whoever goes on with a copy gives offsets anew that the original had given already: its epochs have to be others. */
async function markAsCopy(directory: string): Promise<void> {
  const copy = open<Buffer, Buffer>({ path: directory, noSubdir: false, ...format });
  await copy.openDB<Buffer, Buffer>({ name: 'meta', ...format }).put(Key.bufferedSince, Buffer.from('copy'));
  await copy.close();
}

/** Refuses a storage of LMDB that another program has made. */
function checkNames(root: RootDatabase<Buffer, Buffer>): void {
  const names = Array.from(root.getKeys(), (key) => key.toString('latin1').replace(/\0$/, ''));
  if (names.length === 0 || names.includes('meta')) return;
  void root.close();
  throw new BrokerError('corrupt', `Expected a log of messages, received a storage of ${names.join(', ')}`);
}

/** LMDB's statistics are untyped: what is no number counts for nothing. */
function pageBytes(stats: Readonly<Record<string, unknown>>): number {
  const count = (name: string): number => (typeof stats[name] === 'number' ? stats[name] : 0);
  const pages = count('treeBranchPageCount') + count('treeLeafPageCount') + count('overflowPages');
  return pages * count('pageSize');
}
