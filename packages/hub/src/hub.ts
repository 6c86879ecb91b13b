/**
 * The hub: channels with history for clients that come and go. It knows no socket: the application hands it connections, and
 * `serverOptions` makes that one line with `@hawser/websocket`. Below: everything else in this package; above: the application.
 */

import type { AnyContract, ChannelData, ChannelName, Contract, Member, Position } from '@hawser/wire';
import { AddressMeter, resolveAddressLimits } from './address-limits.ts';
import type { CancelTimer } from './clock.ts';
import { Connection, type ConnectionContext } from './connection.ts';
import { type HistoryPage, type HistoryQuery, readHistory, toHistoryPage } from './history.ts';
import { makeHubContext } from './hub-context.ts';
import type { HubOptions } from './options.ts';
import { concerns, type Revocable, type Revocation, revocationOf } from './revocation.ts';
import { type HubServerOptions, serverOptionsFor } from './server-options.ts';
import { nameOf } from './session-registry.ts';
import type { Transport } from './transport.ts';

/** How messages are published from the server. */
export interface PublishOptions {
  /** What the message is the newest value of, where the policy is `latest`. */
  readonly key?: string;
  /** Names the message, so that a retry is not stored again. */
  readonly messageId?: string;
  /** Who is shown to have published it. Default: nobody. */
  readonly user?: string;
}

/** Whose connections. */
export type Target = { readonly user: string } | { readonly session: string };

/** How a hub ends. */
export interface DrainOptions {
  /** Over how long the ends of the connections are spread, in ms; also told to clients, to spread their coming back. Default 10,000. */
  readonly windowMs?: number;
  /** How long after that connections may take to close, in ms; then they are terminated. Default 10,000. */
  readonly closeTimeoutMs?: number;
}

/** What goes on in a hub. */
export interface HubStats {
  readonly connections: number;
  /** Different users who are connected. */
  readonly users: number;
  /** Channels that are open. */
  readonly channels: number;
  readonly subscriptions: number;
  /** Subscriptions that are not at the head of their channels: slow, or just beginning. */
  readonly behind: number;
  /** Messages that were stored by this hub. */
  readonly published: number;
  /** Messages that were sent to subscribers. */
  readonly delivered: number;
  /** Messages that slow subscribers missed by the policy of their channels. */
  readonly dropped: number;
}

const DEFAULT_WINDOW_MS = 10_000;
const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;
/** How often the hub looks for channels without subscribers, in ms. */
const SWEEP_INTERVAL_MS = 5000;
/** What a message is in a frame besides its data: channel, key, user, id and their names. */
const HEAD_BYTES = 2048;

/**
 * Channels with identity, history, recovery and presence.
 *
 * @typeParam C What channels carry and methods do.
 * @example
 * const hub = new Hub({
 *   prepare: (data) => new PreparedMessage(data),
 *   namespaces: { room: {} },
 *   authenticate: ({ token }) => ({ user: nameOf(token), permissions: { channels: { 'room:*': ['subscribe', 'publish'] } } }),
 * });
 * const server = new WebSocketServer(hub.serverOptions());
 * await server.listen({ port: 8080 });
 */
export class Hub<Prepared, Request = unknown, C extends Contract = AnyContract> {
  readonly #context: ConnectionContext<Prepared, Request>;
  readonly #addresses: AddressMeter;
  readonly #addressOf: (request: Request) => string | undefined;
  /** The connections, with the address that each counts for. */
  readonly #connections = new Map<Connection<Prepared, Request>, string | undefined>();
  /** The end of the hub, once it has begun. */
  #drained: Promise<void> | undefined;
  #isSweeping = false;
  #whenEmpty: (() => void) | undefined;

