/**
 * What a client keeps across a reload of its page: the outbox, and where its channels stand. Those who keep it are an entry
 * point of their own (`@hawser/client/storage`); this is what they and the client know of each other.
 */

import type { Position } from '@hawser/wire';

/** One publication that the hub has not confirmed. */
export interface KeptPublication {
  /** Grows from one to the next. */
  readonly id: number;
  /** When it was published: ms since 1970. */
  readonly at: number;
  /** The command, encoded. */
  readonly frame: string | Uint8Array<ArrayBuffer>;
  /** Who published it, if that was known: it is sent in nobody else's name. */
  readonly user: string | undefined;
}

/** A client, as those see it who keep its state. */
export interface StorageHost {
  /** Who the hub takes it for; undefined before it has said so. */
  readonly user: string | undefined;
  /** What the outbox holds, oldest first. */
  readonly publications: readonly KeptPublication[];
  /** Up to where the messages of each channel were delivered and dealt with; undefined before that is known. */
  readonly positions: Iterable<readonly [channel: string, position: Position | undefined]>;
  /** Gives back what an earlier page left, oldest first. */
  restore(publication: KeptPublication): void;
}

/** Who keeps a client's state. */
export interface ClientStorage {
  /** Gives back what was kept, and keeps what is to come. The client begins when this resolves. */
  attach(host: StorageHost): Promise<void>;
  /** Where a channel stood for this user when an earlier page was left. Asked once for each channel that is taken up. */
  startOf(channel: string): Position | undefined;
  /** The host's state is another; called for every message. */
  changed(): void;
  /** The page may be about to end. */
  flush(): void;
}
