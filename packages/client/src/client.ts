/**
 * The client of a hub, as the application sees it. Behind it is `hub-session.ts`.
 */

import {
  type AnyContract,
  type ChannelData,
  type ChannelName,
  type Contract,
  type Data,
  type MethodInput,
  type MethodName,
  type MethodOutput,
  SUBPROTOCOL,
} from '@hawser/wire';
import { Channel, type ChannelOptions } from './channel.ts';
import type { ConnectionState } from './connection-machine.ts';
import { Emitter, type StopListening } from './emitter.ts';
import type { HawserError } from './errors.ts';
import { HubSession } from './hub-session.ts';
import { type ClientOptions, type ClientSettings, resolveOptions } from './options.ts';

/** The events of a client by name. */
export interface ClientEvents {
  /** Every change of the state. */
  readonly state: ConnectionState;
  /** Something failed for which no promise waits: the storage, or a publication that an earlier page left behind. */
  readonly error: HawserError;
}

/** How a method is called. */
export interface CallOptions {
  /** How long to wait for the result, connecting included, in ms. Default: the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number;
}

/**
 * A client of a hub. It connects at once, comes back by itself, and goes on where it was.
 *
 * @typeParam C What the hub's channels carry and its methods do.
 * @example
 * const client = new Client<Chat>('wss://example.com/', { token: getToken });
 * const lobby = client.channel('room:lobby');
 * lobby.on('message', ({ data, user }) => console.log(user, data.text));
 * await lobby.publish({ text: 'Hello' });
 */
export class Client<C extends Contract = AnyContract> {
  readonly #settings: ClientSettings;
  readonly #session: HubSession;
  readonly #events: Emitter<ClientEvents> = new Emitter();

  /**
   * @param url Of ws: or wss:; http: and https: mean the same. Use wss: wherever the network is not your own.
   * @throws SyntaxError or TypeError for another URL; RangeError for an option that is no sensible number; HawserError
   *   `no-websocket` where the platform has none and none is given.
   */
  constructor(url: string | { readonly href: string }, options: ClientOptions = {}) {
    this.#settings = resolveOptions(url, [SUBPROTOCOL], options);
    this.#session = new HubSession(this.#settings, {
      changed: (state) => this.#events.emit('state', state),
      failed: (error) => this.#events.emit('error', error),
    });
    this.#session.connect();
  }

  /** Where it stands. */
  get state(): ConnectionState {
    return this.#session.state;
  }

  /** Who the hub takes the client for; undefined before it has said so. */
  get user(): string | undefined {
    return this.#session.user;
  }

  /** Calls the listener at every event of this name; returns what stops that. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): StopListening {
    return this.#events.on(name, listener);
  }

  /** A channel. Nothing is sent before it is published to, asked or listened to. */
  channel<Name extends ChannelName<C>>(
    name: Name,
    options: ChannelOptions = {},
  ): Channel<ChannelData<C, Name>> {
    return new Channel(name, this.#session, options);
  }

  /**
   * Calls a method of the server. One that was under way when the connection was lost is refused with `connection-lost`: it
   * may have been carried out.
   */
  async call<Method extends MethodName<C>>(
    method: Method,
    input: MethodInput<C, Method>,
    options: CallOptions = {},
  ): Promise<MethodOutput<C, Method>> {
    const { checks } = this.#settings;
    // What JSON cannot say of it is found out when it is encoded.
    const data = (checks ? checks.input(method, input) : input) as Data;
    const reply = await this.#session.ask({ type: 'call', method, data }, 'result', options.timeoutMs);
    // What the contract says of the result is believed, unless it is checked.
    return (checks ? checks.output(method, reply.data) : reply.data) as MethodOutput<C, Method>;
  }

  /** Connects again after `close`, or now instead of later; never sooner than the server wants. */
  connect(): void {
    this.#session.connect();
  }

  /** Ends the connection. What waits is refused with `closed`; loops end; listeners stay for another `connect`. */
  close(): void {
    this.#session.close();
  }
}
