/** What a channel tells: its messages, who comes and goes, and how far it may be relied on. */

import type { DeliveryPolicy, Member, MessageHead, Position } from '@hawser/wire';
import type { HawserError } from './errors.ts';

/** One message of a channel. */
export interface Message<T> extends MessageHead {
  readonly channel: string;
  readonly data: T;
}

/** The subscription stands. */
export interface Subscribed {
  readonly policy: DeliveryPolicy;
  /** The first message to come has a greater offset. */
  readonly position: Position;
  /** Whether nothing is missing since the last message; if something is, a `gap` follows. */
  readonly recovered: boolean;
}

/** Messages are missing, and will not come: the hub does not have them any more. */
export interface Gap {
  readonly from: Position;
  readonly to: Position;
  /** `trimmed`: the history does not reach back; `epoch`: it is another history. */
  readonly reason: 'trimmed' | 'epoch';
}

/** The events of a channel by name. */
export interface ChannelEvents<T> {
  /** Never twice, never out of order. */
  readonly message: Message<T>;
  readonly join: Member;
  readonly leave: Member;
  readonly subscribed: Subscribed;
  /** Everything that the channel had was delivered; from here on messages come as they are published. */
  readonly 'caught-up': { readonly offset: number };
  readonly gap: Gap;
  /** This many messages were skipped by the channel's policy (`latest`, `volatile`), because we were too slow. */
  readonly dropped: { readonly count: number };
  /** A message did not pass its schema, and is skipped. */
  readonly invalid: HawserError;
  /** The hub refused or ended the subscription. The client asks again when it next connects. */
  readonly ended: HawserError;
}
