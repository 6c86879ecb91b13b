/** docs/wire.md §6.1 presence. */

import type { Case } from '../case.ts';
import { expectEqual, expectTrue } from '../finding.ts';
import type { Participant } from '../participant.ts';

export const presenceCases: readonly Case[] = [
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
      await bob.interrupt();
      const bobAgain = await connect('second', session);
      await bobAgain.subscribe(room);
      await bobAgain.publish(room, 'back');
      await ann.messages(1);
      expectEqual(ann.unseenPresence, 0, 'join and leave in the meantime');
      await bobAgain.get('unsubscribed', { type: 'unsubscribe', channel: room });
      const next = await ann.nextPresence();
      expectEqual([next.type, next.member.user], ['leave', user], 'the next of join and leave');
    },
  },
];

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
