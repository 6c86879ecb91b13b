/** docs/wire.md §6.3 history. */

import type { Position } from '@hawser/wire';
import type { Case } from '../case.ts';
import { expectEqual } from '../finding.ts';

export const historyCases: readonly Case[] = [
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
