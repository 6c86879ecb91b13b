/**
 * The members of all channels, and on which hubs each of them is. Pure bookkeeping: `presence.ts` tells it who is where, and
 * learns which members came and went for those who see all hubs as one.
 */

import type { Member } from '@hawser/wire';

/** A member of a channel. */
export interface ChannelMember {
  readonly channel: string;
  readonly member: Member;
}

interface MemberEntry {
  readonly member: Member;
  /** Where the member is; never empty. */
  readonly hubs: Set<string>;
}

/** Knows the members of all channels on all hubs. */
export class PresenceMembers {
  readonly #maxMembersPerChannel: number;
  readonly #channels = new Map<string, Map<string, MemberEntry>>();
  /** What each hub has brought: users by channel. */
  readonly #hubs = new Map<string, Map<string, Set<string>>>();

  constructor(maxMembersPerChannel: number) {
    this.#maxMembersPerChannel = maxMembersPerChannel;
  }

  /** The members of a channel, in the order in which they came. */
  of(channel: string): readonly Member[] {
    const entries = this.#channels.get(channel);
    return entries === undefined ? [] : Array.from(entries.values(), ({ member }) => member);
  }

  /** Whether one more can be shown; a user who is there already needs no room. */
  hasRoomFor(channel: string, user: string): boolean {
    const entries = this.#channels.get(channel);
    return entries === undefined || entries.has(user) || entries.size < this.#maxMembersPerChannel;
  }

  /** A user is on a hub. Returns whether the channel has a member more. */
  add(hub: string, { channel, member }: ChannelMember): boolean {
    if (!this.hasRoomFor(channel, member.user)) return false;
    const entries = getOrAdd(this.#channels, channel, () => new Map<string, MemberEntry>());
    const known = entries.get(member.user);
    const hubs = known?.hubs ?? new Set<string>();
    // Replaced where it stands: who has another name to show comes no later for that.
    entries.set(member.user, { member, hubs: hubs.add(hub) });
    const channelsOfHub = getOrAdd(this.#hubs, hub, () => new Map<string, Set<string>>());
    getOrAdd(channelsOfHub, channel, () => new Set<string>()).add(member.user);
    return known === undefined;
  }

  /** A user is not on a hub any more. Returns the member if the channel has lost it. */
  remove(hub: string, channel: string, user: string): Member | undefined {
    const channelsOfHub = this.#hubs.get(hub);
    const users = channelsOfHub?.get(channel);
    if (channelsOfHub === undefined || users?.delete(user) !== true) return undefined;
    if (users.size === 0) channelsOfHub.delete(channel);
    if (channelsOfHub.size === 0) this.#hubs.delete(hub);
    return this.#removeFromChannel(hub, channel, user);
  }

  /** Everybody on a hub. */
  *on(hub: string): Iterable<ChannelMember> {
    for (const [channel, users] of this.#hubs.get(hub) ?? []) {
      for (const user of users) {
        const entry = this.#channels.get(channel)?.get(user);
        if (entry !== undefined) yield { channel, member: entry.member };
      }
    }
  }

  #removeFromChannel(hub: string, channel: string, user: string): Member | undefined {
    const entries = this.#channels.get(channel);
    const entry = entries?.get(user);
    if (entries === undefined || entry === undefined) return undefined;
    entry.hubs.delete(hub);
    if (entry.hubs.size > 0) return undefined;
    entries.delete(user);
    if (entries.size === 0) this.#channels.delete(channel);
    return entry.member;
  }
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
