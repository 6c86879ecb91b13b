/** Reading on from the log: what it costs when many do it, and what happens when it fails. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameCache } from '../src/frame-cache.ts';
import { type Broker, BrokerError, type LogListener, MemoryBroker, type ReadLimits } from '../src/index.ts';
import { startHub } from './hubs.ts';

/** A broker that counts readings, and fails or forgets to tell when the test wants it to. */
class WatchedBroker extends MemoryBroker {
  reads = 0;
  fails = false;
  isMute = false;
  /** Whether the next question where a channel stands fails, if it is not the first. */
  failsOnce = false;
  #states = 0;

  override state(channel: string): ReturnType<Broker['state']> {
    this.#states += 1;
    if (!this.failsOnce || this.#states === 1) return super.state(channel);
    this.failsOnce = false;
    return Promise.reject(new BrokerError('unavailable', 'Expected a disk, received none'));
  }

  override read(channel: string, after: number, limits: ReadLimits): ReturnType<Broker['read']> {
    this.reads += 1;
    if (this.fails) return Promise.reject(new BrokerError('unavailable', 'Expected a disk, received none'));
    return super.read(channel, after, limits);
  }

  override listen(channel: string, listener: LogListener): ReturnType<Broker['listen']> {
    return super.listen(channel, (entry, epoch) => {
      if (!this.isMute) listener(entry, epoch);
    });
  }
}

describe('many who come back at once', () => {
  it('read the log once for all', async () => {
    const broker = new WatchedBroker();
    const { client, hub } = startHub({ broker, limits: { readers: 4 } });
    const since = await hub.publish('room:a', 0);
    for (let n = 1; n <= 100; n++) await hub.publish('room:a', n);
    const clients = await Promise.all(Array.from({ length: 50 }, (_, i) => client(`u${i}`)));
    const reads = broker.reads;
    for (const each of clients) each.say({ type: 'subscribe', channel: 'room:a', since });
    for (const each of clients) {
      const messages = (await each.readAll()).filter(({ type }) => type === 'message');
      assert.equal(messages.length, 100);
    }
    assert.ok(broker.reads - reads < 10, `${broker.reads - reads} readings for 50 subscribers`);
  });
});

describe('a log that cannot be read', () => {
  it('ends the subscription of who is behind, who can come back for the rest', async () => {
    const broker = new WatchedBroker();
    const { client, hub, errors } = startHub({ broker });
    const since = await hub.publish('room:a', 'one');
    await hub.publish('room:a', 'two');
    const ann = await client();
    broker.fails = true;
    await ann.subscribe('room:a', since);
    const [ended] = await ann.readAll();
    assert.deepEqual(ended, {
      type: 'ended',
      channel: 'room:a',
      code: 'unavailable',
      message: 'The storage does not answer',
    });
    assert.equal(errors.length, 1);
    broker.fails = false;
    await ann.subscribe('room:a', since);
    const [message] = await ann.readAll();
    assert.ok(message?.type === 'message' && message.data === 'two');
  });

  it('refuses who subscribes, who can try again', async () => {
    const broker = new WatchedBroker();
    const { client } = startHub({ broker });
    const ann = await client();
    broker.fails = true;
    const { type } = await ann.publish('price:a', 1, { key: 'k' });
    assert.equal(type, 'published');
    const refused = await ann.subscribe('price:a');
    assert.ok(refused.type === 'error' && refused.code === 'unavailable');
    broker.fails = false;
    assert.equal((await ann.subscribe('price:a')).type, 'subscribed');
  });
});

describe('a channel whose log fails for one of two who subscribe', () => {
  it('is there for the other', async () => {
    const broker = new WatchedBroker();
    const { client, hub } = startHub({ broker });
    const since = await hub.publish('room:a', 'one');
    const [ann, bob] = [await client('ann'), await client('bob')];
    broker.failsOnce = true;
    ann.say({ type: 'subscribe', channel: 'room:a', since });
    bob.say({ type: 'subscribe', channel: 'room:a', since });
    const types = [...(await ann.readAll()), ...(await bob.readAll())].map(({ type }) => type);
    assert.deepEqual(types.sort(), ['caught-up', 'error', 'subscribed']);
    await hub.publish('room:a', 'two');
    const heard = [...(await ann.readAll()), ...(await bob.readAll())];
    assert.deepEqual(
      heard.map(({ type }) => type),
      ['message'],
    );
  });
});

describe('a message that was not heard of', () => {
  it('is read when the next one is heard of', async () => {
    const broker = new WatchedBroker();
    const { client, hub } = startHub({ broker });
    const ann = await client();
    await ann.subscribe('room:a');
    broker.isMute = true;
    await hub.publish('room:a', 'one');
    broker.isMute = false;
    await hub.publish('room:a', 'two');
    const data = (await ann.readAll()).flatMap((message) =>
      message.type === 'message' ? [message.data] : [],
    );
    assert.deepEqual(data, ['one', 'two']);
  });
});

describe('FrameCache', () => {
  it('holds no more than it may, for one channel and for all', () => {
    const cache = new FrameCache<number>({ totalBytes: 10_000, channelBytes: 3000 });
    for (let offset = 1; offset <= 100; offset++) {
      for (const channel of ['a', 'b', 'c', 'd', 'e']) cache.keep(channel, offset, offset, 100);
      assert.ok(cache.bytes <= 10_000);
    }
    assert.equal(cache.get('e', 100), 100);
    assert.equal(cache.get('e', 1), undefined);
    assert.equal(cache.get('e', 101), undefined);
  });

  it('keeps no frame that does not follow the one before', () => {
    const cache = new FrameCache<number>({ totalBytes: 10_000, channelBytes: 3000 });
    for (const offset of [1, 2, 5, 6]) cache.keep('a', offset, offset, 100);
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7].map((offset) => cache.get('a', offset)),
      [undefined, undefined, undefined, undefined, 5, 6, undefined],
    );
    cache.forget('a');
    assert.equal(cache.bytes, 0);
  });

  it('forgets a channel whose message is too large for it', () => {
    const cache = new FrameCache<number>({ totalBytes: 10_000, channelBytes: 3000 });
    cache.keep('a', 1, 1, 100);
    cache.keep('a', 2, 2, 5000);
    assert.equal(cache.get('a', 1), undefined);
    assert.equal(cache.get('a', 2), undefined);
  });
});
