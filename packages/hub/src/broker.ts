/**
 * The log behind the channels, as the hub sees it. The in-memory broker is in `memory-broker.ts`, the durable one in
 * `@hawser/lmdb`; `broker-contract.ts` is the suite that every broker passes.
 *
 * What a broker guarantees:
 *
 * 1. _Order._ The messages of a channel have offsets 1, 2, 3 … within an epoch, in the order in which they were appended.
 * 2. _Append and publish are one._ A message is in the log before any listener hears of it, every listener of the channel
 *    in every process on this broker hears of every message, once, in the order of offsets, and none before `publish` has
 *    stored it as durably as the broker promises.
 * 3. _Idempotence._ A publication whose `publicationId` the log still knows is not stored again: `publish` resolves with
 *    the position of the first, and no listener hears of it. An id is known as long as its message is kept, and for a time
 *    that the broker states in any case. The ids are part of the log, so this outlives a restart.
 * 4. _Trimming._ Messages beyond the retention are dropped from the oldest on, none before, and do not come back with a larger
 *    one. `read` never skips one silently: whoever asks for what is gone learns the oldest offset there is. A broker that
 *    has no room left refuses publications with `full`; it does not take from what is kept.
 * 5. _Epochs._ When a channel's history begins anew (it was lost, or forgotten because nobody had used it for long), its
 *    epoch is a new one. The epoch of a channel that nobody has published to yet may change as well.
 */

import type { Position } from '@hawser/wire';

/** The content of a message: the text of a JSON value, or raw bytes. */
export type Content = string | Uint8Array;

/** A message that is to be stored. */
export interface Publication {
  /** Bytes must not be changed after they were given to a broker. */
  readonly content: Content;
  /** Names this publication among all of the channel: the hub makes it of the user and the publisher's `messageId`. */
  readonly publicationId?: string;
  /** The publisher's own name for it, handed on to subscribers. */
  readonly messageId?: string;
  /** Whose newest value this is. */
  readonly key?: string;
  /** Who published it; absent for the server itself. */
  readonly user?: string;
  /** When the hub got it: ms since 1970. */
  readonly at: number;
}

/** A message that is stored. */
export interface LogEntry extends Publication {
  readonly offset: number;
}

/** How much of a channel is kept. The strictest of the three bounds decides. */
export interface Retention {
  /** Messages; 0 keeps none. */
  readonly messages: number;
  /** Bytes of content, keys, users and ids. */
  readonly bytes: number;
  /** Milliseconds since a message was published: since its `at`, or since it was stored if `at` is later than that. */
  readonly ageMs: number;
}

/** What became of a publication. */
export interface PublishResult {
  readonly position: Position;
  /** Whether the log had it already. */
  readonly isDuplicate: boolean;
}

/** Where a channel stands. */
export interface ChannelState {
  readonly epoch: string;
  /** The offset of the newest message ever stored; 0 if there has been none. */
  readonly head: number;
  /** The offset of the oldest message that is still kept; `head + 1` if none is. */
  readonly oldest: number;
}

/** Bounds for one reading; whichever is reached first ends it. */
export interface ReadLimits {
  readonly messages: number;
  /** Bytes of content; one message is always given, however large. */
  readonly bytes: number;
}

/** A part of a log, and where the channel stood when it was read. */
export interface ReadResult extends ChannelState {
  /** Offsets without holes, oldest first. */
  readonly entries: readonly LogEntry[];
}

/**
 * Hears of every message of a channel as it is stored, in order. Must not throw. If a process stands still for so long that
 * its broker cannot tell it everything any more, it hears of what is kept: a jump in the offsets, or a new epoch.
 */
export type LogListener = (entry: LogEntry, epoch: string) => void;

/** Hears what hubs on the same broker tell each other. Must not throw. */
export type SignalListener = (signal: string) => void;

/** Stops listening; does nothing when called again. */
export type StopListening = () => void;

/** The log of all channels. Its methods reject with a BrokerError when the storage fails. */
export interface Broker {
  /**
   * Appends a message and tells every listener of the channel.
   *
   * @param retention How much of the channel is kept from now on.
   * @returns Resolves once it is stored as durably as the broker promises.
   */
  publish(channel: string, publication: Publication, retention: Retention): Promise<PublishResult>;

  /** Where a channel stands. A channel that nobody has published to has a state as well. */
  state(channel: string): Promise<ChannelState>;

  /** Reads the messages with offsets greater than `after` (0: from the oldest on). */
  read(channel: string, after: number, limits: ReadLimits): Promise<ReadResult>;

  /** Reads the newest messages with offsets smaller than `before` (`Infinity`: the newest of all), oldest first. */
  readBefore(channel: string, before: number, limits: ReadLimits): Promise<ReadResult>;

  /**
   * Calls the listener for every message from now on.
   *
   * @returns Resolves once no message can be missed any more: a message that is stored after that is heard.
   */
  listen(channel: string, listener: LogListener): Promise<StopListening>;

  /** Tells all hubs on this broker something that is not kept: to those that listen now, this one included, in order. */
  signal(signal: string): Promise<void>;

  /** Calls the listener for every signal from now on. */
  onSignal(listener: SignalListener): StopListening;

  /** Stores what is under way, and ends. */
  close(): Promise<void>;
}
