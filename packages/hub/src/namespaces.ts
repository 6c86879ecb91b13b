/**
 * What holds for the channels of a namespace, `room` for `room:lobby`: how they are delivered, how much of them is kept, and
 * whether it shows who is there. A channel whose namespace is not listed does not exist.
 */

import { type DeliveryPolicy, isChannelName, namespaceOf } from '@hawser/wire';
import type { Retention } from './broker.ts';
import { CommandError } from './command-error.ts';

/** What can be said of a namespace. */
export interface NamespaceOptions {
  /**
   * How messages reach subscribers that are slower than the channel. `every`: all of them, in order, read from the history when
   * there is room. `latest`: the newest of each key. `volatile`: none. Default `every`.
   *
   * Danger: with `latest` and `volatile` a slow subscriber misses messages, and is told how many.
   */
  readonly policy?: DeliveryPolicy;
  /**
   * How much is kept, for those who come back, for slow subscribers and for `history`. Default 1,000 messages, 1 MiB and
   * 24 hours, whichever is least; nothing for `volatile`.
   *
   * Danger: what is more than this behind the newest message is lost to whoever has not got it; they hear of it by `gap`.
   */
  readonly history?: Partial<Retention>;
  /** Whether subscribers see who else is there, and who comes and goes. Default false. */
  readonly presence?: boolean;
  /** The largest message, in bytes of JSON or raw bytes. Default 64 KiB; `outboundBytes` has to hold two of them. */
  readonly maxMessageBytes?: number;
}

/** What holds for a namespace. */
export interface Namespace {
  readonly policy: DeliveryPolicy;
  readonly retention: Retention;
  readonly presence: boolean;
  readonly maxMessageBytes: number;
}

const defaultRetention: Retention = { messages: 1000, bytes: 1024 * 1024, ageMs: 24 * 60 * 60_000 };
const noRetention: Retention = { messages: 0, bytes: 0, ageMs: 0 };
const DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024;

const policies: readonly string[] = ['every', 'latest', 'volatile'] satisfies DeliveryPolicy[];

/** All namespaces of a hub. */
export class Namespaces {
  readonly #namespaces = new Map<string, Namespace>();

  /** @throws RangeError or TypeError with the path of what is wrong. */
  constructor(options: Readonly<Record<string, NamespaceOptions>>) {
    for (const [name, namespace] of Object.entries(options)) {
      if (!isChannelName(`${name}:x`)) {
        throw new TypeError(
          `Expected the name of a namespace to be of letters, digits, _ and -, received ${name}`,
        );
      }
      this.#namespaces.set(name, resolve(`namespaces.${name}`, namespace));
    }
  }

  /** The largest message of all of them, in bytes. */
  get maxMessageBytes(): number {
    return Math.max(0, ...[...this.#namespaces.values()].map(({ maxMessageBytes }) => maxMessageBytes));
  }

  /** Whether any of them shows who is there. */
  get havePresence(): boolean {
    return [...this.#namespaces.values()].some(({ presence }) => presence);
  }

  /**
   * What holds for a channel.
   *
   * @throws CommandError if its name is none, or its namespace does not exist.
   */
  of(channel: string): Namespace {
    const namespace = this.#namespaces.get(namespaceOf(channel));
    if (namespace !== undefined && isChannelName(channel)) return namespace;
    if (isChannelName(channel)) throw new CommandError('unknown-namespace');
    throw new CommandError('invalid-command', 'Expected the name of a channel, namespace:name');
  }
}

function resolve(path: string, options: NamespaceOptions): Namespace {
  const { policy = 'every', presence = false, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options;
  if (!policies.includes(policy)) {
    throw new TypeError(`Expected ${path}.policy to be one of ${policies.join(', ')}, received ${policy}`);
  }
  checkNumber(`${path}.maxMessageBytes`, maxMessageBytes, 1);
  const retention = { ...(policy === 'volatile' ? noRetention : defaultRetention), ...options.history };
  for (const [name, value] of Object.entries(retention)) checkNumber(`${path}.history.${name}`, value, 0);
  return { policy, retention, presence, maxMessageBytes };
}

function checkNumber(path: string, value: number, least: number): void {
  if (value >= least) return;
  throw new RangeError(`Expected ${path} to be a number of at least ${least}, received ${value}`);
}
