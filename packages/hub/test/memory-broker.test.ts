import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBroker, type MemoryBrokerOptions, type Publication, type Retention } from '@hawser/hub';

const keepAll: Retention = { messages: 1e6, bytes: 1e9, ageMs: 1e9 };
const readAll = { messages: 1e6, bytes: 1e9 };

/** A broker whose clock stands where `time.now` says. */
function brokerAt(time: { now: number }, options: MemoryBrokerOptions = {}): MemoryBroker {
  return new MemoryBroker({ clock: { date: () => time.now }, ...options });
}

function message(content: string, more: Partial<Publication> = {}): Publication {
  return { content, at: 0, ...more };
}

describe('MemoryBroker', () => {
  it('has no message in a reading that has grown too old since', async () => {
    const time = { now: 1000 };
    const broker = brokerAt(time);
    const retention = { ...keepAll, ageMs: 500 };
    await broker.publish('a', message('old', { at: 1000 }), retention);
    time.now = 1400;
    await broker.publish('a', message('new', { at: 1400 }), retention);
    time.now = 1501;
    const { oldest, entries } = await broker.read('a', 0, readAll);
    assert.deepEqual([oldest, entries.map(({ content }) => content)], [2, ['new']]);
    time.now = 1901;
    assert.equal((await broker.state('a')).oldest, 3);
  });

  it('does not let a publisher whose clock is ahead keep messages from growing old', async () => {
    const time = { now: 1000 };
    const broker = brokerAt(time);
    await broker.publish('a', message('from tomorrow', { at: 1e12 }), { ...keepAll, ageMs: 500 });
    time.now = 1501;
    assert.equal((await broker.state('a')).oldest, 2);
  });

  it('refuses a message that does not fit into its memory, and takes it once there is room', async () => {
    const time = { now: 0 };
    const broker = brokerAt(time, { maxBytes: 20_000 });
    const retention = { ...keepAll, ageMs: 1000 };
    await broker.publish('a', message('x'.repeat(15_000)), retention);
    const attempt = (): Promise<unknown> => broker.publish('b', message('x'.repeat(15_000)), retention);
    await assert.rejects(attempt, { name: 'BrokerError', code: 'full' });
    assert.equal((await broker.read('a', 0, readAll)).entries.length, 1);
    assert.equal((await broker.state('b')).head, 0);
    time.now = 2000;
    await attempt();
  });

  it('takes a message that drives out as much as it needs', async () => {
    const broker = brokerAt({ now: 0 }, { maxBytes: 20_000 });
    for (let i = 0; i < 10; i++) {
      await broker.publish('a', message('x'.repeat(15_000)), { ...keepAll, messages: 1 });
    }
    assert.equal((await broker.state('a')).oldest, 10);
  });

  it('does not lose count of its memory over many channels', async () => {
    const time = { now: 0 };
    const broker = brokerAt(time, { maxBytes: 100_000, idleMs: 1000, idempotenceMs: 10 });
    for (let i = 0; i < 5000; i++) {
      time.now += 100;
      const publication = message('x'.repeat(500), { publicationId: `${i}`, at: time.now });
      await broker.publish(`channel ${i}`, publication, { ...keepAll, ageMs: 500 });
    }
    assert.equal((await broker.state('channel 4999')).head, 1);
  });

  it('knows an id until its message is trimmed and some time has passed', async () => {
    const time = { now: 0 };
    const broker = brokerAt(time, { idempotenceMs: 1000 });
    const publish = async (publicationId: string, messages: number): Promise<boolean> => {
      const publication = message('m', { publicationId, at: time.now });
      return (await broker.publish('a', publication, { ...keepAll, messages })).isDuplicate;
    };
    await publish('kept', 1);
    time.now = 5000;
    assert.equal(await publish('kept', 1), true);
    await publish('next', 1);
    await publish('last', 1);
    assert.equal(await publish('next', 1), true);
    time.now = 6001;
    await broker.state('a');
    assert.equal(await publish('next', 1), false);
  });

  it('bounds the ids of trimmed messages, the oldest of which make room', async () => {
    const broker = brokerAt({ now: 0 }, { maxIdBytes: 1000 });
    const publish = (id: number) =>
      broker.publish('a', message('m', { publicationId: `${id}` }), { ...keepAll, messages: 1 });
    for (let id = 0; id < 100; id++) await publish(id);
    assert.equal((await publish(98)).isDuplicate, true);
    assert.equal((await publish(0)).isDuplicate, false);
  });

  it('begins a new epoch for a channel that it had forgotten', async () => {
    const time = { now: 0 };
    const broker = brokerAt(time, { idleMs: 1000, idempotenceMs: 0 });
    const none = { ...keepAll, messages: 0 };
    const first = await broker.publish('a', message('m'), none);
    time.now = 900;
    assert.deepEqual(await broker.state('a'), { epoch: first.position.epoch, head: 1, oldest: 2 });
    time.now = 1100;
    for (let i = 0; i < 4; i++) await broker.publish('b', message('m'), none);
    const { epoch, head } = await broker.state('a');
    assert.equal(head, 0);
    assert.notEqual(epoch, first.position.epoch);
    const again = await broker.publish('a', message('m'), none);
    assert.deepEqual(again.position, { epoch, offset: 1 });
  });

  it('forgets no channel that somebody listens to', async () => {
    const time = { now: 0 };
    const broker = brokerAt(time, { idleMs: 1000 });
    const none = { ...keepAll, messages: 0 };
    await broker.listen('a', () => undefined);
    const { position } = await broker.publish('a', message('m'), none);
    time.now = 9999;
    for (let i = 0; i < 4; i++) await broker.publish('b', message('m'), none);
    assert.deepEqual(await broker.state('a'), { epoch: position.epoch, head: 1, oldest: 2 });
  });

  it('keeps nothing of the buffer that a content was a view of', async () => {
    const broker = brokerAt({ now: 0 });
    const chunk = new Uint8Array(1024).fill(7);
    await broker.publish('a', { content: chunk.subarray(10, 12), at: 0 }, keepAll);
    const [entry] = (await broker.read('a', 0, readAll)).entries;
    assert.ok(entry?.content instanceof Uint8Array);
    assert.equal(entry.content.buffer.byteLength, 2);
  });

  it('has another epoch in every life', async () => {
    const states = await Promise.all([new MemoryBroker().state('a'), new MemoryBroker().state('a')]);
    assert.notEqual(states[0].epoch, states[1].epoch);
  });
});
