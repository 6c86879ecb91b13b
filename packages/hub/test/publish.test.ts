/** Publishing: what is stored, once, in which order, and what is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StandardSchema } from '@hawser/wire';
import { MemoryBroker } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { settle, startHub } from './hubs.ts';
import { LateBroker } from './late-broker.ts';

/** Lets texts pass, and takes the space away around them. */
const trimmedText: StandardSchema<unknown, string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string'
        ? { value: value.trim() }
        : { issues: [{ message: 'Expected a text', path: ['text'] }] },
  },
};

describe('publish', () => {
  it('stores a retry once, and gives the first position again, across connections', async () => {
    const { client, hub } = startHub();
    const ann = await client('ann');
    const first = await ann.publish('room:a', 'one', { messageId: 'm1' });
    assert.ok(first.type === 'published');
    await ann.publish('room:a', 'two', { messageId: 'm2' });
    ann.lose();
    const again = await client('ann');
    const retried = await again.publish('room:a', 'one', { messageId: 'm1' });
    assert.ok(retried.type === 'published');
    assert.deepEqual(retried.position, first.position);
    const { messages } = await hub.history('room:a', { limit: 10 });
    assert.deepEqual(
      messages.map(({ data }) => data),
      ['one', 'two'],
    );
    assert.equal(hub.stats().published, 2);
  });

  it('takes the same id of another user, or of the server, for another message', async () => {
    const { client, hub } = startHub();
    for (const user of ['a', '1:a', '']) {
      if (user === '') await hub.publish('room:a', 'x', { messageId: 'm' });
      else await (await client(user)).publish('room:a', 'x', { messageId: 'm' });
    }
    assert.equal(hub.stats().published, 3);
  });

  it('stores what one connection sends in the order in which it was sent', async () => {
    let calls = 0;
    const slowly = async (): Promise<boolean> => {
      const turns = (calls++ * 7) % 5;
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      return true;
    };
    const { client, hub, clock } = startHub({
      authenticate: () => ({ user: 'ann' }),
      authorize: slowly,
    });
    const ann = await client();
    for (let n = 0; n < 20; n++) ann.say({ type: 'publish', channel: 'room:a', data: n });
    for (let turn = 0; turn < 30; turn++) await settle(clock);
    const { messages } = await hub.history('room:a', { limit: 100 });
    assert.deepEqual(
      messages.map(({ data }) => data),
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it('does not wait for the storage between one message and the next', async () => {
    const clock = new FakeClock();
    const broker = new LateBroker(clock);
    const { stranger } = startHub({ broker }, clock);
    const ann = stranger();
    ann.say({ type: 'connect', token: 'ann' });
    for (let turn = 0; turn < 5; turn++) {
      broker.arriveAll();
      await settle(clock);
    }
    for (let n = 0; n < 10; n++) ann.say({ type: 'publish', channel: 'room:a', data: n });
    await settle(clock);
    assert.equal([...broker.published.values()].at(-1), 10);
  });

  it('refuses what the schema does not take, and stores what it makes of the rest', async () => {
    const { client, hub } = startHub({ schemas: { channels: { 'room:*': trimmedText } } });
    const ann = await client();
    const refused = await ann.publish('room:a', 7);
    assert.ok(refused.type === 'error' && refused.code === 'invalid-data');
    assert.equal(refused.message, 'text: Expected a text');
    await ann.publish('room:a', '  hello ');
    const { messages } = await hub.history('room:a', { limit: 1 });
    assert.equal(messages[0]?.data, 'hello');
    await assert.rejects(hub.publish('room:a', 7), { code: 'invalid-data' });
  });

  it('measures a message in bytes', async () => {
    const { client } = startHub({ namespaces: { room: { maxMessageBytes: 10 } } });
    const ann = await client();
    assert.equal((await ann.publish('room:a', '12345678')).type, 'published');
    assert.equal((await ann.publish('room:a', new Uint8Array(10))).type, 'published');
    for (const data of ['123456789', 'ééééé', new Uint8Array(11)]) {
      const refused = await ann.publish('room:a', data);
      assert.ok(refused.type === 'error' && refused.code === 'too-large');
    }
  });

  it('is refused where nothing allows it', async () => {
    const { client } = startHub({ authenticate: () => ({ user: 'ann' }) });
    const ann = await client();
    for (const command of [
      { type: 'publish', channel: 'room:a', data: 1 },
      { type: 'subscribe', channel: 'room:a' },
      { type: 'history', channel: 'room:a', limit: 1 },
      { type: 'presence', channel: 'room:a' },
      { type: 'call', method: 'any', data: 1 },
    ] as const) {
      const reply = await ann.ask(command);
      assert.ok(reply.type === 'error' && reply.code === 'forbidden', command.type);
    }
  });

  it('is refused where there is no such namespace', async () => {
    const permissions = { channels: { '*': ['publish', 'subscribe'] } } as const;
    const { client, hub } = startHub({ authenticate: () => ({ user: 'ann', permissions }) });
    const ann = await client();
    for (const channel of ['other:a', 'constructor:a', '__proto__:a']) {
      const reply = await ann.publish(channel, 1);
      assert.ok(reply.type === 'error' && reply.code === 'unknown-namespace', channel);
    }
    await assert.rejects(hub.publish('no colon', 1), { code: 'invalid-command' });
  });

  it('says that the storage does not answer, and not why', async () => {
    const broker = new MemoryBroker();
    const { client, errors } = startHub({ broker });
    const ann = await client();
    await broker.close();
    const reply = await ann.publish('room:a', 1);
    assert.ok(reply.type === 'error' && reply.code === 'unavailable');
    assert.equal(reply.message, 'The storage does not answer');
    assert.ok((reply.retryInMs ?? 0) > 0);
    assert.equal(errors.length, 1);
  });
});

describe('history', () => {
  it('gives pages in both directions, and says whether there is more', async () => {
    const { client, hub } = startHub();
    for (let n = 1; n <= 5; n++) await hub.publish('room:a', n);
    const ann = await client();
    const page = async (query: object): Promise<unknown> => {
      const reply = await ann.ask({ type: 'history', channel: 'room:a', limit: 2, ...query });
      assert.ok(reply.type === 'history');
      return [reply.messages.map(({ data }) => data), reply.hasMore];
    };
    const { epoch } = await hub.history('room:a', { limit: 1 });
    assert.deepEqual(await page({}), [[4, 5], true]);
    assert.deepEqual(await page({ before: { epoch, offset: 3 } }), [[1, 2], false]);
    assert.deepEqual(await page({ after: { epoch, offset: 2 } }), [[3, 4], true]);
    assert.deepEqual(await page({ after: { epoch, offset: 3 } }), [[4, 5], false]);
    assert.deepEqual(await page({ after: { epoch: 'lost', offset: 4 } }), [[1, 2], true]);
    assert.deepEqual(await page({ before: { epoch: 'lost', offset: 2 } }), [[4, 5], true]);
  });

  it('is bounded in bytes', async () => {
    const { client, hub } = startHub({ limits: { historyBytes: 100 } });
    for (let n = 1; n <= 5; n++) await hub.publish('room:a', 'x'.repeat(60));
    const ann = await client();
    const reply = await ann.ask({ type: 'history', channel: 'room:a', limit: 5 });
    assert.ok(reply.type === 'history');
    assert.equal(reply.messages.length, 1);
    assert.equal(reply.hasMore, true);
  });
});

describe('publish by key where the policy is latest', () => {
  it('gives a new subscriber the newest of each key first', async () => {
    const { client, hub } = startHub();
    for (const [key, value] of [
      ['eur', 1],
      ['usd', 2],
      ['eur', 3],
    ] as const) {
      await hub.publish('price:all', value, { key });
    }
    const ann = await client();
    await ann.subscribe('price:all');
    const read = await ann.readAll();
    const values = read.flatMap((message) =>
      message.type === 'message' ? [[message.key, message.data]] : [],
    );
    assert.deepEqual(values, [
      ['usd', 2],
      ['eur', 3],
    ]);
    assert.deepEqual(read.at(-1), { type: 'caught-up', channel: 'price:all', offset: 3 });
  });

  it('keeps no more keys than it may, and says what is missing', async () => {
    const { client, hub } = startHub({ limits: { latestKeys: 2 } });
    const since = await hub.publish('price:all', 0, { key: 'a' });
    const ann = await client();
    await ann.subscribe('price:all');
    for (const key of ['b', 'c', 'd']) await hub.publish('price:all', key, { key });
    const bob = await client('bob');
    const subscribed = await bob.subscribe('price:all', { ...since, offset: 0 });
    assert.ok(subscribed.type === 'subscribed' && !subscribed.recovered);
    const read = await bob.readAll();
    assert.equal(read[0]?.type, 'gap');
    assert.deepEqual(
      read.flatMap((message) => (message.type === 'message' ? [message.key] : [])),
      ['c', 'd'],
    );
  });
});
