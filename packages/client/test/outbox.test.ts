/** Publications: none is lost, doubled or overtaken, and what waits is bounded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command } from '@hawser/wire';
import fc from 'fast-check';
import type { Refusal } from './model-hub.ts';
import { codeOf, Scene } from './scene.ts';

describe('publishing', () => {
  it('resolves with the message’s place once the hub has it', async () => {
    const scene = new Scene();
    const published = scene.client().channel('room:a').publish({ text: 'Hi' }, { key: 'k' });
    await scene.pass();
    assert.deepEqual(await published, { epoch: 'e1', offset: 1 });
    const [command] = scene.hub.commandsOf('publish');
    assert.equal(command?.key, 'k');
    assert.match(command?.messageId ?? '', /^(\d+-){3}\d+$/);
  });

  it('waits for a connection, in order', async () => {
    const scene = new Scene();
    scene.network.isDown = true;
    const client = scene.client();
    const published = Promise.all([1, 2, 3].map((data) => client.channel('room:a').publish(data)));
    await scene.pass(3_000);
    scene.network.isDown = false;
    await scene.pass(20_000, 20);
    assert.deepEqual(
      (await published).map(({ offset }) => offset),
      [1, 2, 3],
    );
    assert.deepEqual(
      scene.hub.commandsOf('publish').map(({ data }) => data),
      [1, 2, 3],
    );
  });

  it('sends again under the same name what was not confirmed', async () => {
    const scene = new Scene();
    const client = scene.client();
    await scene.pass();
    scene.hub.isMute = true;
    const published = Promise.all([1, 2].map((data) => client.channel('room:a').publish(data)));
    await scene.pass();
    scene.network.cut();
    scene.hub.isMute = false;
    await scene.pass(2_000);
    assert.deepEqual(
      (await published).map(({ offset }) => offset),
      [1, 2],
    );
    assert.deepEqual(
      scene.hub.channel('room:a').log.map(({ data }) => data),
      [1, 2],
    );
    const names = scene.hub.commandsOf('publish').map(({ messageId }) => messageId);
    assert.equal(names.length, 4);
    assert.equal(new Set(names).size, 2);
  });

  it('takes what is said at that moment, whatever becomes of it later', async () => {
    const scene = new Scene();
    const data = { text: 'before' };
    void scene.client().channel('room:a').publish(data);
    data.text = 'after';
    await scene.pass();
    assert.deepEqual(scene.hub.channel('room:a').log[0]?.data, { text: 'before' });
  });

  it('goes again when the hub says, one after the other', async () => {
    const scene = new Scene();
    const client = scene.client({ outbox: { maxInFlight: 1 } });
    let refusals = 1;
    scene.hub.refuse = ({ type }) =>
      type === 'publish' && refusals-- > 0 ? { code: 'rate-limited', retryInMs: 1_000 } : undefined;
    const published = Promise.all([1, 2, 3].map((data) => client.channel('room:a').publish(data)));
    await scene.pass(900);
    assert.equal(scene.hub.channel('room:a').head, 0);
    await scene.pass(2_000);
    assert.deepEqual(
      (await published).map(({ offset }) => offset),
      [1, 2, 3],
    );
  });

  it('goes again after a full socket has come between', async () => {
    const scene = new Scene();
    const client = scene.client({ maxBufferedBytes: 1_000 });
    let refusals = 1;
    scene.hub.refuse = ({ type }) =>
      type === 'publish' && refusals-- > 0 ? { code: 'rate-limited', retryInMs: 1_000 } : undefined;
    const published = client.channel('room:a').publish(1);
    await scene.pass(100);
    scene.network.isStuck = true;
    const answers = ['a', 'b'].map((text) =>
      codeOf(client.call('echo', text.repeat(2_000), { timeoutMs: 200 })),
    );
    await scene.pass(300);
    scene.network.drain();
    await scene.pass(3_000);
    assert.deepEqual(await Promise.all(answers), ['timed-out', 'timed-out']);
    assert.equal((await published).offset, 1);
  });

  it('rejects what the hub does not take, and lets the rest pass', async () => {
    const scene = new Scene();
    scene.hub.refuse = (command) =>
      command.type === 'publish' && command.data === 2 ? { code: 'internal' } : undefined;
    const client = scene.client();
    const room = client.channel('room:a');
    const outcomes = Promise.all([room.publish(1), codeOf(room.publish(2)), room.publish(3)]);
    await scene.pass();
    const [first, code, third] = await outcomes;
    assert.deepEqual([first.offset, code, third.offset], [1, 'internal', 2]);
  });

  it('refuses what has no room, and what has waited for too long', async () => {
    const scene = new Scene();
    scene.network.isDown = true;
    const client = scene.client({ outbox: { maxBytes: 2_000, maxAgeMs: 10_000 } });
    const room = client.channel('room:a');
    const waiting = codeOf(room.publish('x'.repeat(500)));
    assert.equal(await codeOf(room.publish('x'.repeat(500))), 'queue-full');
    await scene.pass(10_100, 100);
    assert.equal(await waiting, 'timed-out');
    // There is room again.
    const next = codeOf(room.publish('x'.repeat(500)));
    client.close();
    await scene.pass();
    assert.equal(await next, 'closed');
  });

  it('leaves in the outbox what the socket would only keep', async () => {
    const scene = new Scene();
    const client = scene.client({ maxBufferedBytes: 1_000, outbox: { maxInFlight: 1_000 } });
    await scene.pass();
    scene.network.isStuck = true;
    const room = client.channel('room:a');
    const published = Promise.all(Array.from({ length: 50 }, (_, i) => room.publish(`${i}`.padEnd(90))));
    await scene.pass(100);
    const { received } = scene.network.last;
    assert.equal(received.length, 1);
    // What was in the socket goes with the connection.
    scene.network.drain();
    scene.network.cut();
    await scene.pass(3_000);
    await published;
    assert.deepEqual(
      scene.hub.channel('room:a').log.map(({ data }) => Number(data)),
      Array.from({ length: 50 }, (_, i) => i),
    );
  });

  it('does not send in one user’s name what another has written', async () => {
    const scene = new Scene();
    let user = 'ana';
    const client = scene.client({ token: () => user });
    await scene.pass();
    scene.hub.isMute = true;
    const published = codeOf(client.channel('room:a').publish('of Ana'));
    scene.network.isFrozen = true;
    await scene.pass();
    scene.network.cut();
    scene.network.isFrozen = false;
    scene.hub.isMute = false;
    user = 'bo';
    await scene.pass(2_000);
    assert.equal(await published, 'identity-changed');
    assert.equal(client.user, 'bo');
    assert.equal(scene.hub.channel('room:a').head, 0);
  });
});

describe('whatever happens', () => {
  const fault = fc.constantFrom(
    'cut',
    'freeze',
    'thaw',
    'down',
    'up',
    'mute',
    'speak',
    'stick',
    'drain',
    'busy',
    'calm',
    'publish',
    'publish',
    'publish',
  );
  const faults = fc.array(fc.tuple(fault, fc.integer({ min: 1, max: 400 })), { maxLength: 40 });

  it('every message arrives once and in order, and every publication is acknowledged once', async () => {
    await fc.assert(
      fc.asyncProperty(faults, fc.constantFrom(1, 4, 32), async (happening, maxInFlight) => {
        const scene = new Scene();
        const writer = scene.client({ token: 'writer', outbox: { maxInFlight } });
        const reader = scene
          .client({ token: 'reader' })
          .channel('room:a', { since: { epoch: 'e1', offset: 0 } });
        const heard: unknown[] = [];
        reader.on('message', ({ data }) => heard.push(data));
        const looped: unknown[] = [];
        const loop = (async () => {
          for await (const { data } of reader.messages({ since: { epoch: 'e1', offset: 0 }, maxMessages: 3 }))
            looped.push(data);
        })();
        const acknowledged: number[] = [];
        let count = 0;
        for (const [event, ms] of happening) {
          happen(scene, event);
          // With more in flight, what is refused for the moment may be overtaken, as the documentation says.
          if (event === 'busy' && maxInFlight === 1) scene.hub.refuse = refusePublications;
          if (event === 'publish') {
            const number = count++;
            void writer
              .channel('room:a')
              .publish(number)
              .then(() => acknowledged.push(number));
          }
          await scene.pass(ms, 20);
        }
        for (const event of ['thaw', 'up', 'speak', 'calm', 'drain', 'cut']) happen(scene, event);
        await scene.pass(120_000, 1_000);
        await scene.pass(500, 5);
        const all = Array.from({ length: count }, (_, i) => i);
        assert.deepEqual(
          scene.hub.channel('room:a').log.map(({ data }) => data),
          all,
        );
        assert.deepEqual(heard, all);
        assert.deepEqual(looped, all);
        assert.deepEqual(acknowledged, all);
        scene.close();
        await loop;
      }),
      { numRuns: 60 },
    );
  });
});

function refusePublications({ type }: Command): Refusal | undefined {
  return type === 'publish' ? { code: 'rate-limited', retryInMs: 100 } : undefined;
}

function happen({ network, hub }: Scene, event: string): void {
  if (event === 'cut') network.cut();
  if (event === 'freeze' || event === 'thaw') network.isFrozen = event === 'freeze';
  if (event === 'down' || event === 'up') network.isDown = event === 'down';
  if (event === 'mute' || event === 'speak') hub.isMute = event === 'mute';
  if (event === 'calm') hub.refuse = () => undefined;
  if (event === 'stick') network.isStuck = true;
  if (event === 'drain' && network.isStuck) {
    // What stuck is gone, and with it the connection that it was given to.
    network.drain();
    network.cut();
  }
}
