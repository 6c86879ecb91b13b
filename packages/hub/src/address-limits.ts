/**
 * How many connections one address may have and open. For IPv6 the address is the network of 64 bits: that much every
 * subscriber of a provider has to itself.
 */

import type { Clock } from './clock.ts';
import { checkRate, type Rate, TokenBucket } from './token-bucket.ts';

/** The bounds of one address. */
export interface AddressLimits {
  /** Connections at a time. Default 256; a proxy in front, or an office behind one address, needs more. */
  readonly maxConnectionsPerAddress: number;
  /**
   * New connections. Default 20 a second, 256 at once. As many more are told when to come again; all others are closed without
   * a word.
   */
  readonly connects: Rate;
  /** Most addresses that are kept count of. Default 65,536. */
  readonly maxAddresses: number;
}

/** The bounds that hold where none are given. */
export const defaultAddressLimits: AddressLimits = {
  maxConnectionsPerAddress: 256,
  connects: { perSecond: 20, burst: 256 },
  maxAddresses: 65_536,
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError if a limit lets nothing pass.
 */
export function resolveAddressLimits(limits: Partial<AddressLimits> = {}): AddressLimits {
  const resolved: AddressLimits = { ...defaultAddressLimits, ...limits };
  const { maxConnectionsPerAddress, maxAddresses } = resolved;
  for (const [name, value] of Object.entries({ maxConnectionsPerAddress, maxAddresses })) {
    if (!(value >= 1))
      throw new RangeError(`Expected addressLimits.${name} to be 1 or more, received ${value}`);
  }
  checkRate('addressLimits.connects', resolved.connects);
  return resolved;
}

/** What is known of one address. */
interface AddressEntry {
  connections: number;
  readonly connects: TokenBucket;
  readonly refusals: TokenBucket;
}

/** In how many ms an address should try again that has too many connections: nobody knows when one of them will end. */
const RETRY_IN_MS = 10_000;

/** How many entries are looked at, for each that is added, to see whether they can go: more than one, so that they run out. */
const ENTRIES_SWEPT = 2;

/** Counts the connections of all addresses. */
export class AddressMeter {
  readonly #limits: AddressLimits;
  readonly #clock: Clock;
  /** Those looked at longest ago first. */
  readonly #entries = new Map<string, AddressEntry>();

  constructor(limits: AddressLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** How many addresses are kept count of. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Lets a connection in, and returns 0; or refuses it, and returns in how many ms to try again. `Infinity`: so many were
   * refused that even to say so would cost too much.
   */
  open(address: string): number {
    const now = this.#clock.now();
    const { connects, maxConnectionsPerAddress } = this.#limits;
    const entry = this.#entryOf(networkOf(address), now);
    if (entry === undefined) return Infinity;
    const waitMs = entry.connects.waitFor(1, connects, now);
    const retryInMs = entry.connections < maxConnectionsPerAddress ? waitMs : Math.max(waitMs, RETRY_IN_MS);
    if (retryInMs > 0) return this.#refuse(entry, retryInMs, now);
    entry.connects.take(1, connects, now);
    entry.connections += 1;
    return 0;
  }

  /** A connection that was let in has ended. */
  close(address: string): void {
    const entry = this.#entries.get(networkOf(address));
    if (entry !== undefined && entry.connections > 0) entry.connections -= 1;
  }

  #refuse({ refusals }: AddressEntry, retryInMs: number, now: number): number {
    const { connects } = this.#limits;
    if (refusals.waitFor(1, connects, now) > 0) return Infinity;
    refusals.take(1, connects, now);
    return retryInMs;
  }

  /** The entry of a network, a new one if need be; undefined if there are too many that have connections. */
  #entryOf(network: string, now: number): AddressEntry | undefined {
    const known = this.#entries.get(network);
    if (known !== undefined) return known;
    this.#sweep(now);
    if (this.#entries.size >= this.#limits.maxAddresses) return undefined;
    const entry = { connections: 0, connects: new TokenBucket(), refusals: new TokenBucket() };
    this.#entries.set(network, entry);
    return entry;
  }

  /** Forgets an entry or two that tell nothing, or, where room is short, those that have no connection. */
  #sweep(now: number): void {
    const isFull = this.#entries.size >= this.#limits.maxAddresses;
    let left = ENTRIES_SWEPT;
    for (const [network, entry] of this.#entries) {
      if (left === 0) return;
      left -= 1;
      this.#entries.delete(network);
      const canGo = entry.connections === 0 && (isFull || isUntouched(entry, now));
      if (!canGo) this.#entries.set(network, entry);
    }
  }
}

/** Whether a new entry would be the same. */
function isUntouched({ connects, refusals }: AddressEntry, now: number): boolean {
  return connects.isFull(now) && refusals.isFull(now);
}

/** What counts as one address: an IPv4 address, or the network of 64 bits of an IPv6 address. */
export function networkOf(address: string): string {
  const text = address.slice(0, MAX_ADDRESS_LENGTH).toLowerCase();
  if (!text.includes(':')) return text;
  const mapped = /^(?:0{0,4}:){2,6}ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  return mapped ?? `${firstGroups(text).join(':')}::/64`;
}

/** As long as an IPv6 address with a zone gets. */
const MAX_ADDRESS_LENGTH = 64;
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** The first four of the eight groups of an IPv6 address, without leading zeros; `::` stands for as many as are missing. */
function firstGroups(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted quad at the end stands for two groups.
  const lastLength = last.length + (last.at(-1)?.includes('.') === true ? 1 : 0);
  const missing = tail === undefined ? 0 : Math.max(0, GROUPS - first.length - lastLength);
  return [...first, ...Array<string>(missing).fill('0'), ...last]
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ''));
}
