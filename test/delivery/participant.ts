/**
 * One of the clients of the delivery test: publishes, subscribes, and remembers what it was told. Some read their channels by
 * listeners, others by loops that stop now and then, and so fall behind and read on from the log.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Client, type Message } from '@hawser/client';
import { WebSocket } from '@hawser/websocket';
import type { Chance } from './chance.ts';

export type Data = string | Uint8Array;

/** What a participant got on a channel. */
export interface Received {
  readonly offset: number;
  readonly messageId: string | undefined;
  readonly user: string | undefined;
  readonly data: unknown;
}

/** The hub's answer to a publication. */
export interface Acknowledgement {
  readonly messageId: string;
  readonly channel: string;
  readonly offset: number;
}

export interface ParticipantOptions {
  readonly name: string;
  readonly url: string;
  readonly channels: readonly string[];
  /** Whether it reads by loops. */
  readonly reads: 'by listeners' | 'by loops';
  readonly chance: Chance;
}

/** A loop that was not served for so many messages goes back to the log for the others. */
const MAX_WAITING = 10;

/** A client, and what it knows. */
export class Participant {
  readonly name: string;
  readonly channels: readonly string[];
  readonly received: ReadonlyMap<string, Received[]>;
  readonly acknowledgements: Acknowledgement[] = [];
  /** What should not have happened. */
  readonly troubles: unknown[] = [];
  readonly #client: Client;
  readonly #chance: Chance;
  #published = 0;
  #connections = 0;
  readonly #listening = new Set<string>();

  constructor({ name, url, channels, reads, chance }: ParticipantOptions) {
    this.name = name;
    this.channels = channels;
    this.received = new Map(channels.map((channel) => [channel, []]));
    this.#chance = chance;
    // As impatient as the test is short.
    const backoff = { baseMs: 50, maxMs: 1_000 };
    this.#client = new Client(url, { token: name, WebSocket, backoff });
    this.#client.on('error', (error) => this.troubles.push(error));
    this.#client.on('state', ({ status }) => {
      if (status === 'connected') this.#connections += 1;
      else this.#listening.clear();
    });
    for (const channel of channels) {
      if (reads === 'by loops') void this.#loop(channel);
      else this.#listen(channel);
    }
  }

  /** How often it has connected. */
  get connections(): number {
    return this.#connections;
  }

  /** Whether the hub has let all its listeners in, on the connection of the moment. */
  get isListening(): boolean {
    return this.#listening.size === this.channels.length;
  }

  /** Whether all its subscriptions have begun: from then on it misses nothing. */
  get hasBegun(): boolean {
    return this.channels.every((channel) => this.#client.channel(channel).position !== undefined);
  }

  /** Publications that are neither acknowledged nor refused. */
  get outstanding(): number {
    return this.#published - this.acknowledgements.length - this.troubles.length;
  }

  get deliveries(): number {
    return [...this.received.values()].reduce((sum, { length }) => sum + length, 0);
  }

  publish(channel: string, data: Data): string {
    this.#published += 1;
    const messageId = `${this.name}-${this.#published}`;
    this.#client
      .channel(channel)
      .publish(data, { messageId })
      .then(
        ({ offset }) => this.acknowledgements.push({ messageId, channel, offset }),
        (error: unknown) => this.troubles.push(error),
      );
    return messageId;
  }

  close(): void {
    this.#client.close();
  }

  #listen(name: string): void {
    const channel = this.#client.channel(name);
    channel.on('message', (message) => this.#remember(message));
    channel.on('subscribed', () => this.#listening.add(name));
    channel.on('ended', (error) => this.troubles.push(error));
    channel.on('dropped', (event) => this.troubles.push(event));
    channel.on('gap', (gap) => this.troubles.push(gap));
  }

  async #loop(name: string): Promise<void> {
    try {
      for await (const message of this.#client.channel(name).messages({ maxMessages: MAX_WAITING })) {
        this.#remember(message);
        if (this.#chance.happens(0.01)) await wait(this.#chance.between(0, 1_000));
      }
    } catch (error) {
      this.troubles.push(error);
    }
  }

  #remember({ channel, offset, messageId, user, data }: Message<unknown>): void {
    this.received.get(channel)?.push({ offset, messageId, user, data });
  }
}
