/**
 * What a hub and its clients say to each other under the subprotocol `hawser.v1` (docs/wire.md): commands go up; replies,
 * which carry the command's `id`, and events come down. This file is the shapes alone; `decode-command.ts` and
 * `decode-server-message.ts` check that what arrives has them, `encode-command.ts` and `encode-server-message.ts` write
 * them.
 */

import type { ErrorCode } from './error-codes.ts';

/** The subprotocol's name, and the version of this contract. */
export const SUBPROTOCOL = 'hawser.v1';

/** What JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** What a message carries: any JSON value in a text frame, raw bytes in a binary frame. */
export type Data = JsonValue | Uint8Array;

/** A place in a channel: the message with this offset, or what lies before the first (0). */
export interface Position {
  /** Names one unbroken history of the channel; another epoch has other offsets. */
  readonly epoch: string;
  /** Counts the channel's messages from 1; a whole number. */
  readonly offset: number;
}

/** How messages reach a subscriber that is slower than the channel. */
export type DeliveryPolicy = 'every' | 'latest' | 'volatile';

// Commands

/** Has to be the first command; says who the client is. */
export interface ConnectCommand {
  readonly type: 'connect';
  readonly id: number;
  /** A token for the hub to check; absent if the transport's request identifies the client, for example by a cookie. */
  readonly token?: string;
  /** What `connected` gave when this client was last here; the hub takes up that session if it is the same identity's. */
  readonly session?: string;
}

/** Replaces the token before it ends. The new one has to be of the same user. */
export interface RefreshCommand {
  readonly type: 'refresh';
  readonly id: number;
  readonly token: string;
}

export interface SubscribeCommand {
  readonly type: 'subscribe';
  readonly id: number;
  readonly channel: string;
  /** Deliver what came after this position first. Absent: begin with the next message. */
  readonly since?: Position;
}

export interface UnsubscribeCommand {
  readonly type: 'unsubscribe';
  readonly id: number;
  readonly channel: string;
}

export interface PublishCommand {
  readonly type: 'publish';
  readonly id: number;
  readonly channel: string;
  /** The publisher's own name for this message: sent again with the same one, it is not stored again. */
  readonly messageId?: string;
  /** What the message is the newest value of, where the policy is `latest`. */
  readonly key?: string;
  readonly data: Data;
}

export interface HistoryCommand {
  readonly type: 'history';
  readonly id: number;
  readonly channel: string;
  /** Messages with greater offsets, oldest first. */
  readonly after?: Position;
  /** Messages with smaller offsets; the newest of them, oldest first. With neither: the newest messages. */
  readonly before?: Position;
  /** How many messages at most. */
  readonly limit: number;
}

export interface PresenceCommand {
  readonly type: 'presence';
  readonly id: number;
  readonly channel: string;
}

/** Calls a handler of the server (RPC). */
export interface CallCommand {
  readonly type: 'call';
  readonly id: number;
  readonly method: string;
  readonly data: Data;
}

/** Asks for a `pong`: whether the other side is still there, and how far away. */
export interface PingCommand {
  readonly type: 'ping';
  readonly id: number;
}

export type Command =
  | ConnectCommand
  | RefreshCommand
  | SubscribeCommand
  | UnsubscribeCommand
  | PublishCommand
  | HistoryCommand
  | PresenceCommand
  | CallCommand
  | PingCommand;

// Replies

export interface ConnectedReply {
  readonly type: 'connected';
  readonly id: number;
  /** Who the hub takes the client for. */
  readonly user: string;
  /** The name of this session: unguessable, of use to this identity alone. */
  readonly session: string;
  /** Whether the session that was asked for was taken up. */
  readonly resumed: boolean;
  /** In how many ms the token ends; absent if it does not. */
  readonly expiresInMs?: number;
  /** How often the client should send something, in ms; the hub drops a client that it has not heard for longer. */
  readonly pingIntervalMs: number;
}

export interface RefreshedReply {
  readonly type: 'refreshed';
  readonly id: number;
  readonly expiresInMs?: number;
}

