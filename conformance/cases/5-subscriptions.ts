/** docs/wire.md §5 Subscriptions: beginning, recovery, gaps. Slow subscribers are in `5-slow-subscribers.ts`. */

import type { Position, SubscribedReply } from '@hawser/wire';
import type { Case } from '../case.ts';
import { expectEqual } from '../finding.ts';
import type { Participant } from '../participant.ts';

const burst = 200;
const numbers: readonly number[] = Array.from({ length: burst }, (_, index) => index + 1);
/** What the namespace `trimmed` keeps. */
const kept = 4;

export const subscriptionCases: readonly Case[] = [
  {
    section: '5.1',
    title: "says the namespace's policy",
    run: async ({ connect, channel }) => {
      const ann = await connect();
      for (const policy of ['every', 'latest', 'volatile'] as const) {
        expectEqual((await ann.subscribe(channel(policy))).policy, policy, 'the policy');
      }
    },
  },
  {
    section: '5.2',
    title: 'begins behind the newest message without since',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      const position = await ann.publish(room, 'before');
      const subscribed = await ann.subscribe(room);
      expectEqual([subscribed.position, subscribed.recovered], [position, true], 'position and recovered');
      await ann.publish(room, 'after');
      expectEqual((await ann.event('message')).data, 'after', 'the first message');
    },
  },
  {
    section: '5.2',
    title: 'delivers what was published after since, then what comes',
    run: async ({ connect, channel }) => {
      const [ann, bob] = [await connect('first'), await connect('second')];
      const room = channel('every');
      const [since] = await publishAll(bob, room, numbers);
      const subscribed = await ann.subscribe(room, since);
      expectEqual([subscribed.position, subscribed.recovered], [since, true], 'position and recovered');
      await bob.publish(room, burst + 1);
      const messages = await ann.messages(burst);
      expectEqual(
        messages.map(({ data }) => data),
        [...numbers.slice(1), burst + 1],
        'the messages',
      );
    },
  },
  {
    section: '5.2',
    title: 'loses, doubles and swaps nothing where recovery meets new messages',
    run: async ({ connect, channel }) => {
      const bob = await connect('second');
      const room = channel('every');
      const { epoch } = await bob.publish(room, 0);
      const publishing = numbers.map((data) => bob.publish(room, data));
      for (let time = 0; time < 5; time++) {
        const ann = await connect();
        await ann.subscribe(room, { epoch, offset: 0 });
        const messages = await ann.messages(burst + 1);
        expectEqual(
          messages.map(({ data }) => data),
          [0, ...numbers],
          'the messages',
        );
      }
      await Promise.all(publishing);
    },
  },
  {
    section: '5.2',
    title: 'goes on where a subscription ended',
    run: async ({ connect, channel }) => {
      const [ann, bob] = [await connect('first'), await connect('second')];
      const room = channel('every');
      const { position } = await ann.subscribe(room);
      await publishAll(bob, room, [1, 2]);
      const [, last] = await ann.messages(2);
      await ann.close();
      await publishAll(bob, room, [3, 4]);
      const again = await connect('first');
      await again.subscribe(room, { ...position, offset: last?.offset ?? 0 });
      const messages = await again.messages(2);
      expectEqual(
        messages.map(({ data }) => data),
        [3, 4],
        'the messages',
      );
    },
  },
  {
    section: '5.2',
    title: 'begins with the newest of each key where the policy is latest',
    run: async ({ connect, channel }) => {
      const [ann, bob] = [await connect('first'), await connect('second')];
      const room = channel('latest');
      for (const [data, key] of ['a', 'b', 'a', 'c', 'a'].entries()) await bob.publish(room, data, { key });
      const { position } = await ann.subscribe(room);
      expectEqual(position.offset, 1, 'the offset before the first of them');
      const messages: string[] = [];
      let dropped = 0;
      while (messages.length + dropped < 4) {
        const event = await ann.nextEvent();
        if (event.type === 'message') messages.push(`${event.key} ${event.data}`);
        if (event.type === 'dropped') dropped += event.count;
      }
      expectEqual([messages, dropped], [['b 1', 'c 3', 'a 4'], 1], 'the messages, and how many were dropped');
    },
  },
  {
    section: '5.3',
    title: 'announces a gap where the log does not reach back, and goes on with what there is',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('trimmed');
      const [since] = await publishAll(ann, room, numbers);
      const subscribed = await ann.subscribe(room, since);
      await expectGap(ann, subscribed, { from: since, offset: burst - kept, reason: 'trimmed' });
      await expectRest(ann, numbers.slice(-kept));
    },
  },
  {
    section: '5.3',
    title: 'announces no gap where the log reaches back just far enough',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('trimmed');
      const positions = await publishAll(ann, room, numbers);
      const subscribed = await ann.subscribe(room, positions[burst - kept - 1]);
      expectEqual(subscribed.recovered, true, 'recovered');
      await expectRest(ann, numbers.slice(-kept));
    },
  },
  {
    section: '5.3',
    title: 'announces a gap where the epoch is another',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      await publishAll(ann, room, [1, 2, 3]);
      const since = { epoch: 'of-another-time', offset: 2 };
      const subscribed = await ann.subscribe(room, since);
      await expectGap(ann, subscribed, { from: since, offset: 0, reason: 'epoch' });
      await expectRest(ann, [1, 2, 3]);
    },
  },
  {
    section: '5.3',
    title: 'announces a gap where the offset is greater than any',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      const { epoch } = await ann.publish(room, 1);
      const since = { epoch, offset: 1000 };
      const subscribed = await ann.subscribe(room, since);
      await expectGap(ann, subscribed, { from: since, offset: 0, reason: 'epoch' });
      await expectRest(ann, [1]);
    },
  },
  {
    section: '5.4',
    title: 'says caught-up where nothing was missed',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      const position = await ann.publish(room, 1);
      await ann.subscribe(room, position);
      expectEqual(
        await ann.nextEvent(),
        { type: 'caught-up', channel: room, offset: position.offset },
        'the first event',
      );
    },
  },
  {
    section: '5.4',
    title: 'says caught-up behind what was missed',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      const [first] = await publishAll(ann, room, numbers);
      await ann.subscribe(room, first);
      await expectRest(ann, numbers.slice(1));
    },
  },
  {
    section: '5.4',
    title: 'says caught-up in a channel that nobody has published to',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      const { position } = await ann.subscribe(room);
      await ann.get('unsubscribed', { type: 'unsubscribe', channel: room });
      await ann.subscribe(room, position);
      await expectRest(ann, []);
    },
  },
];

async function publishAll(
  who: Participant,
  room: string,
  data: readonly number[],
): Promise<readonly Position[]> {
  return await Promise.all(data.map((each) => who.publish(room, each)));
}

async function expectGap(
  who: Participant,
  subscribed: SubscribedReply,
  expected: { from: Position | undefined; offset: number; reason: string },
): Promise<void> {
  const { channel, position, recovered } = subscribed;
  expectEqual([recovered, position.offset], [false, expected.offset], 'recovered and offset');
  const { from, reason } = expected;
  expectEqual(await who.nextEvent(), { type: 'gap', channel, from, to: position, reason }, 'the first event');
}

/** What comes up to `caught-up` is messages with these data. */
async function expectRest(who: Participant, data: readonly number[]): Promise<void> {
  const events = await who.untilCaughtUp();
  const received = events.map((event) => (event.type === 'message' ? event.data : event));
  expectEqual(received, data, 'what comes before caught-up');
}
