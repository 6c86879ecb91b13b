/** Guarantees 1 and 3: order, and publications that are stored once. */

import type { Broker, PublishResult } from '../broker.ts';
import {
  type BrokerCase,
  expectRejection,
  expectSame,
  expectThat,
  keepAll,
  numbered,
  publication,
  publishAll,
  readAll,
  textsOf,
  withBroker,
  withReopening,
  withTwoBrokers,
} from './broker-case.ts';
import { Collector } from './collector.ts';

const publishedAtOnce = 100;

export const publishingCases: readonly BrokerCase[] = [
  withBroker('gives offsets from 1 on, without holes', async (broker) => {
    expectSame('offsets', await publishAll(broker, 'a', numbered(4)), [1, 2, 3, 4]);
    expectSame('the state', await headAndOldest(broker, 'a'), [4, 1]);
  }),

  withBroker('counts every channel on its own', async (broker) => {
    await publishAll(broker, 'a', numbered(3));
    expectSame('offsets of another channel', await publishAll(broker, 'b', numbered(2)), [1, 2]);
  }),

  withBroker('stores publications of one turn in the order in which they were made', async (broker) => {
    const results = await publishAtOnce(broker, 'a', 'm');
    expectSame('offsets', offsetsOf(results), range(publishedAtOnce));
    const { entries } = await broker.read('a', 0, readAll);
    expectSame('the log', textsOf(entries), namesAtOnce('m'));
  }),

  withBroker('answers an id that it knows with the first position, and tells nobody', async (broker) => {
    const collector = await Collector.listen(broker, 'a');
    const first = await broker.publish('a', publication('once', { publicationId: 'x' }), keepAll);
    await publishAll(broker, 'a', ['between']);
    const again = await broker.publish('a', publication('twice', { publicationId: 'x' }), keepAll);
    expectSame('the first result', [first.position.offset, first.isDuplicate], [1, false]);
    expectSame('the second result', again, { position: first.position, isDuplicate: true });
    expectSame('the messages heard', await collector.textsUntilEnd(broker, 'a'), ['once', 'between']);
  }),

  withBroker('stores one of those with the same id that come at once', async (broker) => {
    const results = await Promise.all(
      numbered(20).map((text) => broker.publish('a', publication(text, { publicationId: 'x' }), keepAll)),
    );
    expectSame('offsets', new Set(offsetsOf(results)).size, 1);
    expectSame('results that are no duplicates', results.filter((result) => !result.isDuplicate).length, 1);
    expectSame('the log', textsOf((await broker.read('a', 0, readAll)).entries), ['m1']);
  }),

  withBroker('takes ids for those of one channel', async (broker) => {
    await broker.publish('a', publication('a', { publicationId: 'x' }), keepAll);
    const { isDuplicate } = await broker.publish('b', publication('b', { publicationId: 'x' }), keepAll);
    expectSame('a duplicate', isDuplicate, false);
  }),

  withBroker('knows an id although its message was trimmed', async (broker) => {
    const few = { ...keepAll, messages: 2 };
    await broker.publish('a', publication('old', { publicationId: 'x' }), few);
    await publishAll(broker, 'a', numbered(10), few);
    const again = await broker.publish('a', publication('old', { publicationId: 'x' }), few);
    expectSame('the result', [again.position.offset, again.isDuplicate], [1, true]);
  }),

  withBroker('tells apart ids that only begin or look alike', async (broker) => {
    const long = 'x'.repeat(3000);
    const ids = ['', ' ', 'x', 'X', `${long}1`, `${long}2`, '\ud800', '\ud801', '\ufffd', '__proto__'];
    for (const publicationId of ids) {
      const { isDuplicate } = await broker.publish('a', publication('', { publicationId }), keepAll);
      expectThat(`the id ${publicationId.slice(0, 9)} to be new`, !isDuplicate, isDuplicate);
    }
  }),

  withBroker('refuses a retention that is none', async (broker) => {
    const attempt = broker.publish('a', publication(''), { ...keepAll, bytes: Number.NaN });
    const outcome = await attempt.then(
      () => 'success',
      (error: unknown) => error instanceof RangeError,
    );
    expectSame('a RangeError', outcome, true);
  }),

  withBroker('refuses everything once it is closed, and may be closed twice', async (broker) => {
    await broker.close();
    await expectRejection('publishing', broker.publish('a', publication(''), keepAll), 'closed');
    await expectRejection('reading', broker.read('a', 0, readAll), 'closed');
    await expectRejection('the state', broker.state('a'), 'closed');
    await expectRejection(
      'listening',
      broker.listen('a', () => undefined),
      'closed',
    );
    await broker.close();
  }),

  withReopening(
    'stores what is being published while it is closed, or refuses it',
    async (broker, reopen) => {
      const attempts = numbered(50).map((text) => broker.publish('a', publication(text), keepAll));
      const reopening = reopen();
      const outcomes = await Promise.allSettled(attempts);
      const { entries } = await (await reopening).read('a', 0, readAll);
      const stored = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expectSame('what was stored', offsetsOf(stored), range(entries.length));
    },
  ),

  withReopening(
    'goes on with epoch, offsets, messages and ids when it is opened again',
    async (first, reopen) => {
      const { position } = await first.publish('a', publication('kept', { publicationId: 'x' }), keepAll);
      const second = await reopen();
      const { epoch, entries } = await second.read('a', 0, readAll);
      expectSame('the epoch', epoch, position.epoch);
      expectSame('the log', textsOf(entries), ['kept']);
      const again = await second.publish('a', publication('kept', { publicationId: 'x' }), keepAll);
      expectSame('the duplicate', again, { position, isDuplicate: true });
      expectSame('the next offset', await publishAll(second, 'a', ['next']), [2]);
    },
  ),

  withTwoBrokers('counts the publications of all processes together', async (one, two) => {
    const results = await Promise.all([publishAtOnce(one, 'a', 'one'), publishAtOnce(two, 'a', 'two')]);
    const offsets = offsetsOf(results.flat()).toSorted((a, b) => a - b);
    expectSame('offsets', offsets, range(2 * publishedAtOnce));
    const texts = textsOf((await two.read('a', 0, readAll)).entries);
    for (const name of ['one', 'two']) {
      const own = texts.filter((text) => String(text).startsWith(name));
      expectSame(`the messages of ${name}`, own, namesAtOnce(name));
    }
  }),

  withTwoBrokers('knows the ids of all processes', async (one, two) => {
    const { position } = await one.publish('a', publication('m', { publicationId: 'x' }), keepAll);
    const again = await two.publish('a', publication('m', { publicationId: 'x' }), keepAll);
    expectSame('the duplicate', again, { position, isDuplicate: true });
  }),
];

function publishAtOnce(broker: Broker, channel: string, name: string): Promise<readonly PublishResult[]> {
  return Promise.all(namesAtOnce(name).map((text) => broker.publish(channel, publication(text), keepAll)));
}

function namesAtOnce(name: string): readonly string[] {
  return numbered(publishedAtOnce).map((number) => `${name} ${number}`);
}

function offsetsOf(results: readonly PublishResult[]): readonly number[] {
  return results.map(({ position }) => position.offset);
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function headAndOldest(broker: Broker, channel: string): Promise<readonly number[]> {
  const { head, oldest } = await broker.state(channel);
  return [head, oldest];
}