export interface SubscribedReply {
  readonly type: 'subscribed';
  readonly id: number;
  readonly channel: string;
  readonly policy: DeliveryPolicy;
  /** Where the subscription begins: the first message to come has a greater offset. */
  readonly position: Position;
  /** Whether it begins where `since` asked; true without `since`. If false, a `gap` follows. */
  readonly recovered: boolean;
}

export interface UnsubscribedReply {
  readonly type: 'unsubscribed';
  readonly id: number;
  readonly channel: string;
}

export interface PublishedReply {
  readonly type: 'published';
  readonly id: number;
  readonly channel: string;
  /** Where the message stands, whichever attempt brought it. */
  readonly position: Position;
}

/** One message of a history. */
export interface HistoryMessage extends MessageHead {
  readonly data: Data;
}

export interface HistoryReply {
  readonly type: 'history';
  readonly id: number;
  readonly channel: string;
  readonly epoch: string;
  /** Oldest first. */
  readonly messages: readonly HistoryMessage[];
  /** Whether there are more in the direction that was asked for. */
  readonly hasMore: boolean;
}

/** One user who is subscribed, however many connections they have. */
export interface Member {
  readonly user: string;
  /** What the server says of them, for example a name to show. */
  readonly info?: JsonValue;
}

export interface PresenceReply {
  readonly type: 'presence';
  readonly id: number;
  readonly channel: string;
  readonly members: readonly Member[];
}

export interface ResultReply {
  readonly type: 'result';
  readonly id: number;
  readonly data: Data;
}

export interface PongReply {
  readonly type: 'pong';
  readonly id: number;
}

/** The command with this id failed. */
export interface ErrorReply {
  readonly type: 'error';
  readonly id: number;
  readonly code: ErrorCode;
  /** For people who debug; says what was expected and what was received. */
  readonly message: string;
  /** When to try again, in ms; absent if that is of no use. */
  readonly retryInMs?: number;
  /** With `call-refused`: the method's own name for why, which is between it and its caller. */
  readonly reason?: string;
}

export type Reply =
  | ConnectedReply
  | RefreshedReply
  | SubscribedReply
  | UnsubscribedReply
  | PublishedReply
  | HistoryReply
  | PresenceReply
  | ResultReply
  | PongReply
  | ErrorReply;

// Events

/** What is said of a message besides its content. */
export interface MessageHead {
  readonly offset: number;
  /** When the hub got it: ms since 1970, UTC. */
  readonly at: number;
  /** The user who published it; absent for one of the server's own. */
  readonly user?: string;
  readonly messageId?: string;
  readonly key?: string;
}

export interface MessageEvent extends MessageHead {
  readonly type: 'message';
  readonly channel: string;
  readonly data: Data;
}

export interface JoinEvent {
  readonly type: 'join';
  readonly channel: string;
  readonly member: Member;
}

export interface LeaveEvent {
  readonly type: 'leave';
  readonly channel: string;
  readonly member: Member;
}

/** The subscription has delivered everything that the channel had; from here on messages come as they are published. */
export interface CaughtUpEvent {
  readonly type: 'caught-up';
  readonly channel: string;
  readonly offset: number;
}

/** Messages that were asked for, or that were due, are not there any more. */
export interface GapEvent {
  readonly type: 'gap';
  readonly channel: string;
  /** The last position that was delivered, or that was asked for. */
  readonly from: Position;
  /** Delivery goes on after this. */
  readonly to: Position;
  /** `trimmed`: the history does not reach back; `epoch`: it is another history. */
  readonly reason: 'trimmed' | 'epoch';
}

/** Messages that a slow subscriber missed by the channel's policy (`latest`, `volatile`). */
export interface DroppedEvent {
  readonly type: 'dropped';
  readonly channel: string;
  readonly count: number;
}

/** The hub ended a subscription of its own accord. */
export interface EndedEvent {
  readonly type: 'ended';
  readonly channel: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** The hub is about to end the connection; come back in this many ms. */
export interface DrainEvent {
  readonly type: 'drain';
  readonly reconnectInMs: number;
}

export type Event =
  | MessageEvent
  | JoinEvent
  | LeaveEvent
  | CaughtUpEvent
  | GapEvent
  | DroppedEvent
  | EndedEvent
  | DrainEvent;

/** What comes down from a hub. */
export type ServerMessage = Reply | Event;
