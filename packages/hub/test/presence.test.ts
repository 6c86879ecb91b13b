/** Presence: users and not connections, without flapping, across hubs, and with hubs that die. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Member } from '@hawser/wire';
import fc from 'fast-check';
import type { SignalListener } from '../src/broker.ts';
import { DeadlineQueue } from '../src/deadline-queue.ts';
import { type Departure, Presence, type PresenceOptions } from '../src/presence.ts';
import { FakeClock } from './fake-clock.ts';

const graceMs = 5000;
const room = 'room:lobby';
const ann: Member = { user: 'ann', info: { name: 'Ann' } };
const bob: Member = { user: 'bob' };

describe('a user with connections to one hub', () => {
  it('joins with the first, and leaves with the last', () => {
    const { presence, events } = new Cluster().add('a');
    presence.join(room, ann);
    presence.join(room, ann);
    presence.leave(room, 'ann', 'left');
    assert.deepEqual(events, ['join room:lobby ann']);
    assert.deepEqual(presence.members(room), [ann]);
    presence.leave(room, 'ann', 'left');
    assert.deepEqual(events, ['join room:lobby ann', 'leave room:lobby ann']);
    assert.deepEqual(presence.members(room), []);
  });

  it('is a member of each channel by itself', () => {
    const { presence, events } = new Cluster().add('a');
    presence.join('room:1', ann);
    presence.join('room:2', ann);
    presence.leave('room:1', 'ann', 'left');
    assert.deepEqual(events, ['join room:1 ann', 'join room:2 ann', 'leave room:1 ann']);
    assert.deepEqual(presence.members('room:2'), [ann]);
  });

  it('does not flap when a connection is lost and comes back within the grace', () => {
    const cluster = new Cluster();
    const { presence, events } = cluster.add('a');
    presence.join(room, ann);
    for (let i = 0; i < 5; i++) {
      presence.leave(room, 'ann', 'lost');
      cluster.clock.advance(graceMs - 1);
      assert.deepEqual(presence.members(room), [ann]);
      presence.join(room, ann);
    }
    cluster.clock.advance(10 * graceMs);
    assert.deepEqual(events, ['join room:lobby ann']);
  });

  it('has left when a connection is lost and does not come back', () => {
    const cluster = new Cluster();
    const { presence, events } = cluster.add('a');
    presence.join(room, ann);
    presence.leave(room, 'ann', 'lost');
    cluster.clock.advance(graceMs - 1);
    assert.deepEqual(events, ['join room:lobby ann']);
    cluster.clock.advance(1);
    assert.deepEqual(events, ['join room:lobby ann', 'leave room:lobby ann']);
  });

  it('that leaves twice, or was never there, does no harm', () => {
    const cluster = new Cluster();
    const { presence, events } = cluster.add('a');
    presence.leave(room, 'ann', 'left');
    presence.join(room, ann);
    presence.leave(room, 'ann', 'lost');
    presence.leave(room, 'ann', 'lost');
    presence.leave('room:other', 'ann', 'left');
    presence.join(room, ann);
    cluster.clock.advance(10 * graceMs);
    assert.deepEqual(events, ['join room:lobby ann']);
  });

  it('shows what the newest of them says, without an event', () => {
    const { presence, events } = new Cluster().add('a');
    presence.join(room, ann);
    presence.join(room, bob);
    presence.join(room, { user: 'ann', info: 'Dr. Ann' });
    assert.deepEqual(presence.members(room), [{ user: 'ann', info: 'Dr. Ann' }, bob]);
    assert.equal(events.length, 2);
  });

  it('may have any name', () => {
    const { presence, events } = new Cluster().add('a');
    for (const user of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      presence.join(room, { user });
      presence.join('room:__proto__', { user });
      presence.leave(room, user, 'left');
      assert.deepEqual(events.slice(-1), [`leave room:lobby ${user}`]);
    }
    assert.equal(presence.members('room:__proto__').length, 5);
  });

  it('is not shown beyond the limit, unless there is one already', () => {
    const { presence, events } = new Cluster({ maxMembersPerChannel: 2 }).add('a');
    assert.deepEqual(
      ['ann', 'bob', 'cat', 'ann'].map((user) => presence.join(room, { user })),
      [true, true, false, true],
    );
    assert.equal(presence.members(room).length, 2);
    presence.leave(room, 'bob', 'left');
    assert.equal(presence.join(room, { user: 'cat' }), true);
    assert.equal(events.length, 4);
  });
});

describe('hubs on one broker', () => {
  it('show the members of all, and tell of each once', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    b.presence.join(room, bob);
    b.presence.join(room, ann);
    assert.deepEqual(a.presence.members(room), [ann, bob]);
    assert.deepEqual(b.presence.members(room), [ann, bob]);
    assert.deepEqual(a.events, ['join room:lobby ann', 'join room:lobby bob']);
    assert.deepEqual(b.events, a.events);
  });

  it('count a user with connections to two of them once', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    b.presence.join(room, ann);
    a.presence.leave(room, 'ann', 'left');
    assert.deepEqual(a.presence.members(room), [ann]);
    b.presence.leave(room, 'ann', 'left');
    for (const { events } of [a, b])
      assert.deepEqual(events, ['join room:lobby ann', 'leave room:lobby ann']);
  });

  it('do not flap when a user comes back to another one', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    a.presence.leave(room, 'ann', 'lost');
    cluster.clock.advance(graceMs - 1);
    b.presence.join(room, ann);
    cluster.clock.advance(10 * graceMs);
    for (const { events } of [a, b]) assert.deepEqual(events, ['join room:lobby ann']);
  });

  it('tell one that begins later of everybody', () => {
    const cluster = new Cluster();
    const a = cluster.add('a');
    for (let i = 0; i < 250; i++) a.presence.join(`room:${i % 3}`, { user: `user-${i}` });
    const b = cluster.add('b');
    for (const name of ['room:0', 'room:1', 'room:2']) {
      assert.deepEqual(b.presence.members(name), a.presence.members(name));
    }
    assert.equal(a.events.length, 250);
  });

  it('take the members of a dead one away, unless they are elsewhere', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    a.presence.join(room, bob);
    b.presence.join(room, bob);
    cluster.cut('a');
    cluster.clock.advance(29_999);
    assert.deepEqual(b.presence.members(room), [ann, bob]);
    cluster.clock.advance(10_001);
    assert.deepEqual(b.presence.members(room), [bob]);
    assert.deepEqual(b.events, ['join room:lobby ann', 'join room:lobby bob', 'leave room:lobby ann']);
  });

  it('keep the members of one that lives, however long nothing happens', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    cluster.clock.advance(3_600_000);
    assert.deepEqual(b.events, ['join room:lobby ann']);
    assert.deepEqual(a.presence.members(room), b.presence.members(room));
  });

  it('show the members of one again that was taken for dead', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    cluster.cut('a');
    cluster.clock.advance(60_000);
    assert.deepEqual(b.presence.members(room), []);
    cluster.heal('a');
    cluster.clock.advance(20_000);
    assert.deepEqual(b.presence.members(room), [ann]);
    assert.deepEqual(b.events.slice(-2), ['leave room:lobby ann', 'join room:lobby ann']);
  });

  it('notice that signals were lost, and agree again', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    cluster.cut('b');
    a.presence.leave(room, 'ann', 'left');
    a.presence.join(room, bob);
    cluster.heal('b');
    assert.deepEqual(b.presence.members(room), [ann]);
    cluster.clock.advance(10_000);
    assert.deepEqual(b.presence.members(room), [bob]);
    assert.deepEqual(b.events.slice(1).sort(), ['join room:lobby bob', 'leave room:lobby ann']);
  });

  it('notice it at once when the next signal tells of it', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    cluster.cut('b');
    a.presence.leave(room, 'ann', 'left');
    cluster.heal('b');
    a.presence.join(room, bob);
    assert.deepEqual(b.presence.members(room), [bob]);
  });

  it('ask one that does not answer now and then, and not at each of its signals', () => {
    const cluster = new Cluster();
    cluster.add('a');
    const tellWithGaps = (from: number): void => {
      for (let count = from; count < from + 100; count += 2) {
        const member = { user: `user-${count}` };
        cluster.signal(
          JSON.stringify({ topic: 'presence', hub: 'x', type: 'join', count, channel: room, member }),
        );
      }
    };
    tellWithGaps(2);
    assert.equal(cluster.asked('x'), 1);
    cluster.clock.advance(5000);
    tellWithGaps(102);
    assert.equal(cluster.asked('x'), 2);
  });

  it('give the members of one that ends the grace to come back elsewhere', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    a.presence.join(room, bob);
    a.presence.stop();
    cluster.clock.advance(graceMs - 1);
    b.presence.join(room, ann);
    cluster.clock.advance(1);
    assert.deepEqual(b.events, ['join room:lobby ann', 'join room:lobby bob', 'leave room:lobby bob']);
  });

  it('do not take each other for dead when the process stood still', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.add('a'), cluster.add('b')];
    a.presence.join(room, ann);
    b.presence.join(room, bob);
    cluster.clock.jump(300_000);
    cluster.clock.advance(25_000);
    for (const { events } of [a, b]) assert.deepEqual(events, ['join room:lobby ann', 'join room:lobby bob']);
  });

  it('ignore signals that are none of theirs', () => {
    const cluster = new Cluster();
    const { presence, events } = cluster.add('a');
    const strange = [
      '',
      'null',
      '[]',
      '7',
      '{"topic":"presence"}',
      '{"topic":"other","hub":"x","type":"join","count":1,"channel":"room:lobby","member":{"user":"ann"}}',
      '{"topic":"presence","hub":"x","type":"own"}',
      '{"topic":"presence","hub":"x","type":"join","count":1}',
      '{"topic":"presence","hub":"x","type":"join","count":1,"channel":"room:lobby","member":{"user":7}}',
      '{"topic":"presence","hub":"x","type":"leave","count":1,"channel":7,"user":"ann"}',
      '{"topic":"presence","hub":"x","type":"state","count":0,"members":[null,{"channel":"room:lobby"}]}',
      '{"topic":"presence","hub":"x","type":"__proto__"}',
    ];
    for (const signal of strange) cluster.signal(signal);
    assert.deepEqual(events, []);
    assert.deepEqual(presence.members(room), []);
  });

  it('tell of a broker that takes no signal', async () => {
    const cluster = new Cluster({
      broker: { signal: () => Promise.reject(new Error('down')), onSignal: () => () => undefined },
    });
    const { errors } = cluster.add('a');
    await new Promise(setImmediate);
    assert.deepEqual(errors, [new Error('down')]);
  });

  it('agree in the end, whatever happens, and every event follows from what was shown', () => {
    const hub = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          type: fc.constantFrom('join' as const, 'left' as const, 'lost' as const),
          hub,
          number: fc.nat(3),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constantFrom('cut' as const, 'heal' as const),
          hub,
          number: fc.constant(0),
        }),
      },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), hub, number: fc.nat(12) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const expected = play(steps);
        for (const { presence, events } of expected.hubs) {
          const shown = presence.members(room).map(({ user }) => user);
          assert.deepEqual(shown.sort(), expected.users);
          assert.deepEqual(replay(events).sort(), expected.users);
        }
      }),
    );
  });
});

interface Step {
  readonly type: 'join' | 'left' | 'lost' | 'cut' | 'heal' | 'wait';
  readonly hub: string;
  /** The user, or the seconds to wait. */
  readonly number: number;
}