  /** @throws RangeError or TypeError with the path of an option that is wrong. */
  constructor(options: HubOptions<Prepared, Request, C>) {
    this.#context = makeHubContext<Prepared, Request, Connection<Prepared, Request>, C>(options, {
      onGone: (connection) => this.#gone(connection),
      onRevoked: (revocation) => this.#revoked(revocation),
    });
    this.#addresses = new AddressMeter(resolveAddressLimits(options.addressLimits), this.#context.clock);
    this.#addressOf = options.addressOf ?? remoteAddressOf;
    if (this.#context.namespaces.havePresence) this.#context.presence.start();
  }

  /**
   * What a `WebSocketServer` is to be told: `new WebSocketServer(hub.serverOptions())`. The connection stands in `peer.data`.
   */
  serverOptions(): HubServerOptions<Prepared, Request> {
    return serverOptionsFor(this);
  }

  /** Bytes from which on the `send` of a transport has to return false. */
  get highWaterMark(): number {
    const { limits, namespaces } = this.#context;
    return Math.max(0, limits.outboundBytes - namespaces.maxMessageBytes - HEAD_BYTES);
  }

  /** Takes a connection. Tell it what the transport tells: `receive`, `drained`, `closed`. */
  open(transport: Transport<Prepared>, request: Request): Connection<Prepared, Request> {
    const address = this.#addressOf(request);
    const retryInMs = address === undefined ? 0 : this.#addresses.open(address);
    const connection = new Connection(transport, request, retryInMs, this.#context);
    this.#connections.set(connection, retryInMs === 0 ? address : undefined);
    this.#sweepLater();
    if (retryInMs === Infinity) connection.close('rate-limited');
    if (this.#drained !== undefined) connection.close('draining');
    return connection;
  }

  /**
   * Publishes a message as the server. Nobody is asked whether it may; the schema and the size hold.
   *
   * @returns Where it stands, once it is stored.
   * @throws CommandError if it is not fit for the channel, BrokerError if it could not be stored; as a rejection.
   */
  async publish<Channel extends ChannelName<C>>(
    channel: Channel,
    data: ChannelData<C, Channel>,
    options: PublishOptions = {},
  ): Promise<Position> {
    const { position } = await this.#context.publisher.publish(channel, { ...options, data });
    return position;
  }

  /** Reads a part of a channel's history. */
  async history(channel: ChannelName<C>, query: HistoryQuery): Promise<HistoryPage> {
    const { broker, namespaces, limits } = this.#context;
    namespaces.of(channel);
    return toHistoryPage(await readHistory(broker, channel, query, limits.historyBytes));
  }

  /** Who is in a channel; nobody if its namespace has no presence. */
  presence(channel: ChannelName<C>): readonly Member[] {
    return this.#context.presence.members(channel);
  }

  /**
   * Ends the connections of a user, or the one of a session, here and now; they can come back. To keep them out, `revoke`.
   *
   * @returns How many there were.
   */
  disconnect(target: Target): number {
    const found = [...this.#connections.keys()].filter((connection) => isOf(connection, target));
    for (const connection of found) connection.close('disconnected');
    return found.length;
  }

  /**
   * Ends what was issued to a user or to everybody, or a session, or a token, now and in every process on the broker, and keeps
   * it out.
   *
   * @throws BrokerError if it could not be stored, and so holds here alone; as a rejection.
   */
  revoke(what: Revocable): Promise<void> {
    const { revocations, clock } = this.#context;
    return revocations.revoke(revocationOf(what, clock.date()));
  }

  /** What goes on. It is counted when it is asked for, in a time that grows with the connections. */
  stats(): HubStats {
    const { channels, counts, publisher } = this.#context;
    const users = new Set<string>();
    for (const { identity } of this.#connections.keys()) if (identity !== undefined) users.add(identity.user);
    let subscriptions = 0;
    let behind = 0;
    for (const channel of channels.all()) {
      subscriptions += channel.size;
      behind += channel.behindCount;
    }
    return {
      connections: this.#connections.size,
      users: users.size,
      channels: channels.size,
      subscriptions,
      behind,
      published: publisher.published,
      ...counts,
    };
  }

  /**
   * Ends the hub without losing anything: one connection after another is told to come back, is answered what it has asked for,
   * and is closed with 1012. The broker stays open: it is closed by whoever made it.
   *
   * @returns Resolves when all connections are gone.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    this.#drained ??= this.#drain(options);
    return this.#drained;
  }

  async #drain(options: DrainOptions): Promise<void> {
    const { windowMs = DEFAULT_WINDOW_MS, closeTimeoutMs = DEFAULT_CLOSE_TIMEOUT_MS } = options;
    const { deadlines, channels, presence, revocations, sessions } = this.#context;
    const connections = [...this.#connections.keys()];
    for (const [index, connection] of connections.entries()) {
      deadlines.add((windowMs * index) / connections.length, () => connection.drain(windowMs));
    }
    const cancel = this.#terminateAfter(windowMs + closeTimeoutMs);
    await this.#empty();
    cancel();
    presence.stop();
    revocations.stop();
    sessions.clear();
    channels.close();
    deadlines.clear();
  }

  #terminateAfter(delayMs: number): CancelTimer {
    return this.#context.clock.schedule(() => {
      for (const connection of this.#connections.keys()) connection.terminate();
    }, delayMs);
  }

  #empty(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  #gone(connection: Connection<Prepared, Request>): void {
    const address = this.#connections.get(connection);
    this.#connections.delete(connection);
    if (address !== undefined) this.#addresses.close(address);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }

  #revoked(revocation: Revocation): void {
    if (revocation.type === 'session') this.#endSession(revocation.session);
    for (const connection of this.#connections.keys()) {
      if (concerns(revocation, connection)) connection.close('revoked');
    }
  }

  /** With the session goes the token, with which its client would open another. */
  #endSession(name: string): void {
    const { sessions, revocations, onError } = this.#context;
    const session = sessions.named(name);
    if (session === undefined) return;
    sessions.end(session);
    const { tokenId } = session.identity;
    if (tokenId !== undefined) revocations.revoke({ type: 'token', tokenId }).catch(onError);
  }

  /** Closes channels that nobody has been subscribed to for long, while there are any. */
  #sweepLater(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#context.deadlines.add(SWEEP_INTERVAL_MS, () => {
      this.#isSweeping = false;
      this.#context.channels.sweep();
      if (this.#connections.size > 0 || this.#context.channels.size > 0) this.#sweepLater();
    });
  }
}

function remoteAddressOf(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null || !('remoteAddress' in request)) return undefined;
  return typeof request.remoteAddress === 'string' ? request.remoteAddress : undefined;
}

function isOf<Prepared, Request>(connection: Connection<Prepared, Request>, target: Target): boolean {
  if ('user' in target) return connection.identity?.user === target.user;
  return connection.sessionName === nameOf(target.session);
}
