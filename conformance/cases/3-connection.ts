/** docs/wire.md §3 The life of a connection. */

import { closeCodes } from '@hawser/wire';
import type { Case } from '../case.ts';
import { expectEqual, expectTrue } from '../finding.ts';
import type { Order } from '../participant.ts';

const { unauthenticated } = closeCodes;

const connectingCases: readonly Case[] = [
  {
    section: '3.1',
    title: 'replies not-connected to commands before connect',
    run: async ({ open, channel, token }) => {
      const ann = await open();
      const room = channel('every');
      const orders: readonly Order[] = [
        { type: 'ping' },
        { type: 'subscribe', channel: room },
        { type: 'publish', channel: room, data: 1 },
        { type: 'history', channel: room, limit: 1 },
        { type: 'presence', channel: room },
        { type: 'call', method: 'echo', data: 1 },
        { type: 'refresh', token: token('first') },
      ];
      for (const order of orders) await ann.refused(order, 'not-connected');
      await ann.get('connected', { type: 'connect', token: token('first') });
    },
  },
  {
    section: '3.1',
    title: 'replies already-connected to a second connect',
    run: async ({ connect, token }) => {
      const ann = await connect();
      await ann.refused({ type: 'connect', token: token('first') }, 'already-connected');
      await ann.refused({ type: 'connect', token: token('second') }, 'already-connected');
      await ann.expectAlive();
    },
  },
  {
    section: '3.1',
    title: 'takes commands right after connect, without a wait for the reply',
    run: async ({ open, channel, token }) => {
      const ann = await open();
      const room = channel('every');
      const replies = await Promise.all([
        ann.ask({ type: 'connect', token: token('first') }),
        ann.ask({ type: 'subscribe', channel: room }),
        ann.ask({ type: 'publish', channel: room, data: 1 }),
        ann.ask({ type: 'ping' }),
      ]);
      const types = replies.map(({ type }) => type);
      expectEqual(types, ['connected', 'subscribed', 'published', 'pong'], 'the replies');
      await ann.messages(1);
    },
  },
  {
    section: '3.1',
    title: 'refuses a token that is none, and closes',
    run: async ({ open }) => {
      for (const token of ['wrong', 'a.b.c', ' ']) {
        const eve = await open();
        await eve.refused({ type: 'connect', token }, 'unauthenticated');
        await eve.expectClose(unauthenticated.code);
      }
    },
  },
  {
    section: '3.1',
    title: 'carries out nothing that was sent after a connect that is refused',
    run: async ({ open, connect, channel }) => {
      const [eve, ann] = [await open(), await connect()];
      const room = channel('every');
      await ann.subscribe(room);
      const refused = eve.refused({ type: 'connect', token: 'wrong' }, 'unauthenticated');
      const published = eve.ask({ type: 'publish', channel: room, data: 'stolen' }).catch(() => undefined);
      await refused;
      await published;
      await eve.expectClose(unauthenticated.code);
      expectEqual((await ann.publish(room, 1)).offset, 1, 'the offset of the first message');
    },
  },
  {
    section: '3.1',
    title: 'closes a connection on which nobody says who they are',
    isSlow: true,
    run: async ({ open }) => {
      const silent = await open();
      await silent.expectClose(closeCodes['connect-timeout'].code);
    },
  },
];

const sessionCases: readonly Case[] = [
  {
    section: '3.2',
    title: 'takes a session up after another close than with 1000',
    run: async ({ open, token }) => {
      const ann = await open();
      const first = await ann.get('connected', { type: 'connect', token: token('first') });
      expectEqual(first.resumed, false, 'resumed of a new session');
      await ann.interrupt();
      const again = await open();
      const order = { type: 'connect', token: token('first'), session: first.session } as const;
      const { resumed, user } = await again.get('connected', order);
      expectEqual([resumed, user], [true, first.user], 'resumed and user');
    },
  },
  {
    section: '3.2',
    title: 'ends the session of a client that closes with 1000',
    run: async ({ open, token }) => {
      const ann = await open();
      const { session } = await ann.get('connected', { type: 'connect', token: token('first') });
      await ann.close();
      const again = await open();
      const order = { type: 'connect', token: token('first'), session } as const;
      expectEqual((await again.get('connected', order)).resumed, false, 'resumed');
    },
  },
  {
    section: '3.2',
    title: 'closes the connection that had the session',
    run: async ({ open, token }) => {
      const [old, fresh] = [await open(), await open()];
      const { session } = await old.get('connected', { type: 'connect', token: token('first') });
      await fresh.get('connected', { type: 'connect', token: token('first'), session });
      await old.expectClose(closeCodes['session-taken-up'].code);
      await fresh.expectAlive();
    },
  },
  {
    section: '3.2',
    title: 'gives a session to no other user',
    run: async ({ open, token }) => {
      const [ann, eve] = [await open(), await open()];
      const { session, user } = await ann.get('connected', { type: 'connect', token: token('first') });
      const stolen = await eve.get('connected', { type: 'connect', token: token('second'), session });
      expectEqual(stolen.resumed, false, "resumed of another user's session");
      expectTrue(stolen.user !== user && stolen.session !== session, 'another user and session', stolen);
      await ann.expectAlive();
    },
  },
  {
    section: '3.2',
    title: 'begins a new session instead of one that it does not know',
    run: async ({ open, token }) => {
      const ann = await open();
      const session = 'x'.repeat(40);
      const reply = await ann.get('connected', { type: 'connect', token: token('first'), session });
      expectEqual(reply.resumed, false, 'resumed');
      expectTrue(reply.session !== session, 'a session name of its own', reply.session);
    },
  },
  {
    section: '3.2',
    title: 'keeps no subscriptions in a session',
    run: async ({ open, token, channel }) => {
      const [old, fresh] = [await open(), await open()];
      const room = channel('every');
      const { session } = await old.get('connected', { type: 'connect', token: token('first') });
      await old.subscribe(room);
      await fresh.get('connected', { type: 'connect', token: token('first'), session });
      await fresh.refused({ type: 'unsubscribe', channel: room }, 'not-subscribed');
      await fresh.subscribe(room);
    },
  },
];

const refreshCases: readonly Case[] = [
  {
    section: '3.3',
    title: 'takes a new token of the same user',
    run: async ({ connect, token }) => {
      const ann = await connect();
      await ann.get('refreshed', { type: 'refresh', token: token('first') });
      await ann.expectAlive();
    },
  },
  {
    section: '3.3',
    title: 'refuses a token of another user, and lives on',
    run: async ({ connect, token }) => {
      const ann = await connect();
      await ann.refused({ type: 'refresh', token: token('second') }, 'identity-changed');
      await ann.expectAlive();
    },
  },
  {
    section: '3.4',
    title: 'answers ping with pong',
    run: async ({ connect }) => {
      const ann = await connect();
      await Promise.all(Array.from({ length: 10 }, () => ann.expectAlive()));
    },
  },
];

export const connectionCases: readonly Case[] = [...connectingCases, ...sessionCases, ...refreshCases];