/** Has three hubs go through it all, heals them, and tells who has connections in the end. */
function play(steps: readonly Step[]) {
  const cluster = new Cluster();
  const hubs = new Map(['a', 'b', 'c'].map((id) => [id, cluster.add(id)]));
  const connections: { readonly hub: string; readonly user: string }[] = [];
  const leave = (hub: string, user: string, departure: Departure): void => {
    const index = connections.findIndex((connection) => connection.hub === hub && connection.user === user);
    if (index === -1) return;
    connections.splice(index, 1);
    hubs.get(hub)?.presence.leave(room, user, departure);
  };
  for (const { type, hub, number } of steps) {
    const user = `${number}`;
    if (type === 'cut' || type === 'heal') cluster[type](hub);
    else if (type === 'wait') cluster.clock.advance(number * 1000);
    else if (type !== 'join') leave(hub, user, type);
    else if (hubs.get(hub)?.presence.join(room, { user })) connections.push({ hub, user });
  }
  for (const id of hubs.keys()) cluster.heal(id);
  cluster.clock.advance(60_000);
  return { hubs: [...hubs.values()], users: [...new Set(connections.map(({ user }) => user))].sort() };
}

/** Who is there after these events; a join of who is there, or a leave of who is not, is a mistake. */
function replay(events: readonly string[]): string[] {
  const there = new Set<string>();
  for (const event of events) {
    const [change, , user = ''] = event.split(' ');
    assert.equal(there.has(user), change === 'leave', events.join(', '));
    if (change === 'join') there.add(user);
    else there.delete(user);
  }
  return [...there];
}

