/**
 * Who is in which channel, on all hubs of one broker. A user with several connections, here or on several hubs, is one member.
 * A user whose connection is lost stays one for a while, so that a quick reconnect is seen by nobody. Hubs tell each other by
 * `Broker.signal`; `presence-hubs.ts` follows the others, `presence-members.ts` adds all up.
 */

import type { Member } from '@hawser/wire';
import type { Broker, StopListening } from './broker.ts';
import type { Clock } from './clock.ts';
import type { Deadline, DeadlineQueue } from './deadline-queue.ts';
import { PresenceHubs } from './presence-hubs.ts';
import { type ChannelMember, PresenceMembers } from './presence-members.ts';
import { decodePresenceSignal, encodePresenceSignal, type PresenceSignal } from './presence-signals.ts';

/** Who hears of members, and how long a connection that is lost still counts. */
export interface PresenceOptions {
  readonly broker: Pick<Broker, 'signal' | 'onSignal'>;
  readonly clock: Clock;
  readonly deadlines: DeadlineQueue;
  /** Names this hub among those on the broker, and no other, later one: `randomText()`. */
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

/** A user in a channel, on this hub. */
interface LocalMember {
  member: Member;
  connections: number;
  /** Ends the grace of one who has no connection. */
  departing: Deadline | undefined;
}

/** How often a hub with members says that it is alive. */
const HEARTBEAT_MS = 10_000;
/** A hub that missed so many heartbeats is dead. */
const HEARTBEATS_MISSED = 3;
/** Members in one signal, so that none gets large: a broker may have to write it to a socket. */
const MEMBERS_PER_SIGNAL = 100;

/** Keeps the members of all channels. */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #members: PresenceMembers;
  readonly #otherHubs: PresenceHubs;
  /** By channel and user. */
  readonly #local = new Map<string, Map<string, LocalMember>>();
  /** How many joins and leaves the other hubs were told of. */
  #count = 0;
  #stopListening: StopListening | undefined;
  #heartbeat: Deadline | undefined;
  #lastBeatAt = 0;

