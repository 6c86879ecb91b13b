/** Every option of the durable broker, with its unit, its default and its danger. */

import { type Clock, systemClock } from '@hawser/hub/broker-parts';

/** What `publish` waits for. */
export type Durability =
  /** Until the message is on disk. It survives the end of the process and a power failure. */
  | 'disk'
  /** Until the operating system has the message. It survives the end of the process, but not always a power failure. */
  | 'buffered';

/** Every option of the durable broker. */
export interface LmdbBrokerOptions {
  /** Where the log is; made if it is missing, readable by its owner only. Danger: it must not be on a network drive. */
  readonly directory: string;
  /**
   * What `publish` waits for. Default: `disk`. Danger: with `buffered` the last messages may be lost when the power fails;
   * subscribers notice, because the epochs of all channels are new after that.
   */
  readonly durability?: Durability;
  /**
   * Disk space for messages, ids and indexes, in bytes. Publishing beyond it fails with `full`, and reading goes on. The
   * file may be larger for a while, and never shrinks. Default: 4 GiB.
   */
  readonly maxBytes?: number;
  /** Memory for what waits to be written, in bytes. Publishing beyond it fails with `full`. Default: 64 MiB. */
  readonly maxWaitingBytes?: number;
  /** How long the id of a publication is known, in ms, even if its message was trimmed. Default: 24 hours. */
  readonly idempotenceMs?: number;
  /** How often to look for messages of other processes, in ms. Default: 10. */
  readonly pollMs?: number;
  /**
   * How long messages stay on disk after they were trimmed, in ms, for listeners in other processes. Default: 10 seconds.
   * Danger: a process that stands still for longer may miss messages that are no longer kept.
   */
  readonly graceMs?: number;
  /** How long a channel without messages is remembered, in ms; then it begins a new epoch. Default: 7 days. */
  readonly idleMs?: number;
  /** Time and timers. Default: the machine's. */
  readonly clock?: Pick<Clock, 'date' | 'schedule'>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MIB = 1024 * 1024;

/** LMDB needs a few pages for itself. */
const MIN_BYTES = MIB;

const defaults: Omit<Required<LmdbBrokerOptions>, 'directory'> = {
  durability: 'disk',
  maxBytes: 4096 * MIB,
  maxWaitingBytes: 64 * MIB,
  idempotenceMs: DAY_MS,
  pollMs: 10,
  graceMs: 10_000,
  idleMs: 7 * DAY_MS,
  clock: systemClock,
};

/** The options with their defaults, or an error that names the one that is wrong. */
export function completeOptions(options: LmdbBrokerOptions): Required<LmdbBrokerOptions> {
  const complete = { ...defaults, ...options };
  const { directory, durability, maxBytes } = complete;
  if (directory === '') throw new TypeError('Expected directory to be a path, received an empty text');
  if (durability !== 'disk' && durability !== 'buffered') {
    throw new TypeError(`Expected durability to be disk or buffered, received ${String(durability)}`);
  }
  if (!(maxBytes >= MIN_BYTES)) {
    throw new RangeError(`Expected maxBytes to be at least ${MIN_BYTES}, received ${maxBytes}`);
  }
  for (const name of ['maxWaitingBytes', 'idempotenceMs', 'pollMs', 'graceMs', 'idleMs'] as const) {
    if (!(complete[name] >= 0)) {
      throw new RangeError(`Expected ${name} to be at least 0, received ${complete[name]}`);
    }
  }
  return complete;
}
