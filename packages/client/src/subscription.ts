/**
 * One channel, subscribed to: asks for it on every connection, from where it stopped, and hands its messages to all who
 * read it, each in order and once. It trusts the hub's word only as far as offsets prove it: where messages follow each
 * other without holes, a hole is told as a gap, whatever the hub says.
 */

import type { Data, DeliveryPolicy, Event, Position, SubscribedReply } from '@hawser/wire';
import { assertNever } from './assert-never.ts';
import type { ChannelEvents, Gap, Message } from './channel-events.ts';
import type { CancelTimer } from './clock.ts';
import { Emitter, type StopListening } from './emitter.ts';
import { HawserError, type Problem } from './errors.ts';
import type { IteratorSource, Reader } from './message-iterator.ts';

/** What a hub says of a channel without being asked. */
export type ChannelEvent = Exclude<Event, { type: 'drain' }>;

/** What a subscription needs of its client. */
export interface SubscriptionPort {
  /** Asks the hub; returns the command's id, or undefined while there is no connection. */
  subscribe(channel: string, since: Position | undefined): number | undefined;
  unsubscribe(channel: string): void;
  /** Where the channel stood before this client, if that is known. */
  startOf(channel: string): Position | undefined;
  /** Calls back when it makes sense to try again; undefined: it makes none. */
  retry(problem: Problem, callback: () => void): CancelTimer | undefined;
  /** Checks a message's data. Throws a HawserError. */
  check(channel: string, data: Data): Data;
  /** A message was taken, so positions have changed. */
  moved(): void;
  /** Nobody reads the channel any more. */
  abandoned(channel: string): void;
}

