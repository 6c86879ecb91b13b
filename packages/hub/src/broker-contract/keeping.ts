/** Guarantees 4 and 5: trimming, epochs, and what is read from the log. */

import type { Broker, LogEntry, Publication } from '../broker.ts';
import {
  type BrokerCase,
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
} from './broker-case.ts';
import { Collector } from './collector.ts';

const tenBytes = { content: '"12345678"', at: 0 };

export const keepingCases: readonly BrokerCase[] = [
  withBroker('keeps as many messages as it is told', async (broker) => {
    await publishAll(broker, 'a', numbered(10), { ...keepAll, messages: 3 });
    await expectKept(broker, 'a', { head: 10, oldest: 8, entries: 3 });
  }),

  withBroker('keeps as many bytes of content, keys, users and ids as it is told', async (broker) => {
    const attributes = { key: 'kk', user: 'uuu', messageId: 'mmmm' };
    for (let i = 0; i < 5; i++) {
      const publicationId = `x${i}`;
      const message = { ...tenBytes, ...attributes, publicationId, at: Date.now() };
      // 10 + 2 + 3 + 4 + 2 bytes: two of them fit, three do not.
      await broker.publish('a', message, { ...keepAll, bytes: 2 * 21 });
    }
    await expectKept(broker, 'a', { head: 5, oldest: 4, entries: 2 });
  }),

  withBroker('counts text in UTF-8 and bytes as they are', async (broker) => {
    const retention = { ...keepAll, bytes: 12 };
    for (const content of ['"äöüß"', new Uint8Array(2), '"€€"', new Uint8Array(4)]) {
      await broker.publish('a', { content, at: Date.now() }, retention);
    }
    await expectKept(broker, 'a', { head: 4, oldest: 3, entries: 2 });
  }),

  withBroker('keeps no message that is older than it is told', async (broker) => {
    const retention = { ...keepAll, ageMs: 60_000 };
    const hourAgo = Date.now() - 3_600_000;
    await broker.publish('a', publication('old', { at: hourAgo }), keepAll);
    await broker.publish('a', publication('old', { at: hourAgo }), keepAll);
    await broker.publish('a', publication('new'), retention);
    await expectKept(broker, 'a', { head: 3, oldest: 3, entries: 1 });
  }),

  withBroker('drops from the oldest on only', async (broker) => {
    await broker.publish('a', publication('new'), keepAll);
    await broker.publish('a', publication('late', { at: Date.now() - 3_600_000 }), keepAll);
    await broker.publish('a', publication('newest'), { ...keepAll, ageMs: 60_000 });
    await expectKept(broker, 'a', { head: 3, oldest: 1, entries: 3 });
  }),

  withBroker('keeps nothing where the retention is 0, and tells listeners all the same', async (broker) => {
    const collector = await Collector.listen(broker, 'a');
    for (const none of [{ messages: 0 }, { bytes: 0 }]) {
      await publishAll(broker, 'a', ['m'], { ...keepAll, ...none });
    }
    await expectKept(broker, 'a', { head: 2, oldest: 3, entries: 0 });
    expectSame('the messages heard', await collector.textsUntilEnd(broker, 'a'), ['m', 'm']);
  }),

  withBroker('takes the latest retention for the whole channel', async (broker) => {
    await publishAll(broker, 'a', numbered(20));
    await publishAll(broker, 'a', ['last'], { ...keepAll, messages: 2 });
    await expectKept(broker, 'a', { head: 21, oldest: 20, entries: 2 });
    await publishAll(broker, 'a', numbered(3));
    await expectKept(broker, 'a', { head: 24, oldest: 20, entries: 5 });
  }),

  withBroker('gives a channel that nobody has published to a state', async (broker) => {
    const { epoch, ...state } = await broker.state('a');
    expectSame('the state', state, { head: 0, oldest: 1 });
    expectSame('the log', await broker.read('a', 0, readAll), { epoch, ...state, entries: [] });
    expectSame('what is before', await broker.readBefore('a', Infinity, readAll), {
      epoch,
      ...state,
      entries: [],
    });
    const { position } = await broker.publish('a', publication('first'), keepAll);
    expectSame('the position of the first message', position, { epoch, offset: 1 });
  }),

  withBroker('reads from every offset on, and starts at the oldest if that is gone', async (broker) => {
    await publishAll(broker, 'a', numbered(10), { ...keepAll, messages: 6 });
    const kept = numbered(10).slice(4);
    for (let after = 0; after <= 12; after++) {
      const { entries } = await broker.read('a', after, readAll);
      expectSame(`the messages after ${after}`, textsOf(entries), kept.slice(Math.max(0, after - 4)));
    }
  }),

  withBroker('reads no more messages and bytes than it may, but one', async (broker) => {
    await Promise.all(numbered(9).map(() => broker.publish('a', { ...tenBytes, at: Date.now() }, keepAll)));
    const limits = [
      [4, 1000, 4],
      [100, 29, 2],
      [100, 30, 3],
      [100, 1, 1],
      [0, 1000, 0],
    ] as const;
    for (const [messages, bytes, expected] of limits) {
      const after = await broker.read('a', 2, { messages, bytes });
      const before = await broker.readBefore('a', 8, { messages, bytes });
      expectSame(`${messages} messages, ${bytes} bytes after`, after.entries.length, expected);
      expectSame('the offset it starts at', after.entries[0]?.offset ?? 3, 3);
      expectSame(`${messages} messages, ${bytes} bytes before`, before.entries.length, expected);
      expectSame('the offset it ends at', before.entries.at(-1)?.offset ?? 7, 7);
    }
  }),

  withBroker('reads backwards page by page', async (broker) => {
    await publishAll(broker, 'a', numbered(11), { ...keepAll, messages: 10 });
    const pages: (readonly unknown[])[] = [];
    for (let before = Infinity; ; ) {
      const { entries } = await broker.readBefore('a', before, { ...readAll, messages: 4 });
      if (entries[0] === undefined) break;
      pages.push(textsOf(entries));
      before = entries[0].offset;
    }
    const texts = numbered(11);
    expectSame('the pages', pages, [texts.slice(7), texts.slice(3, 7), texts.slice(1, 3)]);
  }),

  withBroker('gives every message back as it was', async (broker) => {
    const publications = unusualPublications();
    const collector = await Collector.listen(broker, 'a');
    for (const each of publications) await broker.publish('a', each, keepAll);
    const { entries } = await broker.read('a', 0, readAll);
    await collector.untilEnd(broker, 'a');
    for (const [index, each] of publications.entries()) {
      const expected = { ...each, offset: index + 1 };
      expectSame(`message ${index + 1} of the log`, inOrder(entries[index]), inOrder(expected));
      expectSame(`message ${index + 1} heard`, inOrder(collector.entries[index]), inOrder(expected));
    }
  }),

  withBroker('keeps apart channels whose names only look alike', async (broker) => {
    const names = [
      '',
      'a',
      'A',
      'a\0',
      'a\0b',
      'aa',
      '__proto__',
      'constructor',
      'ä',
      'a\u0308',
      '\ud800',
      '\ufffd',
    ];
    names.push('\u{1f600}', 'n'.repeat(255), '1', '01');
    for (const name of names) await publishAll(broker, name, [name, 'second']);
    for (const name of names) {
      const { entries } = await broker.read(name, 0, readAll);
      expectSame(`the log of ${JSON.stringify(name)}`, textsOf(entries), [name, 'second']);
      expectSame('what is before', (await broker.readBefore(name, 2, readAll)).entries.length, 1);
    }
  }),

  withReopening('remembers what it keeps, and that it has dropped the rest', async (broker, reopen) => {
    await publishAll(broker, 'a', numbered(10), { ...keepAll, messages: 3 });
    await publishAll(broker, 'none', numbered(4), { ...keepAll, messages: 0 });
    const again = await reopen();
    await expectKept(again, 'a', { head: 10, oldest: 8, entries: 3 });
    await expectKept(again, 'none', { head: 4, oldest: 5, entries: 0 });
  }),
];

