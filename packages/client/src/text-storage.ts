/**
 * Keeps a client's state as one text, wherever texts can be kept: soon after a change, and at once when the page may be about
 * to end.
 */

import type { Position } from '@hawser/wire';
import type { ClientStorage, KeptPublication, StorageHost } from './client-storage.ts';
import { type CancelTimer, type Clock, systemClock } from './clock.ts';

/** Keeps one text. */
export interface TextPlace {
  /** The text; null if there is none. */
  read(): string | null | Promise<string | null>;
  /** Replaces it. Has to be done when it returns. */
  write(text: string): void;
}

/** How a text is kept. */
export interface TextStorageOptions {
  /** After a change, write within this time, in ms. A page that ends without a word, by a crash, loses as much. Default 100. */
  readonly writeAfterMs?: number;
  /** Hears of texts that cannot be written: the place is full, for example. Default: nobody does. */
  failed?(error: unknown): void;
  /** Time. Default: the machine's. */
  readonly clock?: Clock;
}

/** The layout of the text. */
const VERSION = 1;

/** For how many channels a position is kept; those of earlier pages are forgotten first. */
const MAX_POSITIONS = 1_000;

interface KeptState {
  readonly version: typeof VERSION;
  /** Whose positions these are. */
  readonly user?: string;
  readonly publications: readonly {
    readonly id: number;
    readonly at: number;
    readonly user?: string;
    /** Text, or bytes as numbers: large, and seldom there. */
    readonly frame: string | readonly number[];
  }[];
  readonly positions: readonly (readonly [channel: string, position: Position])[];
}

/** Makes a storage of a place for one text. It serves one client at a time. */
export function textStorage(place: TextPlace, options: TextStorageOptions = {}): ClientStorage {
  return new TextStorage(place, options);
}

class TextStorage implements ClientStorage {
  readonly #place: TextPlace;
  readonly #options: TextStorageOptions;
  readonly #clock: Clock;
  #host: StorageHost | undefined;
  #user: string | undefined;
  /** What an earlier page left, and no channel has taken up. */
  #positions = new Map<string, Position>();
  #cancelWrite: CancelTimer | undefined;

  constructor(place: TextPlace, options: TextStorageOptions) {
    this.#place = place;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async attach(host: StorageHost): Promise<void> {
    this.#host = host;
    const kept: unknown = JSON.parse((await this.#place.read()) ?? 'null');
    if (!isKeptState(kept)) return;
    this.#user = kept.user;
    this.#positions = new Map(kept.positions);
    for (const { id, at, user, frame } of kept.publications) {
      host.restore({ id, at, user, frame: typeof frame === 'string' ? frame : Uint8Array.from(frame) });
    }
  }

  startOf(channel: string): Position | undefined {
    this.#followUser();
    const position = this.#positions.get(channel);
    this.#positions.delete(channel);
    return position;
  }

  changed(): void {
    const { writeAfterMs = 100 } = this.#options;
    this.#cancelWrite ??= this.#clock.schedule(() => this.flush(), writeAfterMs);
  }

  flush(): void {
    if (this.#cancelWrite === undefined || this.#host === undefined) return;
    this.#cancelWrite();
    this.#cancelWrite = undefined;
    try {
      this.#place.write(JSON.stringify(this.#stateOf(this.#host)));
    } catch (error) {
      this.#options.failed?.(error);
    }
  }

  #stateOf({ publications, positions }: StorageHost): KeptState {
    this.#followUser();
    const current = [...positions].filter((entry): entry is [string, Position] => entry[1] !== undefined);
    return {
      version: VERSION,
      ...(this.#user === undefined ? {} : { user: this.#user }),
      publications: publications.map(toKept),
      positions: [...this.#positions, ...current].slice(-MAX_POSITIONS),
    };
  }

  /** Where one user stood is nothing to the next. */
  #followUser(): void {
    const user = this.#host?.user;
    if (user === undefined || user === this.#user) return;
    if (this.#user !== undefined) this.#positions.clear();
    this.#user = user;
  }
}

function toKept({ id, at, user, frame }: KeptPublication): KeptState['publications'][number] {
  return {
    id,
    at,
    ...(user === undefined ? {} : { user }),
    frame: typeof frame === 'string' ? frame : [...frame],
  };
}

/** Looks no deeper: only scripts of the page's own origin write there. */
function isKeptState(value: unknown): value is KeptState {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === VERSION;
}
