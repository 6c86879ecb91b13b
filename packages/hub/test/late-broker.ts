/**
 * A broker whose answers and whose messages come late, when the test says so, as from a disk or a network: answers in any
 * order, the messages of a channel in theirs. Its log can be lost, after which the channels have another history.
 */
import {
  type Broker,
  type ChannelState,
  type LogListener,
  MemoryBroker,
  type Publication,
  type PublishResult,
  type ReadLimits,
  type ReadResult,
  type Retention,
  type SignalListener,
  type StopListening,
} from '../src/index.ts';
import type { FakeClock } from './fake-clock.ts';

interface Listening {
  readonly channel: string;
  readonly listener: LogListener;
  stopInner: StopListening;
}

export class LateBroker implements Broker {
  readonly #clock: FakeClock;
  #inner: MemoryBroker;
  readonly #listening = new Set<Listening>();
  /** The newest offset of each history. */
  readonly published = new Map<string, number>();
  /** What listeners have not heard yet, in order. */
  readonly #news: (() => void)[] = [];
  /** Answers that are on their way. */
  readonly #answers: (() => void)[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.#inner = new MemoryBroker({ clock });
  }

  /** Lets so many messages be heard. */
  tellNews(count: number): void {
    for (const tell of this.#news.splice(0, count)) tell();
  }

  /** Lets one answer arrive, whichever. */
  answer(index: number): void {
    const [arrive] = this.#answers.splice(index % Math.max(1, this.#answers.length), 1);
    arrive?.();
  }

  /** Lets everything arrive that is on its way. */
  arriveAll(): void {
    this.tellNews(this.#news.length);
    for (const arrive of this.#answers.splice(0)) arrive();
  }

  /** The log is lost. */
  async lose(): Promise<void> {
    this.#inner = new MemoryBroker({ clock: this.#clock });
    for (const listening of this.#listening) await this.#attach(listening);
  }

  publish(channel: string, publication: Publication, retention: Retention): Promise<PublishResult> {
    return this.#late(this.#publish(channel, publication, retention));
  }

  state(channel: string): Promise<ChannelState> {
    return this.#late(this.#inner.state(channel));
  }

  read(channel: string, after: number, limits: ReadLimits): Promise<ReadResult> {
    return this.#late(this.#inner.read(channel, after, limits));
  }

  readBefore(channel: string, before: number, limits: ReadLimits): Promise<ReadResult> {
    return this.#late(this.#inner.readBefore(channel, before, limits));
  }

  async listen(channel: string, listener: LogListener): Promise<StopListening> {
    const listening: Listening = { channel, listener, stopInner: () => undefined };
    this.#listening.add(listening);
    await this.#late(this.#attach(listening));
    return () => {
      this.#listening.delete(listening);
      listening.stopInner();
    };
  }

  signal(signal: string): Promise<void> {
    return this.#inner.signal(signal);
  }

  onSignal(listener: SignalListener): StopListening {
    return this.#inner.onSignal(listener);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #publish(channel: string, publication: Publication, retention: Retention): Promise<PublishResult> {
    const result = await this.#inner.publish(channel, publication, retention);
    const { epoch, offset } = result.position;
    this.published.set(epoch, Math.max(offset, this.published.get(epoch) ?? 0));
    return result;
  }

  async #attach(listening: Listening): Promise<void> {
    listening.stopInner = await this.#inner.listen(listening.channel, (entry, epoch) => {
      this.#news.push(() => {
        if (this.#listening.has(listening)) listening.listener(entry, epoch);
      });
    });
  }

  async #late<T>(answer: Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#answers.push(resolve);
    });
    return answer;
  }
}
