/**
 * The other hubs on the broker, as far as their members go: what each has told, whether something was missed, and since when
 * it was not heard. A hub of which something was missed is asked for everything; one that is silent for too long is dead, and
 * its members with it.
 */

import type { Member } from '@hawser/wire';
import type { Clock } from './clock.ts';
import type { Deadline, DeadlineQueue } from './deadline-queue.ts';
import type { ChannelMember, PresenceMembers } from './presence-members.ts';
import type { PresenceSignal } from './presence-signals.ts';

/** What the other hubs are watched with. */
export interface PresenceHubsOptions {
  readonly clock: Clock;
  readonly deadlines: DeadlineQueue;
  readonly members: PresenceMembers;
  /** For how long the members of a hub that has ended are still shown, in ms: they come back on another hub. */
  readonly graceMs: number;
  readonly onChange: (change: 'join' | 'leave', channel: string, member: Member) => void;
  /** Asks a hub for all its members. */
  readonly ask: (hub: string) => void;
}

interface OtherHub {
  lastHeardAt: number;
  /** How many joins and leaves it has told of; undefined while its state is awaited. */
  count: number | undefined;
  /** Members that a state which is arriving has not named yet. */
  unconfirmed: readonly ChannelMember[];
  confirmed: Set<string>;
  askedAt: number;
  ending: Deadline | undefined;
}

/** Hubs that are known at a time; more are not listened to. */
const MAX_HUBS = 1024;
/** How long an answer is waited for before a hub is asked again. */
const ASK_AGAIN_MS = 5000;

/** Watches the other hubs. */
export class PresenceHubs {
  readonly #options: PresenceHubsOptions;
  readonly #hubs = new Map<string, OtherHub>();

  constructor(options: PresenceHubsOptions) {
    this.#options = options;
  }

  /** Takes what another hub says of itself. */
  take(signal: Exclude<PresenceSignal, { type: 'ask' }>): void {
    const hub = this.#hubs.get(signal.hub) ?? this.#add(signal.hub);
    if (hub === undefined) return;
    hub.lastHeardAt = this.#options.clock.now();
    switch (signal.type) {
      case 'join':
        this.#count(signal.hub, hub, signal.count);
        this.#join(signal.hub, hub, signal);
        break;
      case 'leave':
        this.#count(signal.hub, hub, signal.count);
        this.#leave(signal.hub, signal.channel, signal.user);
        break;
      case 'beat':
        if (signal.count !== hub.count) this.#ask(signal.hub, hub);
        break;
      case 'state':
        this.#takeState(signal, hub);
        break;
      case 'bye':
        hub.ending ??= this.#options.deadlines.add(this.#options.graceMs, () => this.#remove(signal.hub));
        break;
    }
  }

  /** Takes the members of those away who were not heard of for so long. */
  removeSilent(silentMs: number): void {
    const now = this.#options.clock.now();
    for (const [id, { lastHeardAt }] of this.#hubs) {
      if (now - lastHeardAt >= silentMs) this.#remove(id);
    }
  }

  /** Counts all as heard just now: nobody was listening. */
  excuseSilence(): void {
    const now = this.#options.clock.now();
    for (const hub of this.#hubs.values()) hub.lastHeardAt = now;
  }

  #add(id: string): OtherHub | undefined {
    if (this.#hubs.size >= MAX_HUBS) return undefined;
    const hub: OtherHub = {
      lastHeardAt: 0,
      // A hub that nobody knew tells of its first member with 1, or has to be asked.
      count: 0,
      unconfirmed: [],
      confirmed: new Set(),
      askedAt: -Infinity,
      ending: undefined,
    };
    this.#hubs.set(id, hub);
    return hub;
  }

  #count(id: string, hub: OtherHub, count: number): void {
    if (hub.count !== undefined && count === hub.count + 1) hub.count = count;
    else this.#ask(id, hub);
  }

  #ask(id: string, hub: OtherHub): void {
    const now = this.#options.clock.now();
    hub.count = undefined;
    if (now - hub.askedAt < ASK_AGAIN_MS) return;
    hub.askedAt = now;
    this.#options.ask(id);
  }

  #takeState(signal: Extract<PresenceSignal, { type: 'state' }>, hub: OtherHub): void {
    if (signal.isFirst) {
      hub.count = signal.count;
      hub.unconfirmed = [...this.#options.members.on(signal.hub)];
      hub.confirmed = new Set();
    }
    for (const member of signal.members) this.#join(signal.hub, hub, member);
    if (!signal.isLast) return;
    for (const { channel, member } of hub.unconfirmed) {
      if (!hub.confirmed.has(keyOf(channel, member.user))) this.#leave(signal.hub, channel, member.user);
    }
    hub.unconfirmed = [];
    hub.confirmed = new Set();
  }

  #join(id: string, hub: OtherHub, { channel, member }: ChannelMember): void {
    if (hub.unconfirmed.length > 0) hub.confirmed.add(keyOf(channel, member.user));
    if (this.#options.members.add(id, { channel, member })) this.#options.onChange('join', channel, member);
  }

  #leave(id: string, channel: string, user: string): void {
    const gone = this.#options.members.remove(id, channel, user);
    if (gone !== undefined) this.#options.onChange('leave', channel, gone);
  }

  #remove(id: string): void {
    const { deadlines, members } = this.#options;
    const ending = this.#hubs.get(id)?.ending;
    if (ending !== undefined) deadlines.remove(ending);
    this.#hubs.delete(id);
    for (const { channel, member } of [...members.on(id)]) this.#leave(id, channel, member.user);
  }
}

function keyOf(channel: string, user: string): string {
  // No user has a line break.
  return `${user}\n${channel}`;
}