/** A channel, for all its readers. */
export class Subscription implements IteratorSource {
  readonly #events: Emitter<ChannelEvents<Data>> = new Emitter();
  /** All listeners together: they take a message when it comes, and are done with it. */
  readonly #listeners: Reader = {
    seen: undefined,
    done: undefined,
    isBehind: false,
    accept: (message) => {
      this.#events.emit('message', message);
      return true;
    },
    end: () => false,
  };
  readonly #channel: string;
  readonly #port: SubscriptionPort;
  readonly #readers = new Set<Reader>();
  #position: Position | undefined;
  #askedId: number | undefined;
  #isLive = false;
  #policy: DeliveryPolicy = 'every';
  #cancelRetry: CancelTimer | undefined;

  constructor(channel: string, port: SubscriptionPort, since: Position | undefined) {
    this.#channel = channel;
    this.#port = port;
    this.#position = since;
  }

  /** The command whose answer is waited for. */
  get askedId(): number | undefined {
    return this.#askedId;
  }

  /** What every reader is done with; undefined if that is not known yet. */
  get position(): Position | undefined {
    let earliest = this.#position;
    for (const { seen, done = seen } of this.#readers) {
      if (done && earliest && done.epoch === earliest.epoch && done.offset < earliest.offset) earliest = done;
    }
    return earliest;
  }

  /** Calls a listener at every event of this name. The channel is subscribed to while there is one. */
  on<Name extends keyof ChannelEvents<Data>>(
    name: Name,
    listener: (event: ChannelEvents<Data>[Name]) => void,
  ): StopListening {
    if (this.#events.isIdle) this.join(this.#listeners);
    const stop = this.#events.on(name, listener);
    return () => {
      stop();
      if (this.#events.isIdle) this.leave(this.#listeners);
    };
  }

  /** Has somebody read from now on, or from its own position. */
  join(reader: Reader): void {
    this.#readers.add(reader);
    if (reader.seen !== undefined) this.goBack(reader);
    else if (this.#isLive) reader.seen = this.#position;
    else this.ask();
  }

  leave(reader: Reader): void {
    if (!this.#readers.delete(reader)) return;
    reader.seen = undefined;
    if (!this.#isWanted) this.#pause();
    if (this.#readers.size === 0) this.#port.abandoned(this.#channel);
  }

  goBack(reader: Reader): void {
    reader.isBehind = false;
    const { seen } = reader;
    const here = this.#position;
    const isOnTheWay = here && seen?.epoch === here.epoch && seen.offset >= here.offset;
    if (isOnTheWay) this.ask();
    else this.#restart(seen);
  }

  /** Asks the hub, if there is a connection, somebody who wants it, and no answer yet. */
  ask(): void {
    if (this.#isLive || this.#askedId !== undefined || !this.#isWanted) return;
    this.#position ??= this.#port.startOf(this.#channel);
    this.#askedId = this.#port.subscribe(this.#channel, this.#position);
  }

  /** There is no connection any more. */
  disconnected(): void {
    this.#isLive = false;
    this.#askedId = undefined;
    this.#cancelRetry?.();
  }

  /** The client is closed: loops end, listeners stay for the next time. */
  closed(error: HawserError | undefined): void {
    for (const reader of this.#readers) if (reader.end(error)) this.leave(reader);
  }

  /** The hub said yes. */
  accept(reply: SubscribedReply): void {
    const { id, position, policy } = reply;
    if (id !== this.#askedId) return;
    this.#askedId = undefined;
    this.#isLive = true;
    this.#policy = policy;
    this.#position = position;
    for (const reader of this.#readers) reader.seen ??= position;
    this.#events.emit('subscribed', reply);
  }

  /** The hub said no, or not any more. */
  refuse(problem: Problem): void {
    this.disconnected();
    this.#cancelRetry = this.#port.retry(problem, () => this.ask());
    if (this.#cancelRetry !== undefined) return;
    const error = new HawserError(problem);
    this.closed(error);
    this.#events.emit('ended', error);
  }

  /** The hub says something of the channel; `bytes` is how long that was. */
  hear(event: ChannelEvent, bytes: number): void {
    // What was under way when we asked anew will come again.
    if (!this.#isLive) return;
    switch (event.type) {
      case 'message':
        return this.#deliver(event, bytes);
      case 'join':
      case 'leave':
        return this.#events.emit(event.type, event.member);
      case 'caught-up':
        return this.#events.emit('caught-up', event);
      case 'gap':
        return this.#skip(event);
      case 'dropped':
        return this.#events.emit('dropped', event);
      case 'ended':
        return this.refuse(event);
      default:
        return assertNever(event);
    }
  }

  get #isWanted(): boolean {
    return [...this.#readers].some((reader) => !reader.isBehind);
  }

  #pause(): void {
    if (this.#isLive || this.#askedId !== undefined) this.#port.unsubscribe(this.#channel);
    this.disconnected();
  }

  #restart(since: Position | undefined): void {
    this.#pause();
    this.#position = since;
    this.ask();
  }

  #skip(gap: Gap): void {
    this.#position = gap.to;
    this.#events.emit('gap', gap);
  }

  #deliver(message: Message<Data>, bytes: number): void {
    const from = this.#position ?? { epoch: '', offset: 0 };
    const { epoch, offset } = from;
    if (message.offset <= offset) return;
    // The hub has to announce what it skips. If it did not, the application hears of it all the same.
    if (this.#policy === 'every' && message.offset > offset + 1) {
      this.#skip({ from, to: { epoch, offset: message.offset - 1 }, reason: 'trimmed' });
    }
    const position = { epoch, offset: message.offset };
    this.#position = position;
    const checked = this.#check(message);
    for (const reader of this.#readers) this.#offer(reader, checked, position, bytes);
    if (!this.#isWanted) this.#pause();
    this.#port.moved();
  }

  #check(message: Message<Data>): Message<Data> | undefined {
    try {
      const data = this.#port.check(this.#channel, message.data);
      return data === message.data ? message : { ...message, data };
    } catch (error) {
      if (!(error instanceof HawserError)) throw error;
      this.#events.emit('invalid', error);
      return undefined;
    }
  }

  #offer(reader: Reader, message: Message<Data> | undefined, position: Position, bytes: number): void {
    const { seen } = reader;
    if (reader.isBehind || (seen?.epoch === position.epoch && seen.offset >= position.offset)) return;
    reader.isBehind = message !== undefined && !reader.accept(message, position, bytes);
    if (!reader.isBehind) reader.seen = position;
  }
}
