/**
 * A channel, as the application sees it: typed by the contract, without a state of its own. The subscription behind it
 * begins with the first listener or loop and ends with the last.
 */

import type { Data, Member, MessageHead, Position } from '@hawser/wire';
import type { ChannelEvents, Message } from './channel-events.ts';
import type { StopListening } from './emitter.ts';
import type { HubSession, PublishOptions } from './hub-session.ts';
import { defaultIteratorLimits, type IteratorLimits, MessageIterator } from './message-iterator.ts';
import { withDefaults } from './options.ts';

/** Where a channel is joined. */
export interface ChannelOptions {
  /** Begin after this position, if nobody listens yet. Default: where the storage says we were, or else now. */
  readonly since?: Position;
}

/** How a loop reads. */
export interface IterateOptions extends Partial<IteratorLimits> {
  /** Begin after this position. Default: with the next message. */
  readonly since?: Position;
}

/** Which part of a history is wanted; with neither `after` nor `before` the newest. */
export interface HistoryOptions {
  /** Messages with greater offsets. */
  readonly after?: Position;
  /** Messages with smaller offsets. */
  readonly before?: Position;
  /** How many messages at most. Default 100. */
  readonly limit?: number;
}

/** A part of a history. */
export interface History<T> {
  /** Which history the offsets are of. */
  readonly epoch: string;
  /** Oldest first. */
  readonly messages: readonly (MessageHead & { readonly data: T })[];
  /** Whether there are more in the direction that was asked for. */
  readonly hasMore: boolean;
}

const DEFAULT_LIMIT = 100;

/**
 * One channel of a hub.
 *
 * @typeParam T What its messages carry.
 */
export class Channel<T> implements AsyncIterable<Message<T>> {
  readonly name: string;
  readonly #session: HubSession;
  readonly #since: Position | undefined;

  /** Made by `client.channel`. */
  constructor(name: string, session: HubSession, { since }: ChannelOptions) {
    this.name = name;
    this.#session = session;
    this.#since = since;
  }

  /** Up to where messages were delivered and dealt with; undefined before that is known. */
  get position(): Position | undefined {
    return this.#session.find(this.name)?.position;
  }

  /**
   * Publishes a message. Without a connection it waits in the outbox.
   *
   * @returns Where it stands, once the hub has stored it.
   */
  publish(data: T, options: PublishOptions = {}): Promise<Position> {
    // What JSON cannot say of it is found out when it is encoded.
    return this.#session.publish(this.name, data as Data, options);
  }

  /**
   * Calls the listener at every event of this name. While there is a listener or a loop, the channel is subscribed to.
   *
   * @returns Stops that.
   */
  on<Name extends keyof ChannelEvents<T>>(
    name: Name,
    listener: (event: ChannelEvents<T>[Name]) => void,
  ): StopListening {
    // What the contract says of the data is believed, unless it was checked on the way here.
    const believing = listener as (event: ChannelEvents<Data>[Name]) => void;
    return this.#session.subscription(this.name, this.#since).on(name, believing);
  }

  /**
   * The channel's messages for a loop, in order, each once. A loop that is slower than the channel reads on from the hub's log;
   * nothing piles up here.
   */
  messages(options: IterateOptions = {}): AsyncIterableIterator<Message<T>, undefined> {
    const { since, ...limits } = options;
    const subscription = this.#session.subscription(this.name, this.#since);
    const iterator = new MessageIterator(subscription, withDefaults(defaultIteratorLimits, limits), since);
    subscription.join(iterator);
    return iterator as AsyncIterableIterator<Message<T>, undefined>;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message<T>, undefined> {
    return this.messages();
  }

  /** Reads what was published before. */
  async history(options: HistoryOptions = {}): Promise<History<T>> {
    const { epoch, messages, hasMore } = await this.#session.ask(
      { limit: DEFAULT_LIMIT, ...options, type: 'history', channel: this.name },
      'history',
    );
    const checked = messages.map((message) => ({
      ...message,
      data: this.#session.check(this.name, message.data) as T,
    }));
    return { epoch, messages: checked, hasMore };
  }

  /** Who is subscribed. */
  async presence(): Promise<readonly Member[]> {
    return (await this.#session.ask({ type: 'presence', channel: this.name }, 'presence')).members;
  }
}
