/** docs/wire.md §6 Commands: permissions, presence, publish, history, call. */

import type { Position } from '@hawser/wire';
import type { Case } from '../case.ts';
import { expectEqual, expectTrue } from '../finding.ts';
import type { Order, Participant } from '../participant.ts';

const permissionCases: readonly Case[] = [
  {
    section: '6',
    title: 'refuses what is not allowed',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      for (const order of ordersFor(channel('deny'))) await ann.refused(order, 'forbidden');
      await ann.expectAlive();
    },
  },
  {
    section: '6',
    title: 'refuses namespaces that it has not',
    run: async ({ connect }) => {
      const ann = await connect();
      for (const namespace of ['nowhere', '__proto__', 'constructor', 'toString', 'EVERY']) {
        for (const order of ordersFor(`${namespace}:a`)) {
          await ann.refused(order, 'unknown-namespace', 'forbidden');
        }
      }
    },
  },
  {
    section: '6',
    title: 'refuses to subscribe twice',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      await ann.subscribe(room);
      await ann.refused({ type: 'subscribe', channel: room }, 'already-subscribed');
      await ann.get('unsubscribed', { type: 'unsubscribe', channel: room });
      await ann.subscribe(room);
    },
  },
  {
    section: '6',
    title: 'refuses to end a subscription that there is not',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      await ann.refused({ type: 'unsubscribe', channel: channel('every') }, 'not-subscribed');
    },
  },
];

const presenceCases: readonly Case[] = [
  {
    section: '6.1',
    title: 'counts a user with several connections once',
    run: async ({ connect, channel }) => {
      const room = channel('every');
      const all = [await connect('first'), await connect('first'), await connect('second')];
      for (const each of all) await each.subscribe(room);
      const [ann] = all;
      const users = ann ? await usersIn(ann, room) : [];
      expectEqual([users.length, new Set(users).size], [2, 2], 'the number of members');
    },
  },
  {
    section: '6.1',
    title: 'has nobody in a channel without subscribers',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      expectEqual(await usersIn(ann, channel('every')), [], 'the members');
    },
  },
  {
    section: '6.1',
    title: 'tells who joins and who leaves, once for several connections',
    isSlow: true, // A hub may wait for somebody to come back.
    run: async ({ connect, channel }) => {
      const [ann, bob, bobAgain] = [await connect('first'), await connect('second'), await connect('second')];
      const room = channel('every');
      await ann.subscribe(room);
      const user = await otherUser(ann, bob, room);
      await bobAgain.subscribe(room);
      await bob.get('unsubscribed', { type: 'unsubscribe', channel: room });
      await bobAgain.get('unsubscribed', { type: 'unsubscribe', channel: room });
      const left = await ann.nextPresence();
      expectEqual([left.type, left.member.user], ['leave', user], 'the next of join and leave');
      expectTrue(!(await usersIn(ann, room)).includes(user), 'the user to be gone', user);
    },
  },
  {
    section: '6.1',
    title: 'tells nothing of a user who comes back with the session',
    isSlow: true,
    run: async ({ open, connect, channel, token }) => {
      const ann = await connect('first');
      const room = channel('every');
      await ann.subscribe(room);
      const bob = await open();
      const { session } = await bob.get('connected', { type: 'connect', token: token('second') });
      const user = await otherUser(ann, bob, room);
      await bob.close();
      const bobAgain = await connect('second', session);
      await bobAgain.subscribe(room);
      await bobAgain.get('unsubscribed', { type: 'unsubscribe', channel: room });
      const next = await ann.nextPresence();
      expectEqual([next.type, next.member.user], ['leave', user], 'the next of join and leave');
      expectEqual(await presenceLeft(ann, bobAgain, room), 'join', 'what comes after that one leave');
    },
  },
];

