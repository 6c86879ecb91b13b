/** A client that does not read: what it costs the hub, and what it gets when it reads again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerMessage } from '@hawser/wire';
import { settle, startHub, type TestClient, type TestHub } from './hubs.ts';

const OUTBOUND_BYTES = 256 * 1024;
const MESSAGES = 100_000;
const KEYS = 50;

/** Publishes for a minute, while nobody reads. */
async function publishForAMinute({ hub, clock }: TestHub, channel: string): Promise<void> {
  const steps = 60;
  for (let step = 0; step < steps; step++) {
    const from = Math.floor((step * MESSAGES) / steps);
    const to = Math.floor(((step + 1) * MESSAGES) / steps);
    const publishing: Promise<unknown>[] = [];
    for (let n = from; n < to; n++) {
      publishing.push(hub.publish(channel, { n, filler: 'x'.repeat(40) }, { key: `k${n % KEYS}` }));
    }
    await Promise.all(publishing);
    clock.advance(1000);
  }
}

/** Pings as a client does whose application does not read. */
function keepAlive(client: TestClient, world: TestHub): void {
  world.clock.schedule(() => {
    if (client.transport.closeCode !== undefined) return;
    client.say({ type: 'ping' });
    keepAlive(client, world);
  }, 20_000);
}

function numberOf(message: ServerMessage): number {
  assert.ok(message.type === 'message');
  assert.ok(typeof message.data === 'object' && message.data !== null && 'n' in message.data);
  return Number(message.data.n);
}

const messagesOf = (all: readonly ServerMessage[]): ServerMessage[] =>
  all.filter(({ type }) => type === 'message');

const options = {
  namespaces: {
    room: { history: { messages: MESSAGES, bytes: 64 * 1024 * 1024 } },
    price: { policy: 'latest' },
    game: { policy: 'volatile' },
  },
} as const;

describe('a subscriber that reads nothing for a minute', () => {
  it('gets every message in order where the policy is every, for no more than its budget', async () => {
    const world = startHub(options);
    const slow = await world.client('slow');
    await slow.subscribe('room:a');
    keepAlive(slow, world);
    await publishForAMinute(world, 'room:a');
    assert.equal(world.hub.stats().behind, 1);
    const all = await slow.readAll();
    assert.equal(slow.transport.closeCode, undefined);
    assert.ok(slow.transport.mostBuffered <= OUTBOUND_BYTES, `${slow.transport.mostBuffered} bytes`);
    const numbers = messagesOf(all).map(numberOf);
    assert.equal(numbers.length, MESSAGES);
    assert.ok(numbers.every((n, index) => n === index));
    assert.equal(all.filter(({ type }) => type === 'caught-up').length, 1);
    assert.equal(all.filter(({ type }) => type === 'gap').length, 0);
  });

  it('gets the newest of each key where the policy is latest', async () => {
    const world = startHub(options);
    const slow = await world.client('slow');
    await slow.subscribe('price:a');
    keepAlive(slow, world);
    await publishForAMinute(world, 'price:a');
    const sentBefore = messagesOf(slow.transport.take()).length;
    const all = await slow.readAll();
    assert.ok(slow.transport.mostBuffered <= OUTBOUND_BYTES, `${slow.transport.mostBuffered} bytes`);
    const numbers = messagesOf(all).map(numberOf);
    const newest = Array.from({ length: KEYS }, (_, i) => MESSAGES - KEYS + i);
    assert.deepEqual(numbers, newest);
    const [dropped] = all.filter((message) => message.type === 'dropped');
    assert.equal(dropped?.count, MESSAGES - sentBefore - KEYS);
  });

  it('gets the count of what it missed where the policy is volatile', async () => {
    const world = startHub(options);
    const slow = await world.client('slow');
    await slow.subscribe('game:a');
    keepAlive(slow, world);
    await publishForAMinute(world, 'game:a');
    const sentBefore = messagesOf(slow.transport.take()).length;
    const all = (await slow.readAll()).filter(({ type }) => type !== 'pong');
    assert.ok(slow.transport.mostBuffered <= OUTBOUND_BYTES, `${slow.transport.mostBuffered} bytes`);
    assert.deepEqual(all, [
      { type: 'dropped', channel: 'game:a', count: MESSAGES - sentBefore },
      { type: 'caught-up', channel: 'game:a', offset: MESSAGES },
    ]);
    assert.equal(world.hub.stats().dropped, MESSAGES - sentBefore);
    await world.hub.publish('game:a', 'live');
    assert.equal((await slow.read())[0]?.type, 'message');
  });

  it('is not pushed to either if it was full before it subscribed', async () => {
    const world = startHub(options);
    const slow = await world.client('slow');
    const filler = 'x'.repeat(60_000);
    await world.hub.publish('room:full', filler);
    for (let n = 0; n < 4; n++) slow.say({ type: 'history', channel: 'room:full', limit: 1 });
    slow.say({ type: 'subscribe', channel: 'room:a' });
    await settle(world.clock);
    for (let n = 0; n < 20; n++) await world.hub.publish('room:a', { n, filler });
    assert.ok(slow.transport.mostBuffered <= OUTBOUND_BYTES, `${slow.transport.mostBuffered} bytes`);
    const numbers = messagesOf(await slow.readAll()).map(numberOf);
    assert.deepEqual(
      numbers,
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it('costs the others nothing', async () => {
    const world = startHub(options);
    const [slow, quick] = [await world.client('slow'), await world.client('quick')];
    await slow.subscribe('room:a');
    await quick.subscribe('room:a');
    const filler = 'x'.repeat(10_000);
    for (let n = 0; n < 100; n++) {
      await world.hub.publish('room:a', { n, filler });
      assert.deepEqual(messagesOf(quick.transport.take()).map(numberOf), [n]);
    }
  });
});

describe('a client that asks and does not read the answers', () => {
  it('is not read any more until it has read, and then answered', async () => {
    const { client, clock } = startHub({ rateLimits: { commands: { perSecond: Infinity, burst: 1 } } });
    const ann = await client();
    await ann.publish('room:a', 'x'.repeat(60_000));
    for (let n = 0; n < 10; n++) ann.say({ type: 'history', channel: 'room:a', limit: 1 });
    await settle(clock);
    assert.ok(ann.transport.isPaused);
    assert.equal(messagesOf(ann.transport.take()).length, 0);
    assert.ok(!ann.transport.isPaused);
  });

  it('is dropped when it is not heard of for long', async () => {
    const { client, clock } = startHub();
    const ann = await client();
    clock.advance(49_999);
    assert.equal(ann.transport.closeCode, undefined);
    clock.advance(1);
    assert.equal(ann.transport.closeCode, 4413);
  });
});