  constructor(options: PresenceOptions) {
    this.#options = options;
    const { clock, deadlines, hubId, maxMembersPerChannel, onChange, presenceGraceMs } = options;
    this.#members = new PresenceMembers(maxMembersPerChannel);
    this.#otherHubs = new PresenceHubs({
      clock,
      deadlines,
      members: this.#members,
      graceMs: presenceGraceMs,
      onChange,
      ask: (of) => this.#send({ hub: hubId, type: 'ask', of }),
    });
  }

  /** Asks the other hubs for their members, and listens from now on. */
  start(): void {
    this.#stopListening = this.#options.broker.onSignal((text) => this.#take(text));
    this.#lastBeatAt = this.#options.clock.now();
    this.#setHeartbeat();
    this.#send({ hub: this.#options.hubId, type: 'ask', of: null });
  }

  /**
   * A connection of this hub is in a channel. Returns false if the channel has as many members as are shown; then `leave` is
   * not to be called for it.
   */
  join(channel: string, member: Member): boolean {
    const known = this.#local.get(channel)?.get(member.user);
    if (known !== undefined) {
      this.#joinAgain(channel, known, member);
      return true;
    }
    if (!this.#members.hasRoomFor(channel, member.user)) return false;
    const users = this.#local.get(channel) ?? new Map<string, LocalMember>();
    this.#local.set(channel, users.set(member.user, { member, connections: 1, departing: undefined }));
    this.#announce('join', { channel, member });
    return true;
  }

  /** A connection of this hub, for which `join` returned true, is not in the channel any more. */
  leave(channel: string, user: string, departure: Departure): void {
    const local = this.#local.get(channel)?.get(user);
    if (local === undefined || local.connections === 0) return;
    local.connections -= 1;
    if (local.connections > 0) return;
    const { deadlines, presenceGraceMs } = this.#options;
    if (departure === 'left' || presenceGraceMs === 0) this.#depart(channel, local);
    else local.departing = deadlines.add(presenceGraceMs, () => this.#depart(channel, local));
  }

  /** The members of a channel, in the order in which they came. */
  members(channel: string): readonly Member[] {
    return this.#members.of(channel);
  }

  /** Tells the other hubs that this one ends, and listens no longer; does nothing unless it was started. Its members come back elsewhere, or are gone. */
  stop(): void {
    if (this.#stopListening === undefined) return;
    this.#send({ hub: this.#options.hubId, type: 'bye' });
    this.#stopListening();
    this.#stopListening = undefined;
    if (this.#heartbeat !== undefined) this.#options.deadlines.remove(this.#heartbeat);
    for (const users of this.#local.values()) {
      for (const local of users.values()) this.#cancelDeparture(local);
    }
    this.#local.clear();
  }

  #joinAgain(channel: string, known: LocalMember, member: Member): void {
    known.connections += 1;
    this.#cancelDeparture(known);
    if (JSON.stringify(known.member.info) === JSON.stringify(member.info)) return;
    // The user has something else to show: the newest holds, and is no event.
    known.member = member;
    this.#announce('join', { channel, member });
  }

  #cancelDeparture(local: LocalMember): void {
    if (local.departing !== undefined) this.#options.deadlines.remove(local.departing);
    local.departing = undefined;
  }

  #depart(channel: string, { member }: LocalMember): void {
    const users = this.#local.get(channel);
    users?.delete(member.user);
    if (users?.size === 0) this.#local.delete(channel);
    this.#announce('leave', { channel, member });
  }

  #announce(change: 'join' | 'leave', { channel, member }: ChannelMember): void {
    const { hubId: hub, onChange } = this.#options;
    this.#count += 1;
    const count = this.#count;
    if (change === 'join') {
      if (this.#members.add(hub, { channel, member })) onChange('join', channel, member);
      this.#send({ hub, type: 'join', count, channel, member });
    } else {
      const gone = this.#members.remove(hub, channel, member.user);
      if (gone !== undefined) onChange('leave', channel, gone);
      this.#send({ hub, type: 'leave', count, channel, user: member.user });
    }
  }

  #take(text: string): void {
    const signal = decodePresenceSignal(text);
    const { hubId } = this.#options;
    if (signal === undefined || signal.hub === hubId) return;
    if (signal.type !== 'ask') this.#otherHubs.take(signal);
    else if (signal.of === null || signal.of === hubId) this.#sendState();
  }

  #sendState(): void {
    const all = [...this.#members.on(this.#options.hubId)];
    const count = this.#count;
    let sent = 0;
    do {
      const members = all.slice(sent, sent + MEMBERS_PER_SIGNAL);
      const isFirst = sent === 0;
      sent += MEMBERS_PER_SIGNAL;
      const isLast = sent >= all.length;
      this.#send({ hub: this.#options.hubId, type: 'state', count, members, isFirst, isLast });
    } while (sent < all.length);
  }

  #setHeartbeat(): void {
    this.#heartbeat = this.#options.deadlines.add(HEARTBEAT_MS, () => this.#beat());
  }

  #beat(): void {
    const { clock, hubId: hub } = this.#options;
    const now = clock.now();
    const wasAsleep = now - this.#lastBeatAt >= 2 * HEARTBEAT_MS;
    this.#lastBeatAt = now;
    this.#setHeartbeat();
    // A process that stood still has not heard the others either.
    if (wasAsleep) this.#otherHubs.excuseSilence();
    this.#otherHubs.removeSilent(HEARTBEATS_MISSED * HEARTBEAT_MS);
    if (this.#local.size > 0) this.#send({ hub, type: 'beat', count: this.#count });
  }

  #send(signal: PresenceSignal): void {
    this.#options.broker.signal(encodePresenceSignal(signal)).catch(this.#options.onError);
  }
}
