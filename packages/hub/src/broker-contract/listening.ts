/** Guarantee 2: who listens hears of everything, once and in order; and signals. */

import type { StopListening } from '../broker.ts';
import {
  type BrokerCase,
  expectSame,
  keepAll,
  numbered,
  publication,
  publishAll,
  readAll,
  withBroker,
  withReopening,
  withTwoBrokers,
} from './broker-case.ts';
import { Collector } from './collector.ts';

const lastSignal = '(end)';

export const listeningCases: readonly BrokerCase[] = [
  withBroker('tells every listener of a channel everything, once and in order', async (broker) => {
    const collectors = [await Collector.listen(broker, 'a'), await Collector.listen(broker, 'a')];
    const other = await Collector.listen(broker, 'b');
    await Promise.all(numbered(50).map((text) => broker.publish('a', publication(text), keepAll)));
    expectSame('the messages of another channel', await other.textsUntilEnd(broker, 'b'), []);
    await collectors[0]?.textsUntilEnd(broker, 'a');
    for (const { texts, entries } of collectors) {
      expectSame('the messages', texts.slice(0, 50), numbered(50));
      expectSame(
        'the offsets',
        entries.map(({ offset }) => offset),
        Array.from({ length: 51 }, (_, index) => index + 1),
      );
    }
  }),

  withBroker('names the epoch with each message', async (broker) => {
    const collector = await Collector.listen(broker, 'a');
    const { position } = await broker.publish('a', publication('m'), keepAll);
    await collector.textsUntilEnd(broker, 'a');
    expectSame('the epochs', [...collector.epochs], [position.epoch]);
  }),

  withBroker('has a message in the log before it tells of it', async (broker) => {
    const heads: Promise<number>[] = [];
    const stop = await broker.listen('a', ({ offset }) => {
      heads.push(broker.read('a', offset - 1, readAll).then(({ entries }) => entries[0]?.offset ?? 0));
    });
    await publishAll(broker, 'a', numbered(5));
    const collector = await Collector.listen(broker, 'a');
    await collector.textsUntilEnd(broker, 'a');
    stop();
    expectSame('the offsets read', (await Promise.all(heads)).slice(0, 5), [1, 2, 3, 4, 5]);
  }),

  withBroker('tells nothing from before', async (broker) => {
    await publishAll(broker, 'a', ['before']);
    const collector = await Collector.listen(broker, 'a');
    await publishAll(broker, 'a', ['after']);
    expectSame('the messages', await collector.textsUntilEnd(broker, 'a'), ['after']);
  }),

  withBroker('tells nothing more once a listener has stopped, even within a listener', async (broker) => {
    const heard: string[] = [];
    const stops: StopListening[] = [];
    for (const name of ['first', 'second']) {
      const listener = (): void => {
        heard.push(name);
        for (const stop of stops) stop();
      };
      stops.push(await broker.listen('a', listener));
    }
    const collector = await Collector.listen(broker, 'a');
    await publishAll(broker, 'a', numbered(3));
    expectSame('the messages of who went on', await collector.textsUntilEnd(broker, 'a'), numbered(3));
    expectSame('who heard something', heard, ['first']);
  }),

  withBroker('keeps the order for all when a listener publishes', async (broker) => {
    const stop = await broker.listen('a', ({ offset }) => {
      if (offset <= 3) void broker.publish('a', publication(`answer ${offset}`), keepAll);
    });
    const collector = await Collector.listen(broker, 'a');
    await publishAll(broker, 'a', ['m']);
    // The answers are under way when the first message is stored; the fourth is the last.
    await collector.untilCount(4);
    stop();
    expectSame('the messages', collector.texts, ['m', 'answer 1', 'answer 2', 'answer 3']);
  }),

  withBroker('tells signals to those who listen now, in order, and keeps none', async (broker) => {
    await broker.signal('too early');
    const heard = collectSignals(broker);
    for (const signal of ['one', '', '\ud800', 'three']) await broker.signal(signal);
    await broker.signal(lastSignal);
    expectSame('the signals', await heard, ['one', '', '\ud800', 'three']);
  }),

  withTwoBrokers('tells of the messages of other processes', async (one, two) => {
    const collector = await Collector.listen(two, 'a');
    await publishAll(one, 'a', ['from one']);
    await publishAll(two, 'a', ['from two']);
    await publishAll(one, 'a', numbered(20), { ...keepAll, messages: 0 });
    const texts = await collector.textsUntilEnd(one, 'a');
    expectSame('the messages', texts, ['from one', 'from two', ...numbered(20)]);
  }),

  withTwoBrokers('has the same order for the listeners of all processes', async (one, two) => {
    const [atOne, atTwo] = [await Collector.listen(one, 'a'), await Collector.listen(two, 'a')];
    const publishing = [one, two].flatMap((broker) =>
      numbered(50).map((text) => broker.publish('a', publication(text), keepAll)),
    );
    await Promise.all(publishing);
    const texts = await Promise.all([atOne.textsUntilEnd(one, 'a'), atTwo.textsUntilEnd(two, 'a')]);
    expectSame('the messages at two', texts[1].slice(0, 100), texts[0].slice(0, 100));
    const offsets = atTwo.entries.slice(0, 100).map(({ offset }) => offset);
    expectSame(
      'the offsets',
      offsets,
      offsets.map((_, index) => index + 1),
    );
  }),

  withTwoBrokers('tells nobody of a duplicate from another process', async (one, two) => {
    const collector = await Collector.listen(one, 'a');
    await one.publish('a', publication('m', { publicationId: 'x' }), keepAll);
    await two.publish('a', publication('m', { publicationId: 'x' }), keepAll);
    expectSame('the messages', await collector.textsUntilEnd(two, 'a'), ['m']);
  }),

  withTwoBrokers('tells signals to all processes, the own one included', async (one, two) => {
    const heard = [collectSignals(one), collectSignals(two)];
    for (const signal of numbered(10)) await one.signal(signal);
    await two.signal(lastSignal);
    expectSame('the signals', await Promise.all(heard), [numbered(10), numbered(10)]);
  }),

  withReopening('tells nothing from its former life', async (broker, reopen) => {
    await publishAll(broker, 'a', numbered(3));
    await broker.signal('before');
    const again = await reopen();
    const collector = await Collector.listen(again, 'a');
    const heard = collectSignals(again);
    await again.signal(lastSignal);
    expectSame('the signals', await heard, []);
    expectSame('the messages', await collector.textsUntilEnd(again, 'a'), []);
  }),
];

/** The signals until the last one. */
function collectSignals(broker: {
  onSignal(listener: (signal: string) => void): StopListening;
}): Promise<readonly string[]> {
  const signals: string[] = [];
  return new Promise((resolve) => {
    const stop = broker.onSignal((signal) => {
      if (signal !== lastSignal) {
        signals.push(signal);
        return;
      }
      stop();
      resolve(signals);
    });
  });
}
