/** Who is in a channel: seen from those who are. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerMessage } from '@hawser/wire';
import { MemoryBroker } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { everything, settle, startHub, type TestClient } from './hubs.ts';

const graceMs = 5000;
const room = 'room:a';

function start(clock = new FakeClock(), broker = new MemoryBroker({ clock })) {
  return startHub(
    {
      broker,
      namespaces: { room: { presence: true }, game: {} },
      timing: { presenceGraceMs: graceMs },
      authenticate: ({ token = '' }) => ({
        user: token,
        info: { name: token.toUpperCase() },
        permissions: everything,
      }),
    },
    clock,
  );
}

describe('presence', () => {
  it('lists users with what the server says of them, each once', async () => {
    const { client, hub } = start();
    const [ann, annAgain, bob] = [await client('ann'), await client('ann'), await client('bob')];
    for (const each of [ann, annAgain, bob]) await each.subscribe(room);
    const members = [
      { user: 'ann', info: { name: 'ANN' } },
      { user: 'bob', info: { name: 'BOB' } },
    ];
    assert.deepEqual(await bob.ask({ type: 'presence', channel: room }), {
      type: 'presence',
      id: 3,
      channel: room,
      members,
    });
    assert.deepEqual(hub.presence(room), members);
  });

  it('tells subscribers who comes and who goes', async () => {
    const { client } = start();
    const [ann, bob] = [await client('ann'), await client('bob')];
    await ann.subscribe(room);
    await ann.readAll();
    await bob.subscribe(room);
    assert.deepEqual(await changes(ann), ['join bob']);
    await bob.ask({ type: 'unsubscribe', channel: room });
    assert.deepEqual(await changes(ann), ['leave bob']);
  });

  it('tells nobody of a second connection, nor of the first one of two that ends', async () => {
    const { client } = start();
    const [ann, bob, bobAgain] = [await client('ann'), await client('bob'), await client('bob')];
    await ann.subscribe(room);
    await bob.subscribe(room);
    await ann.readAll();
    await bobAgain.subscribe(room);
    bob.leave();
    assert.deepEqual(await changes(ann), []);
    bobAgain.leave();
    assert.deepEqual(await changes(ann), ['leave bob']);
  });

  it('does not flap when a client comes back quickly', async () => {
    const { client, clock } = start();
    const [ann, bob] = [await client('ann'), await client('bob')];
    await ann.subscribe(room);
    await bob.subscribe(room);
    await ann.readAll();
    bob.lose();
    clock.advance(graceMs - 1);
    const bobAgain = await client('bob');
    await bobAgain.subscribe(room);
    clock.advance(graceMs);
    assert.deepEqual(await changes(ann), []);
    bobAgain.lose();
    clock.advance(graceMs);
    assert.deepEqual(await changes(ann), ['leave bob']);
  });

  it('is one for all hubs on a broker', async () => {
    const clock = new FakeClock();
    const broker = new MemoryBroker({ clock });
    const [here, there] = [start(clock, broker), start(clock, broker)];
    const [ann, bob] = [await here.client('ann'), await there.client('bob')];
    await ann.subscribe(room);
    await ann.readAll();
    await bob.subscribe(room);
    await settle(clock);
    assert.deepEqual(await changes(ann), ['join bob']);
    assert.deepEqual(here.hub.presence(room), there.hub.presence(room));
    bob.lose();
    const bobAgain = await here.client('bob');
    await bobAgain.subscribe(room);
    clock.advance(10 * graceMs);
    assert.deepEqual(await changes(ann), []);
  });

  it('shows nobody where the namespace has none', async () => {
    const { client, hub } = start();
    const [ann, bob] = [await client('ann'), await client('bob')];
    await ann.subscribe('game:a');
    await bob.subscribe('game:a');
    assert.deepEqual(await changes(ann), []);
    assert.deepEqual(hub.presence('game:a'), []);
    assert.equal((await ann.ask({ type: 'presence', channel: 'game:a' })).type, 'error');
  });

  it('takes a user away at once who was revoked', async () => {
    const { client, clock, hub } = start();
    const [ann, bob] = [await client('ann'), await client('bob')];
    await ann.subscribe(room);
    await bob.subscribe(room);
    await ann.readAll();
    await hub.revoke({ user: 'bob' });
    await settle(clock);
    assert.deepEqual(await changes(ann), ['leave bob']);
  });

  it('knows users by any name', async () => {
    const { client, hub } = start();
    for (const user of ['__proto__', 'constructor', 'toString']) await (await client(user)).subscribe(room);
    assert.deepEqual(
      hub.presence(room).map(({ user }) => user),
      ['__proto__', 'constructor', 'toString'],
    );
  });
});

async function changes(client: TestClient): Promise<string[]> {
  const messages: ServerMessage[] = await client.readAll();
  return messages.flatMap((message) =>
    message.type === 'join' || message.type === 'leave' ? [`${message.type} ${message.member.user}`] : [],
  );
}