/** Hubs on a broker whose signals arrive at once, except at those that are cut off. */
class Cluster {
  readonly clock = new FakeClock();
  readonly #options: Partial<PresenceOptions>;
  readonly #listeners = new Map<string, SignalListener>();
  readonly #cut = new Set<string>();
  readonly #signals: string[] = [];
  readonly #queue: { from: string; text: string }[] = [];
  #isDelivering = false;

  constructor(options: Partial<PresenceOptions> = {}) {
    this.#options = options;
  }

  add(hubId: string) {
    const events: string[] = [];
    const errors: unknown[] = [];
    const presence = new Presence({
      broker: {
        signal: async (text) => this.signal(text, hubId),
        onSignal: (listener) => {
          this.#listeners.set(hubId, listener);
          return () => void this.#listeners.delete(hubId);
        },
      },
      clock: this.clock,
      deadlines: new DeadlineQueue(this.clock),
      hubId,
      presenceGraceMs: graceMs,
      maxMembersPerChannel: 1000,
      onChange: (change, channel, { user }) => events.push(`${change} ${channel} ${user}`),
      onError: (error) => errors.push(error),
      ...this.#options,
    });
    presence.start();
    return { presence, events, errors };
  }

  /** In the order in which they were sent, also when an answer is sent meanwhile. */
  signal(text: string, from = ''): void {
    if (this.#cut.has(from)) return;
    this.#signals.push(text);
    this.#queue.push({ from, text });
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      for (const [hubId, listener] of this.#listeners) if (!this.#cut.has(hubId)) listener(next.text);
    }
    this.#isDelivering = false;
  }

  /** How often a hub was asked for all its members. */
  asked(hubId: string): number {
    return this.#signals.filter((text) => text.includes('"ask"') && text.includes(`"of":"${hubId}"`)).length;
  }

  /** The hub neither hears nor is heard. */
  cut(hubId: string): void {
    this.#cut.add(hubId);
  }

  heal(hubId: string): void {
    this.#cut.delete(hubId);
  }
}
