/**
 * How many connections one address may have and open. For IPv6 the address is the network of 64 bits: that much every
 * subscriber of a provider has to itself.
 */

import type { Clock } from './clock.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

/** The bounds of one address. */
export interface AddressLimits {
  /** Connections at a time. Default 256; a proxy in front, or an office behind one address, needs more. */
  readonly maxConnectionsPerAddress: number;
  /** New connections. Default 20 a second, 256 at once. */
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

/** What is known of one address. */
interface AddressEntry {
  connections: number;
  readonly connects: TokenBucket;
}

/** Counts the connections of all addresses. */
export class AddressMeter {
  readonly #limits: AddressLimits;
  readonly #clock: Clock;
  readonly #entries = new Map<string, AddressEntry>();

  constructor(limits: AddressLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Lets a connection in, and returns 0; or refuses it, and returns in how many ms to try again. */
  open(address: string): number {
    this.#entries.set(address, {
      connections: this.#limits.maxConnectionsPerAddress,
      connects: new TokenBucket(this.#limits.connects, this.#clock.now()),
    });
    return 0;
  }

  /** A connection that was let in has ended. */
  close(address: string): void {
    this.#entries.delete(address);
  }
}