const publishCases: readonly Case[] = [
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

const historyCases: readonly Case[] = [
  {
    section: '6.3',
    title: 'gives a history from any place, from old to new',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      for (let number = 1; number <= 10; number++) await ann.publish(room, number);
      const { position } = await ann.subscribe(room);
      const at = (offset: number): Position => ({ ...position, offset });
      const rows: readonly (readonly [object, readonly number[], boolean])[] = [
        [{ limit: 3 }, [8, 9, 10], true],
        [{ limit: 10 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false],
        [{ limit: 3, after: at(0) }, [1, 2, 3], true],
        [{ limit: 3, after: at(7) }, [8, 9, 10], false],
        [{ limit: 3, after: at(8) }, [9, 10], false],
        [{ limit: 3, after: at(10) }, [], false],
        [{ limit: 3, before: at(6) }, [3, 4, 5], true],
        [{ limit: 3, before: at(4) }, [1, 2, 3], false],
        [{ limit: 3, before: at(1) }, [], false],
        [{ limit: 3, before: at(1000) }, [8, 9, 10], true],
      ];
      for (const [fields, data, hasMore] of rows) {
        const id = ann.newId();
        const reply = await ann.askRaw(JSON.stringify({ type: 'history', id, channel: room, ...fields }), id);
        const received =
          reply.type === 'history'
            ? [reply.epoch, reply.messages.map((message) => message.data), reply.hasMore]
            : reply;
        expectEqual(received, [position.epoch, data, hasMore], `the history with ${JSON.stringify(fields)}`);
      }
    },
  },
  {
    section: '6.3',
    title: 'gives an empty history of a channel that nobody has published to',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const order = { type: 'history', channel: channel('every'), limit: 10 } as const;
      const { messages, hasMore } = await ann.get('history', order);
      expectEqual([messages, hasMore], [[], false], 'messages and hasMore');
    },
  },
  {
    section: '6.3',
    title: 'gives what is kept where the position is not kept any more, or of another epoch',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('trimmed');
      const positions: Position[] = [];
      for (let number = 1; number <= 10; number++) positions.push(await ann.publish(room, number));
      const [first = { epoch: '', offset: 1 }] = positions;
      for (const after of [first, { epoch: 'of-another-time', offset: 9 }]) {
        const reply = await ann.get('history', { type: 'history', channel: room, after, limit: 10 });
        expectEqual(
          [reply.epoch, reply.messages.map(({ offset }) => offset)],
          [first.epoch, [7, 8, 9, 10]],
          'epoch and offsets',
        );
      }
    },
  },
];

const callCases: readonly Case[] = [
  {
    section: '6.4',
    title: 'gives the result of a method',
    run: async ({ connect }) => {
      const ann = await connect();
      for (const data of [null, false, 0, -1.5, '', 'é\n"', [], {}, { a: [1, { b: null }] }]) {
        const result = await ann.get('result', { type: 'call', method: 'echo', data });
        expectEqual(result.data, data, 'the result');
      }
    },
  },
  {
    section: '6.4',
    title: 'refuses methods that it has not',
    run: async ({ connect }) => {
      const ann = await connect();
      for (const method of ['nothing', '__proto__', 'constructor', 'toString', 'Echo']) {
        await ann.refused({ type: 'call', method, data: 1 }, 'unknown-method', 'forbidden');
      }
    },
  },
];

export const commandCases: readonly Case[] = [
  ...permissionCases,
  ...presenceCases,
  ...publishCases,
  ...historyCases,
  ...callCases,
];

/** Every command that names a channel and needs a permission. */
function ordersFor(channel: string): readonly Order[] {
  return [
    { type: 'subscribe', channel },
    { type: 'publish', channel, data: 1 },
    { type: 'history', channel, limit: 1 },
    { type: 'presence', channel },
  ];
}

async function usersIn(who: Participant, channel: string): Promise<readonly string[]> {
  const { members } = await who.get('presence', { type: 'presence', channel });
  return members.map(({ user }) => user);
}

/** Subscribes the other, and resolves with their name once the one has heard of it. */
async function otherUser(one: Participant, other: Participant, channel: string): Promise<string> {
  const before = new Set(await usersIn(one, channel));
  await other.subscribe(channel);
  for (;;) {
    const { type, member } = await one.nextPresence();
    // A hub is free to tell a subscriber of its own joining.
    if (before.has(member.user)) continue;
    expectEqual(type, 'join', 'the event of a user who comes');
    return member.user;
  }
}

/** Lets the other subscribe again, and tells what the one hears of it first. */
async function presenceLeft(one: Participant, other: Participant, channel: string): Promise<string> {
  await other.subscribe(channel);
  return (await one.nextPresence()).type;
}

/** The names of an object in one order, so that a finding shows what differs. */
function sortedByName(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
