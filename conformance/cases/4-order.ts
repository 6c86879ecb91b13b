/** docs/wire.md §4 Order. What holds for every connection is in `order-rules.ts`; here is what brings it about. */

import type { Case } from '../case.ts';
import { expectEqual } from '../finding.ts';

const burst = 200;
const numbers: readonly number[] = Array.from({ length: burst }, (_, index) => index);

export const orderCases: readonly Case[] = [
  {
    section: '4',
    title: 'stores publications in the order in which they were sent',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      await ann.subscribe(room);
      const positions = await Promise.all(numbers.map((data) => ann.publish(room, data)));
      const offsets = positions.map(({ offset }) => offset);
      expectEqual(
        offsets,
        numbers.map((number) => number + 1),
        'the offsets in the replies',
      );
      const messages = await ann.messages(burst);
      expectEqual(
        messages.map(({ data }) => data),
        numbers,
        'the messages',
      );
    },
  },
  {
    section: '4',
    title: 'delivers to all subscribers in one order',
    run: async ({ connect, channel }) => {
      const room = channel('every');
      const all = [await connect('first'), await connect('second'), await connect('first')];
      for (const each of all) await each.subscribe(room);
      await Promise.all(all.flatMap((each, who) => numbers.map((data) => each.publish(room, [who, data]))));
      const [first, ...others] = await Promise.all(all.map((each) => each.messages(all.length * burst)));
      const seen = (messages: typeof first): unknown => messages?.map(({ offset, data }) => [offset, data]);
      for (const other of others) expectEqual(seen(other), seen(first), 'the messages');
    },
  },
  {
    section: '4',
    title: 'carries out the commands for one channel in the order in which they were sent',
    run: async ({ connect, channel }) => {
      const ann = await connect();
      const room = channel('every');
      const replies = await Promise.all([
        ann.ask({ type: 'publish', channel: room, data: 'before' }),
        ann.ask({ type: 'subscribe', channel: room }),
        ann.ask({ type: 'publish', channel: room, data: 'during' }),
        ann.ask({ type: 'unsubscribe', channel: room }),
        ann.ask({ type: 'publish', channel: room, data: 'after' }),
        ann.ask({ type: 'history', channel: room, limit: 10 }),
      ]);
      expectEqual(
        replies.map(({ type }) => type),
        ['published', 'subscribed', 'published', 'unsubscribed', 'published', 'history'],
        'the replies',
      );
      const history = replies.flatMap((reply) => (reply.type === 'history' ? reply.messages : []));
      expectEqual(
        history.map(({ data }) => data),
        ['before', 'during', 'after'],
        'the history',
      );
      const [subscribed] = replies.filter((reply) => reply.type === 'subscribed');
      expectEqual(subscribed?.position.offset, 1, 'the offset where the subscription begins');
    },
  },
  {
    section: '4',
    title: 'sends nothing of a channel after unsubscribed',
    run: async ({ connect, channel }) => {
      const [ann, bob] = [await connect('first'), await connect('second')];
      const [room, other] = [channel('every'), channel('every')];
      await ann.subscribe(room);
      await ann.subscribe(other);
      const published = numbers.map((data) => bob.publish(room, data));
      await ann.get('unsubscribed', { type: 'unsubscribe', channel: room });
      await Promise.all(published);
      // Whatever was still to come of the one channel stands before this of the other.
      await bob.publish(other, 'end');
      for (;;) {
        const message = await ann.event('message');
        if (message.channel === other) break;
      }
    },
  },
  {
    section: '4',
    title: 'replies to commands that were sent all at once, each once',
    run: async ({ connect }) => {
      const ann = await connect();
      const results = await Promise.all(
        numbers.map((data) => ann.get('result', { type: 'call', method: 'echo', data })),
      );
      expectEqual(
        results.map(({ data }) => data),
        numbers,
        'the results',
      );
    },
  },
];
