/** docs/wire.md §6 Commands: what is refused, and §6.4 call. */

import type { Case } from '../case.ts';
import { expectEqual } from '../finding.ts';
import type { Order } from '../participant.ts';

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

export const commandCases: readonly Case[] = [...permissionCases, ...callCases];

/** Every command that names a channel and needs a permission. */
function ordersFor(channel: string): readonly Order[] {
  return [
    { type: 'subscribe', channel },
    { type: 'publish', channel, data: 1 },
    { type: 'history', channel, limit: 1 },
    { type: 'presence', channel },
  ];
}
