/**
 * The channels that somebody is subscribed to, and for a while those that nobody is subscribed to any more: who comes back
 * finds them open. Bounded, for their names come from clients. Below: `channel.ts`; above: `connection.ts`, `hub.ts`.
 */

import type { DeliveryPolicy } from '@hawser/wire';
import { Channel, type ChannelContext } from './channel.ts';
import type { Clock } from './clock.ts';
import { CommandError } from './command-error.ts';

/** How many channels there are, and for how long without subscribers. */
export interface ChannelsOptions {
  readonly clock: Clock;
  /** Most channels at a time. */
  readonly maxChannels: number;
  /** For how long a channel without subscribers stays open, in ms. */
  readonly channelIdleMs: number;
}

interface Place<Prepared> {
  readonly channel: Channel<Prepared>;
  /** How many subscriptions it has, or is about to have. */
  holders: number;
  /** Since when there are none, on the clock's `now()`. */
  idleSince: number;
}

/** All channels of a hub. */
export class Channels<Prepared> {
  readonly #options: ChannelsOptions;
  readonly #context: ChannelContext<Prepared>;
  readonly #places = new Map<string, Place<Prepared>>();
  /** Those without subscribers, the one that has been so for longest first. */
  readonly #idle = new Set<Place<Prepared>>();

  constructor(options: ChannelsOptions, context: ChannelContext<Prepared>) {
    this.#options = options;
    this.#context = context;
  }

  /** How many channels are open. */
  get size(): number {
    return this.#places.size;
  }

  /** The channel, if it is open. */
  get(name: string): Channel<Prepared> | undefined {
    return this.#places.get(name)?.channel;
  }

  /** All channels that are open. */
  *all(): Generator<Channel<Prepared>> {
    for (const { channel } of this.#places.values()) yield channel;
  }

  /**
   * The channel, opened if it is not, and held open until `release`.
   *
   * @throws CommandError if there are too many.
   */
  acquire(name: string, policy: DeliveryPolicy): Channel<Prepared> {
    const place = this.#places.get(name) ?? this.#open(name, policy);
    place.holders += 1;
    this.#idle.delete(place);
    return place.channel;
  }

  /** Holds the channel open no longer. */
  release(channel: Channel<Prepared>): void {
    const place = this.#places.get(channel.name);
    if (place === undefined || place.channel !== channel) return;
    place.holders -= 1;
    if (place.holders > 0) return;
    place.idleSince = this.#options.clock.now();
    this.#idle.add(place);
  }

  /** A channel's log failed: whoever comes next opens it anew. */
  discard(channel: Channel<Prepared>): void {
    const place = this.#places.get(channel.name);
    if (place !== undefined && place.channel === channel) this.#close(place);
  }

  /** Closes the channels that nobody has been subscribed to for long. */
  sweep(): void {
    const { clock, channelIdleMs } = this.#options;
    const idleSince = clock.now() - channelIdleMs;
    for (const place of this.#idle) {
      if (place.idleSince > idleSince) return;
      this.#close(place);
    }
  }

  /** Closes all channels. */
  close(): void {
    for (const place of this.#places.values()) this.#close(place);
  }

  #open(name: string, policy: DeliveryPolicy): Place<Prepared> {
    const [idle] = this.#idle;
    if (this.#places.size >= this.#options.maxChannels && idle !== undefined) this.#close(idle);
    if (this.#places.size >= this.#options.maxChannels) {
      const message = `Expected at most ${this.#options.maxChannels} channels with subscribers`;
      throw new CommandError('unavailable', message, { retryInMs: RETRY_IN_MS });
    }
    const channel = new Channel(name, policy, this.#context);
    const place = { channel, holders: 0, idleSince: 0 };
    this.#places.set(name, place);
    return place;
  }

  #close(place: Place<Prepared>): void {
    place.channel.close();
    this.#places.delete(place.channel.name);
    this.#idle.delete(place);
  }
}

/** When to ask again for a channel: nobody knows when another is left. */
const RETRY_IN_MS = 10_000;
