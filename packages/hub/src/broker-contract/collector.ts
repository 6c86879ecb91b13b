/** A listener that remembers what it hears, for cases that wait for something to arrive. */

import type { Broker, LogEntry, StopListening } from '../broker.ts';
import { keepAll, publication, textsOf } from './broker-case.ts';

/** What a listener of a channel has heard. */
export class Collector {
  readonly entries: LogEntry[] = [];
  readonly epochs: Set<string> = new Set();
  #stop: StopListening = () => undefined;
  #isEnough: () => boolean = () => false;
  #resolve: () => void = () => undefined;

  /** Listens from now on. */
  static async listen(broker: Broker, channel: string): Promise<Collector> {
    const collector = new Collector();
    collector.#stop = await broker.listen(channel, (entry, epoch) => collector.#hear(entry, epoch));
    return collector;
  }

  get texts(): readonly unknown[] {
    return textsOf(this.entries);
  }

  stop(): void {
    this.#stop();
  }

  /** Publishes a last message, waits until it is heard, and gives the texts from before it. */
  async textsUntilEnd(publisher: Broker, channel: string): Promise<readonly unknown[]> {
    await this.untilEnd(publisher, channel);
    return this.texts.slice(0, -1);
  }

  /** Publishes a last message, and waits until it is heard. */
  async untilEnd(publisher: Broker, channel: string): Promise<void> {
    const end = publication('(end)');
    const isHeard = this.#until(() => this.entries.at(-1)?.content === end.content);
    await publisher.publish(channel, end, keepAll);
    await isHeard;
  }

  /** Waits until so many messages were heard. */
  async untilCount(count: number): Promise<void> {
    await this.#until(() => this.entries.length >= count);
  }

  async #until(isEnough: () => boolean): Promise<void> {
    if (isEnough()) return;
    await new Promise<void>((resolve) => {
      this.#isEnough = isEnough;
      this.#resolve = resolve;
    });
  }

  #hear(entry: LogEntry, epoch: string): void {
    this.entries.push(entry);
    this.epochs.add(epoch);
    if (this.#isEnough()) this.#resolve();
  }
}
