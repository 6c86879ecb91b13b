/** docs/wire.md §2 Values: names of channels, limits, positions. */

import { wireLimits } from '@hawser/wire';
import type { Case } from '../case.ts';
import { expectEqual, expectTrue } from '../finding.ts';
import type { Order, Participant } from '../participant.ts';

const rightNames = ['a', ' Süd', '語', '🙂', 'a:b:c', '/path?q="1"\\#h', '__proto__'];
const wrongNames = ['', '*', 'a*', 'a\nb', 'a\u0000', 'a\u007f', 'a\u0085', 'a\u2028', '\ud800'];
const wrongNamespaces = ['', 'évery', 'ev ery', 'every.', 'a'.repeat(wireLimits.namespaceLength + 1)];

export const valueCases: readonly Case[] = [
  {
    section: '2.1',
    title: 'takes names of channels in every language, and tells them apart',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const start = channel('every');
      for (const name of rightNames) {
        await ann.subscribe(start + name);
        await ann.publish(start + name, name);
      }
      const received = await ann.messages(rightNames.length);
      const pairs = received.map((message) => [message.channel, message.data]);
      expectEqual(new Map(toPairs(pairs)).size, rightNames.length, 'the number of channels');
      for (const [name, data] of toPairs(pairs)) expectEqual(name, start + data, 'the channel');
    },
  },
  {
    section: '2.1',
    title: 'does not normalise names',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const start = channel('every');
      await ann.publish(`${start}\u00e9`, 1);
      const position = await ann.publish(`${start}e\u0301`, 1);
      expectEqual(position.offset, 1, 'the offset of the first message of another channel');
    },
  },
  {
    section: '2.1',
    title: 'refuses names that are none',
    run: async ({ connect }) => {
      const ann = await connect();
      const names = [
        ...wrongNames.map((name) => `every:${name}`),
        ...wrongNamespaces.map((namespace) => `${namespace}:a`),
      ];
      for (const channel of ['every', ...names]) {
        await ann.refused({ type: 'subscribe', channel }, 'invalid-command');
      }
    },
  },
  {
    section: '2.2',
    title: 'takes fields at their limits',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      for (const order of ordersWith(channel('every'), 0)) {
        const reply = await ann.ask(order);
        expectTrue(
          reply.type !== 'error' || reply.code === 'unknown-method',
          `a field at its limit to be taken in ${order.type}`,
          reply,
        );
      }
    },
  },
  {
    section: '2.2',
    title: 'refuses fields beyond their limits',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      for (const order of ordersWith(channel('every'), 1)) await ann.refused(order, 'invalid-command');
    },
  },
  {
    section: '2.3',
    title: 'numbers the messages of a channel from 1',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const [room, other] = [channel('every'), channel('every')];
      const { epoch, offset } = await ann.publish(room, 'first');
      expectEqual(offset, 1, 'the offset of the first message');
      await ann.publish(other, 'elsewhere');
      expectEqual(await ann.publish(room, 'second'), { epoch, offset: 2 }, 'the next position');
      await expectStart(ann, room, { epoch, offset: 2 });
    },
  },
];

/** Commands with one field each that is as long as it may be, and so much longer. */
function ordersWith(channel: string, more: number): readonly Order[] {
  const padded = (length: number): string => 'x'.repeat(length + more);
  const since = { epoch: padded(wireLimits.epochLength), offset: 0 };
  const longChannel = `${channel}${'x'.repeat(wireLimits.channelBytes - channel.length + more)}`;
  return [
    { type: 'subscribe', channel: longChannel },
    { type: 'subscribe', channel, since },
    { type: 'publish', channel, messageId: padded(wireLimits.messageIdLength), data: 1 },
    { type: 'publish', channel, key: `${'é'.repeat(127)}${padded(1)}`, data: 1 },
    { type: 'publish', channel, data: nested(wireLimits.dataDepth + more) },
    { type: 'call', method: padded(wireLimits.methodLength), data: 1 },
    { type: 'history', channel, limit: wireLimits.historyMessages + more },
  ];
}

function nested(levels: number): Extract<Order, { type: 'publish' }>['data'] {
  return JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`);
}

async function expectStart(ann: Participant, room: string, position: object): Promise<void> {
  const subscribed = await ann.subscribe(room);
  expectEqual(subscribed.position, position, 'the position of a subscription without since');
}

function toPairs(pairs: readonly unknown[][]): readonly (readonly [string, string])[] {
  return pairs.map(([name, data]) => [String(name), String(data)]);
}