/** The publications that a format or a careless map would change. */
function unusualPublications(): readonly Publication[] {
  const at = Date.now();
  const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
  const within = new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3);
  const mebibyte = JSON.stringify('m'.repeat(1024 * 1024));
  const contents = [
    '""',
    '',
    '"\u{1f600}\0"',
    '"\ud800"',
    'é',
    everyByte,
    new Uint8Array(0),
    within,
    mebibyte,
  ];
  return [
    ...contents.map((content) => ({ content, at })),
    { content: '1', at, key: '', user: '', messageId: '', publicationId: '' },
    {
      content: '2',
      at,
      key: '__proto__',
      user: 'constructor',
      messageId: '\udc00',
      publicationId: '__proto__',
    },
    { content: new Uint8Array([7]), at: 0.5, key: 'k'.repeat(300), user: '\u20ac', messageId: 'ÿ' },
  ];
}

/** With the fields in one order, whatever order the broker has them in. */
function inOrder(entry: LogEntry | undefined): readonly unknown[] {
  if (entry === undefined) return [];
  const { offset, content, at, key, user, messageId, publicationId } = entry;
  return [offset, content, at, key, user, messageId, publicationId];
}

interface Kept {
  readonly head: number;
  readonly oldest: number;
  readonly entries: number;
}

async function expectKept(broker: Broker, channel: string, expected: Kept): Promise<void> {
  const { epoch, head, oldest } = await broker.state(channel);
  const { entries, ...state } = await broker.read(channel, 0, readAll);
  expectSame('the kept messages', { head, oldest, entries: entries.length }, expected);
  expectSame('the state with the log', state, { epoch, head, oldest });
  for (const [index, { offset }] of entries.entries()) {
    expectThat('offsets without holes', offset === oldest + index, offset);
  }
}
