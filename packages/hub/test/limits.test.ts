/** What one client, or many, can make a hub hold; and clients who mean no good. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from './fake-clock.ts';
import { settle, startHub } from './hubs.ts';
import { LateBroker } from './late-broker.ts';

const unlimited = { perSecond: Infinity, burst: 1 };

describe('limits of a connection', () => {
  it('has so many subscriptions and no more', async () => {
    const { client, hub } = startHub({ limits: { subscriptions: 3 } });
    const ann = await client();
    for (const name of ['a', 'b', 'c']) await ann.subscribe(`room:${name}`);
    const refused = await ann.subscribe('room:d');
    assert.ok(refused.type === 'error' && refused.code === 'too-many-subscriptions');
    await ann.ask({ type: 'unsubscribe', channel: 'room:a' });
    assert.equal((await ann.subscribe('room:d')).type, 'subscribed');
    assert.equal(hub.stats().subscriptions, 3);
  });

  it('reads no more while too many commands are under way', async () => {
    const clock = new FakeClock();
    const broker = new LateBroker(clock);
    const { stranger } = startHub({ broker, limits: { commandsUnderWay: 4 } }, clock);
    const ann = stranger();
    ann.say({ type: 'connect', token: 'ann' });
    for (let turn = 0; turn < 5; turn++) {
      broker.arriveAll();
      await settle(clock);
    }
    for (let n = 0; n < 4; n++) ann.say({ type: 'publish', channel: 'room:a', data: n });
    assert.ok(ann.transport.isPaused);
    clock.advance(60_000);
    assert.equal(
      ann.transport.closeCode,
      undefined,
      'the slowness of the storage is not the client’s silence',
    );
    broker.arriveAll();
    await settle(clock);
    assert.ok(!ann.transport.isPaused);
  });

  it('has to connect in time', () => {
    const { stranger, clock } = startHub();
    const silent = stranger();
    clock.advance(9999);
    assert.equal(silent.transport.closeCode, undefined);
    clock.advance(1);
    assert.equal(silent.transport.closeCode, 4408);
  });

  it('has to connect first', async () => {
    const { stranger } = startHub();
    const reply = await stranger().ask({ type: 'ping' });
    assert.ok(reply.type === 'error' && reply.code === 'not-connected');
  });

  it('is told when to go on where it is too fast, and is ended if it does not listen', async () => {
    const rateLimits = { commands: { perSecond: 1, burst: 2 }, refusals: { perSecond: 1, burst: 3 } };
    const { client, clock } = startHub({ rateLimits });
    const ann = await client();
    assert.equal((await ann.ask({ type: 'ping' })).type, 'pong');
    const refused = await ann.ask({ type: 'ping' });
    assert.ok(refused.type === 'error' && refused.code === 'rate-limited');
    clock.advance(refused.retryInMs ?? 0);
    assert.equal((await ann.ask({ type: 'ping' })).type, 'pong');
    for (let n = 0; n < 10; n++) ann.say({ type: 'ping' });
    assert.equal(ann.transport.closeCode, 4429);
  });
});

describe('limits of a hub', () => {
  it('has so many channels and no more, and closes those that nobody needs', async () => {
    const { client, hub, clock } = startHub({ limits: { channels: 2 } });
    const ann = await client();
    await ann.subscribe('room:a');
    await ann.subscribe('room:b');
    const refused = await ann.subscribe('room:c');
    assert.ok(refused.type === 'error' && refused.code === 'unavailable');
    assert.ok((refused.retryInMs ?? 0) > 0);
    await ann.ask({ type: 'unsubscribe', channel: 'room:a' });
    assert.equal((await ann.subscribe('room:c')).type, 'subscribed');
    ann.leave();
    assert.equal(hub.stats().channels, 2);
    clock.advance(70_000);
    assert.equal(hub.stats().channels, 0);
    assert.equal(clock.timerCount, 0);
  });

  it('refuses commands while those under way are too large together', async () => {
    const clock = new FakeClock();
    const broker = new LateBroker(clock);
    const { stranger } = startHub(
      { broker, limits: { commandBytes: 50_000 }, rateLimits: { commands: unlimited } },
      clock,
    );
    const clients = [stranger(), stranger()];
    for (const each of clients) each.say({ type: 'connect', token: 'ann' });
    for (let turn = 0; turn < 5; turn++) {
      broker.arriveAll();
      await settle(clock);
    }
    for (const each of clients) each.transport.take();
    for (const each of clients) each.say({ type: 'publish', channel: 'room:a', data: 'x'.repeat(30_000) });
    await settle(clock);
    const [refused] = clients[1]?.transport.take() ?? [];
    assert.ok(refused?.type === 'error' && refused.code === 'unavailable' && (refused.retryInMs ?? 0) > 0);
    broker.arriveAll();
    await settle(clock);
    assert.equal((await clients[1]?.ask({ type: 'ping' }))?.type, 'pong');
  });

  it('counts nothing twice when everybody has gone', async () => {
    const { client, hub, clock } = startHub();
    const clients = await Promise.all(['a', 'b', 'c'].map((user) => client(user)));
    for (const each of clients) await each.subscribe('room:a');
    assert.equal(hub.stats().users, 3);
    for (const each of clients) {
      each.lose();
      each.lose();
    }
    const { connections, users, subscriptions } = hub.stats();
    assert.deepEqual({ connections, users, subscriptions }, { connections: 0, users: 0, subscriptions: 0 });
    clock.advance(24 * 60 * 60_000);
    assert.equal(hub.stats().channels, 0);
  });

  for (const [options, message] of [
    [{ limits: { subscriptions: 0 } }, /limits\.subscriptions/],
    [{ limits: { outboundBytes: 1000 } }, /limits\.outboundBytes/],
    [{ timing: { pingIntervalMs: Number.NaN } }, /timing\.pingIntervalMs/],
    [{ namespaces: { room: { maxMessageBytes: 0 } } }, /namespaces\.room\.maxMessageBytes/],
    [{ namespaces: { room: { history: { messages: -1 } } } }, /namespaces\.room\.history\.messages/],
    [{ namespaces: { 'a b': {} } }, /name of a namespace/],
    [{ rateLimits: { commands: { perSecond: 0, burst: 1 } } }, /rateLimits\.commands/],
  ] as const) {
    it(`names the option that is wrong: ${message.source}`, () => {
      assert.throws(() => startHub(options), { message });
    });
  }
});

describe('whoever means no good', () => {
  it('is closed with 4400 if a frame is no command that could be answered', async () => {
    const { client } = startHub();
    for (const frame of ['{', '[]', 'null', '{"type":"ping"}', new Uint8Array(3), '']) {
      const ann = await client();
      ann.sayRaw(frame);
      assert.equal(ann.transport.closeCode, 4400, String(frame));
    }
  });

  it('is told the path of what is wrong, and goes on', async () => {
    const { client } = startHub();
    const ann = await client();
    ann.sayRaw('{"type":"subscribe","id":9,"channel":"room:a","since":{"epoch":"e","offset":-1}}');
    const [reply] = await ann.read();
    assert.ok(reply?.type === 'error' && reply.code === 'invalid-command' && reply.id === 9);
    assert.match(reply.message, /since\.offset/);
    assert.equal((await ann.ask({ type: 'ping' })).type, 'pong');
  });

  it('cannot have it throw, whatever it sends', async () => {
    const name = fc.constantFrom(
      'room:a',
      'room:__proto__',
      'price:constructor',
      '__proto__:x',
      'x',
      'room:',
    );
    const value = fc.oneof(fc.jsonValue(), name, fc.nat());
    const type = fc.constantFrom(
      ...['connect', 'refresh', 'subscribe', 'unsubscribe', 'publish', 'history', 'presence', 'call', 'ping'],
    );
    const keys = {
      token: value,
      session: value,
      channel: name,
      data: value,
      key: value,
      since: value,
      limit: value,
    };
    const command = fc.record(
      { type, id: fc.nat(), method: value, after: value, ...keys },
      { requiredKeys: ['type'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(command, fc.jsonValue()), { maxLength: 20 }), async (frames) => {
        const { client, clock, hub, errors } = startHub();
        const ann = await client();
        for (const frame of frames) ann.sayRaw(JSON.stringify(frame));
        await settle(clock);
        ann.lose();
        assert.deepEqual(errors, []);
        assert.equal(hub.stats().connections, 0);
      }),
      { numRuns: 200 },
    );
  });
});
