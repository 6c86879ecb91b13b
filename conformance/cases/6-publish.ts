/** docs/wire.md §6.2 publish: what is delivered, and what is sent again. */

import type { Case } from '../case.ts';
import { expectEqual, expectTrue } from '../finding.ts';

export const publishCases: readonly Case[] = [
  {
    section: '6.2',
    title: 'delivers a message with all that is known of it',
    run: async ({ open, connect, channel, token }) => {
      const [ann, bob] = [await open(), await connect('second')];
      const { user } = await ann.get('connected', { type: 'connect', token: token('first') });
      const room = channel('every');
      await bob.subscribe(room);
      const { offset } = await ann.publish(room, { a: 1 }, { messageId: 'm 1', key: 'ké' });
      const { at, ...message } = await bob.event('message');
      const expected = {
        type: 'message',
        channel: room,
        offset,
        user,
        messageId: 'm 1',
        key: 'ké',
        data: { a: 1 },
      };
      expectEqual(sortedByName(message), sortedByName(expected), 'the message');
      expectTrue(at > Date.UTC(2020), 'a time', at);
      const { messages } = await bob.get('history', { type: 'history', channel: room, limit: 1 });
      const { type: _, channel: __, ...stored } = { ...expected, at };
      expectEqual(messages.map(sortedByName), [sortedByName(stored)], 'the same in the history');
    },
  },
  {
    section: '6.2',
    title: 'stores and delivers a publication that is sent again once',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      await ann.subscribe(room);
      const first = await ann.publish(room, 'once', { messageId: 'm1' });
      const second = await ann.publish(room, 'other data', { messageId: 'm1' });
      expectEqual(second, first, 'the position of the second attempt');
      await ann.publish(room, 'next', { messageId: 'm2' });
      const messages = await ann.messages(2);
      expectEqual(
        messages.map(({ data }) => data),
        ['once', 'next'],
        'the messages',
      );
    },
  },
  {
    section: '6.2',
    title: 'stores a publication once that is sent again while it is stored',
    run: async ({ connect, channel }) => {
      const [ann, again] = [await connect(), await connect()];
      const room = channel('every');
      const positions = await Promise.all(
        [ann, again, ann, again, ann].map((who) => who.publish(room, 'once', { messageId: 'm1' })),
      );
      for (const position of positions) expectEqual(position, positions[0], 'the position of each attempt');
      expectEqual((await ann.publish(room, 'next')).offset, 2, 'the next offset');
    },
  },
  {
    section: '6.2',
    title: 'knows a publication again after the publisher came back',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      const first = await ann.publish(room, 'once', { messageId: 'm1' });
      await ann.close();
      const again = await connect();
      expectEqual(await again.publish(room, 'once', { messageId: 'm1' }), first, 'the position');
    },
  },
  {
    section: '6.2',
    title: 'takes the same messageId of another user, or in another channel, for another message',
    run: async ({ connect, channel }) => {
      const [ann, bob] = [await connect('first'), await connect('second')];
      const [room, other] = [channel('every'), channel('every')];
      await ann.publish(room, 1, { messageId: 'm1' });
      expectEqual(
        (await bob.publish(room, 2, { messageId: 'm1' })).offset,
        2,
        "the offset of another user's",
      );
      expectEqual((await ann.publish(other, 3, { messageId: 'm1' })).offset, 1, 'the offset elsewhere');
    },
  },
  {
    section: '6.2',
    title: 'stores publications without a messageId as often as they are sent',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      const offsets = [await ann.publish(room, 'same'), await ann.publish(room, 'same')].map(
        ({ offset }) => offset,
      );
      expectEqual(offsets, [1, 2], 'the offsets');
    },
  },
];

/** The names of an object in one order, so that a finding shows what differs. */
function sortedByName(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
