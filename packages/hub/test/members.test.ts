/** Presence as clients see it: who is there, who comes and goes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerMessage } from '@hawser/wire';
import { startHub, type TestClient } from './hubs.ts';

const options = { namespaces: { room: { presence: true }, price: {} } } as const;

async function membersOf(client: TestClient): Promise<readonly string[]> {
  const reply = await client.ask({ type: 'presence', channel: 'room:a' });
  assert.ok(reply.type === 'presence');
  return reply.members.map(({ user }) => user);
}

const changes = (messages: readonly ServerMessage[]): readonly string[] =>
  messages.flatMap((message) =>
    message.type === 'join' || message.type === 'leave' ? [`${message.type} ${message.member.user}`] : [],
  );

describe('presence', () => {
  it('shows a user once, however many connections they have, until the last is closed', async () => {
    const { client } = startHub(options);
    const ann = await client('ann');
    await ann.subscribe('room:a');
    const [one, two] = [await client('bob'), await client('bob')];
    await one.subscribe('room:a');
    await two.subscribe('room:a');
    assert.deepEqual(await membersOf(ann), ['ann', 'bob']);
    one.leave();
    assert.deepEqual(await membersOf(ann), ['ann', 'bob']);
    await two.ask({ type: 'unsubscribe', channel: 'room:a' });
    assert.deepEqual(await membersOf(ann), ['ann']);
    assert.deepEqual(changes(await ann.readAll()), ['join bob', 'leave bob']);
  });

  it('says nothing of a connection that breaks and is back soon, and something of one that is not', async () => {
    const { client, clock } = startHub(options);
    const [ann, bob] = [await client('ann'), await client('bob')];
    await ann.subscribe('room:a');
    await bob.subscribe('room:a');
    await ann.readAll();
    bob.lose();
    clock.advance(1000);
    const again = await client('bob');
    await again.subscribe('room:a');
    clock.advance(20_000);
    assert.deepEqual(changes(await ann.readAll()), []);
    again.lose();
    clock.advance(20_000);
    assert.deepEqual(changes(await ann.readAll()), ['leave bob']);
  });

  it('is refused where the namespace has none', async () => {
    const { client } = startHub(options);
    const reply = await (await client()).ask({ type: 'presence', channel: 'price:a' });
    assert.ok(reply.type === 'error' && reply.code === 'forbidden');
  });

  it('costs who does not read their subscription, rather than the truth', async () => {
    const { client, hub } = startHub(options);
    const slow = await client('slow');
    await slow.subscribe('room:a');
    for (let n = 0; n < 5; n++) await hub.publish('room:a', 'x'.repeat(60_000));
    const bob = await client('bob');
    await bob.subscribe('room:a');
    const read = await slow.readAll();
    assert.deepEqual(changes(read), []);
    assert.ok(read.some(({ type }) => type === 'ended'));
    assert.ok(slow.transport.mostBuffered <= 256 * 1024);
  });
});
