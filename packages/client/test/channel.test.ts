/** Channels: each message once and in order, whatever the connection does, and at the pace of whoever reads. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { type Client, type Gap, HawserError } from '../src/index.ts';
import { schemaChecks } from '../src/schemas.ts';
import { codeOf, Scene } from './scene.ts';

describe('a subscription', () => {
  it('begins with the first listener and ends with the last', async () => {
    const scene = new Scene();
    const lobby = scene.client().channel('room:lobby');
    await scene.pass();
    assert.equal(scene.hub.commandsOf('subscribe').length, 0);
    const stops = [lobby.on('message', () => {}), lobby.on('join', () => {})];
    await scene.pass();
    assert.equal(scene.hub.commandsOf('subscribe').length, 1);
    for (const stop of [...stops, ...stops]) stop();
    await scene.pass();
    assert.equal(scene.hub.commandsOf('unsubscribe').length, 1);
  });

  it('resumes where it was, and hears everything once', async () => {
    const scene = new Scene();
    const lobby = scene.client().channel('room:lobby');
    const { heard } = listen(lobby);
    await scene.pass();
    for (let i = 1; i <= 3; i++) scene.hub.publish('room:lobby', i);
    await scene.pass();
    scene.network.cut();
    for (let i = 4; i <= 6; i++) scene.hub.publish('room:lobby', i);
    await scene.pass(2_000);
    scene.hub.publish('room:lobby', 7);
    await scene.pass();
    assert.deepEqual(heard, [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(lobby.position, { epoch: 'e1', offset: 7 });
  });

  it('drops what it has had', async () => {
    const scene = new Scene();
    const { heard } = listen(scene.client().channel('room:a'));
    await scene.pass();
    scene.hub.publish('room:a', 1);
    scene.hub.publish('room:a', 2);
    scene.hub.announce({ type: 'message', channel: 'room:a', offset: 1, at: 1, data: 'again' });
    await scene.pass();
    assert.deepEqual(heard, [1, 2]);
  });

  it('tells of what is gone, and of a new history', async () => {
    const scene = new Scene();
    const { heard, gaps } = listen(scene.client().channel('room:a'));
    await scene.pass();
    scene.hub.publish('room:a', 1);
    await scene.pass();
    scene.network.cut();
    scene.hub.retention = 1;
    for (let i = 2; i <= 5; i++) scene.hub.publish('room:a', i);
    await scene.pass(2_000);
    scene.network.cut();
    scene.hub.forget('room:a');
    scene.hub.publish('room:a', 'new');
    await scene.pass(4_000);
    assert.deepEqual(heard, [1, 5, 'new']);
    assert.deepEqual(gaps, [
      { from: { epoch: 'e1', offset: 1 }, to: { epoch: 'e1', offset: 4 }, reason: 'trimmed' },
      { from: { epoch: 'e1', offset: 5 }, to: { epoch: 'e1+', offset: 0 }, reason: 'epoch' },
    ]);
  });

  it('tells of a hole that the hub kept silent about', async () => {
    const scene = new Scene();
    const { heard, gaps } = listen(scene.client().channel('room:a'));
    await scene.pass();
    scene.hub.announce({ type: 'message', channel: 'room:a', offset: 3, at: 1, data: 'third' });
    await scene.pass();
    assert.deepEqual(heard, ['third']);
    assert.deepEqual(
      gaps.map(({ from, to }) => [from.offset, to.offset]),
      [[0, 2]],
    );
  });

  it('tells who comes and goes, what was dropped, and that it has caught up', async () => {
    const scene = new Scene();
    const lobby = scene.client().channel('room:a', { since: { epoch: 'e1', offset: 0 } });
    const told: string[] = [];
    lobby.on('join', ({ user }) => told.push(`join ${user}`));
    lobby.on('leave', ({ user }) => told.push(`leave ${user}`));
    lobby.on('dropped', ({ count }) => told.push(`dropped ${count}`));
    lobby.on('caught-up', ({ offset }) => told.push(`caught up ${offset}`));
    lobby.on('subscribed', ({ recovered, policy }) => told.push(`subscribed ${recovered} ${policy}`));
    await scene.pass();
    scene.hub.announce({ type: 'join', channel: 'room:a', member: { user: 'bo' } });
    scene.hub.announce({ type: 'leave', channel: 'room:a', member: { user: 'bo' } });
    scene.hub.announce({ type: 'dropped', channel: 'room:a', count: 3 });
    await scene.pass();
    assert.deepEqual(told, ['subscribed true every', 'caught up 0', 'join bo', 'leave bo', 'dropped 3']);
  });

  it('ends when the hub refuses, and is asked for again on the next connection', async () => {
    const scene = new Scene();
    scene.hub.refuse = ({ type }) => (type === 'subscribe' ? { code: 'forbidden' } : undefined);
    const lobby = scene.client().channel('room:a');
    const codes: string[] = [];
    lobby.on('ended', ({ code }) => codes.push(code));
    const loop = codeOf(lobby.messages().next());
    await scene.pass();
    assert.deepEqual([codes, await loop], [['forbidden'], 'forbidden']);
    scene.hub.refuse = () => undefined;
    scene.network.cut();
    await scene.pass(2_000);
    assert.equal(scene.hub.commandsOf('subscribe').length, 2);
  });

  it('is asked for a little later where the hub is only busy', async () => {
    const scene = new Scene();
    let refusals = 2;
    scene.hub.refuse = ({ type }) =>
      type === 'subscribe' && refusals-- > 0 ? { code: 'rate-limited', retryInMs: 3_000 } : undefined;
    const { heard } = listen(scene.client().channel('room:a'));
    await scene.pass(2_900);
    assert.equal(scene.hub.commandsOf('subscribe').length, 1);
    await scene.pass(9_000);
    scene.hub.announce({ type: 'ended', channel: 'room:a', code: 'unavailable', message: 'Later' });
    await scene.pass(2_000);
    scene.hub.publish('room:a', 1);
    await scene.pass();
    assert.deepEqual(heard, [1]);
  });

  it('is not disturbed by a listener that throws', async (t) => {
    const scene = new Scene();
    const thrown: unknown[] = [];
    const keep = (error: unknown): void => void thrown.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', keep);
    t.after(() => {
      process.off('uncaughtException', keep);
      for (const other of others) process.on('uncaughtException', other);
    });
    const lobby = scene.client().channel('room:a');
    lobby.on('message', () => {
      throw new RangeError('Mine');
    });
    const { heard } = listen(lobby);
    await scene.pass();
    scene.hub.publish('room:a', 1);
    await scene.pass();
    assert.deepEqual(heard, [1]);
    assert.deepEqual(thrown, [new RangeError('Mine')]);
  });
});

describe('a loop', () => {
  it('gets messages in order, and ends the subscription when it breaks', async () => {
    const scene = new Scene();
    const lobby = scene.client().channel('room:a');
    const heard: unknown[] = [];
    const loop = (async () => {
      for await (const { data } of lobby) {
        heard.push(data);
        if (data === 3) break;
      }
    })();
    await scene.pass();
    for (let i = 1; i <= 5; i++) scene.hub.publish('room:a', i);
    await scene.pass();
    await loop;
    await scene.pass();
    assert.deepEqual(heard, [1, 2, 3]);
    assert.equal(scene.hub.commandsOf('unsubscribe').length, 1);
  });

  it('reads on from the log when it is slow, and holds no more than its limit', async () => {
    const scene = new Scene();
    const lobby = scene.client().channel('room:a');
    const loop = lobby.messages({ maxMessages: 10 });
    await scene.pass();
    for (let i = 1; i <= 100; i++) scene.hub.publish('room:a', i);
    await scene.pass();
    // With nobody who wants them, none are sent.
    assert.equal(scene.hub.commandsOf('unsubscribe').length, 1);
    const heard: unknown[] = [];
    for (let i = 1; i <= 100; i++) {
      const next = loop.next();
      await scene.pass(25);
      heard.push((await next).value?.data);
    }
    assert.deepEqual(heard, range(1, 100));
    assert.ok(scene.hub.commandsOf('subscribe').length >= 10);
  });

  it('does not hold up the others that read the channel', async () => {
    const scene = new Scene();
    const lobby = scene.client().channel('room:a');
    const { heard } = listen(lobby);
    const loop = lobby.messages({ maxMessages: 2 });
    const start = lobby.messages({ since: { epoch: 'e1', offset: 0 } });
    await scene.pass();
    for (let i = 1; i <= 10; i++) scene.hub.publish('room:a', i);
    await scene.pass();
    assert.deepEqual(heard, range(1, 10));
    const slow: unknown[] = [];
    const all: unknown[] = [];
    for (let i = 1; i <= 10; i++) {
      const next = Promise.all([loop.next(), start.next()]);
      await scene.pass();
      const [one, two] = await next;
      slow.push(one.value?.data);
      all.push(two.value?.data);
    }
    assert.deepEqual([slow, all], [range(1, 10), range(1, 10)]);
    assert.deepEqual(heard, range(1, 10));
  });

  it('counts a message as done when it asks for the next', async () => {
    const scene = new Scene();
    const lobby = scene.client().channel('room:a');
    const loop = lobby.messages();
    await scene.pass();
    for (let i = 1; i <= 3; i++) scene.hub.publish('room:a', i);
    await scene.pass();
    assert.equal(lobby.position?.offset, 0);
    await loop.next();
    assert.equal(lobby.position?.offset, 0);
    await loop.next();
    assert.equal(lobby.position?.offset, 1);
  });

  it('survives the loss of the connection', async () => {
    const scene = new Scene();
    const loop = scene.client().channel('room:a').messages();
    await scene.pass();
    const first = loop.next();
    scene.network.cut();
    scene.hub.publish('room:a', 1);
    await scene.pass(2_000);
    assert.equal((await first).value?.data, 1);
  });
});

describe('schemas', () => {
  const schemas = {
    channels: { 'room:*': z.object({ text: z.string() }) },
    methods: { double: { input: z.number(), output: z.number() } },
  };

  it('keep out of a channel what it does not carry, both ways', async () => {
    const scene = new Scene();
    const client = scene.client({ checks: schemaChecks(schemas) });
    const room = client.channel('room:a');
    const { heard } = listen(room);
    const invalid: HawserError[] = [];
    room.on('invalid', (error) => invalid.push(error));
    await scene.pass();
    scene.hub.publish('room:a', { text: 5 });
    scene.hub.publish('room:a', { text: 'fine' });
    await scene.pass();
    assert.deepEqual(heard, [{ text: 'fine' }]);
    assert.equal(invalid[0]?.code, 'invalid-data');
    assert.match(invalid[0]?.message ?? '', /^text: /);
    assert.equal(await codeOf(room.publish({ text: 5 })), 'invalid-data');
    assert.equal(await codeOf(client.call('double', 'x')), 'invalid-data');
    const answer = codeOf(
      client
        .channel('other:a')
        .publish(1)
        .then(() => Promise.reject(new HawserError({ code: 'closed', message: '' }))),
    );
    await scene.pass();
    assert.equal(await answer, 'closed');
  });
});

/** What a channel's listeners hear. */
function listen(channel: ReturnType<Client['channel']>): { heard: unknown[]; gaps: Gap[] } {
  const heard: unknown[] = [];
  const gaps: Gap[] = [];
  channel.on('message', ({ data }) => heard.push(data));
  channel.on('gap', ({ from, to, reason }) => gaps.push({ from, to, reason }));
  return { heard, gaps };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
