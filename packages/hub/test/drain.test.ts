/** The end of a hub: announced, spread, and without a loss. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from './fake-clock.ts';
import { settle, startHub } from './hubs.ts';
import { LateBroker } from './late-broker.ts';

describe('drain', () => {
  it('ends the connections one after another over its window', async () => {
    const { client, hub, clock } = startHub();
    const clients = [await client('a'), await client('b'), await client('c'), await client('d')];
    const ended = hub.drain({ windowMs: 4000 });
    const closed = (): number => clients.filter(({ transport }) => transport.closeCode === 1012).length;
    const counts: number[] = [];
    for (let second = 0; second < 4; second++) {
      clock.advance(second === 0 ? 0 : 1000);
      counts.push(closed());
    }
    assert.deepEqual(counts, [1, 2, 3, 4]);
    for (const each of clients) {
      assert.deepEqual(each.transport.take(), [{ type: 'drain', reconnectInMs: 4000 }]);
      each.lose();
    }
    await ended;
    assert.equal(hub.stats().connections, 0);
    assert.equal(clock.timerCount, 0);
  });

  it('answers first what was asked for, and refuses what comes later', async () => {
    const clock = new FakeClock();
    const broker = new LateBroker(clock);
    const { stranger, hub } = startHub({ broker }, clock);
    const ann = stranger();
    ann.say({ type: 'connect', token: 'ann' });
    for (let turn = 0; turn < 5; turn++) {
      broker.arriveAll();
      await settle(clock);
    }
    ann.transport.take();
    const published = ann.say({ type: 'publish', channel: 'room:a', data: 'last words' });
    void hub.drain({ windowMs: 0 });
    clock.advance(0);
    const late = ann.say({ type: 'publish', channel: 'room:a', data: 'too late' });
    await settle(clock);
    assert.equal(ann.transport.closeCode, undefined);
    broker.arriveAll();
    await settle(clock);
    assert.equal(ann.transport.closeCode, 1012);
    const replies = ann.transport
      .take()
      .flatMap((message) => ('id' in message ? [[message.id, message.type]] : []));
    assert.deepEqual(replies, [
      [late, 'error'],
      [published, 'published'],
    ]);
  });

  it('lets nobody in any more, and ends once, however often it is asked for', async () => {
    const { hub, stranger } = startHub();
    await Promise.all([hub.drain(), hub.drain()]);
    assert.equal(stranger().transport.closeCode, 1012);
  });

  it('terminates those who do not close in time', async () => {
    const { client, hub, clock } = startHub();
    const ann = await client();
    void hub.drain({ windowMs: 0, closeTimeoutMs: 1000 });
    clock.advance(0);
    let wasTerminated = false;
    ann.transport.terminate = () => {
      wasTerminated = true;
    };
    clock.advance(1000);
    assert.ok(wasTerminated);
  });
});

describe('disconnect', () => {
  it('ends the connections of a user, who can come back', async () => {
    const { client, hub } = startHub();
    const [one, two, other] = [await client('ann'), await client('ann'), await client('bob')];
    assert.equal(hub.disconnect({ user: 'ann' }), 2);
    assert.equal(one.transport.closeCode, 4411);
    assert.equal(two.transport.closeCode, 4411);
    assert.equal(other.transport.closeCode, undefined);
    assert.equal((await (await client('ann')).ask({ type: 'ping' })).type, 'pong');
  });
});
