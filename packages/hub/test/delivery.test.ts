/** What a subscriber gets: everything from its position on, once, in order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerMessage } from '@hawser/wire';
import { startHub } from './hubs.ts';

/** A message in short: its data, or its type. */
function tell(message: ServerMessage): unknown {
  return message.type === 'message' ? message.data : message.type;
}

describe('subscribe', () => {
  it('delivers what is published from then on, the own messages too', async () => {
    const { client } = startHub();
    const ann = await client('ann');
    const bob = await client('bob');
    await ann.subscribe('room:a');
    await bob.subscribe('room:a');
    await ann.publish('room:a', 1);
    await bob.publish('room:a', { text: 'two' });
    assert.deepEqual((await ann.read()).map(tell), [1, { text: 'two' }]);
    assert.deepEqual((await bob.read()).map(tell), [1, { text: 'two' }]);
  });

  it('says where it begins, who published, when, and under which name', async () => {
    const { client, clock } = startHub();
    const ann = await client('ann');
    await ann.publish('room:a', 'before');
    const subscribed = await ann.subscribe('room:a');
    assert.ok(subscribed.type === 'subscribed');
    assert.equal(subscribed.position.offset, 1);
    assert.equal(subscribed.recovered, true);
    assert.equal(subscribed.policy, 'every');
    await ann.publish('room:a', 'now', { messageId: 'm1' });
    const [message] = await ann.read();
    const expected = { offset: 2, at: clock.date(), user: 'ann', messageId: 'm1', data: 'now' };
    assert.deepEqual(message, { type: 'message', channel: 'room:a', ...expected });
  });

  it('delivers bytes as bytes', async () => {
    const { client } = startHub();
    const ann = await client();
    await ann.subscribe('room:a');
    await ann.publish('room:a', new Uint8Array([1, 2, 3]));
    const [message] = await ann.read();
    assert.ok(message?.type === 'message' && message.data instanceof Uint8Array);
    assert.deepEqual([...message.data], [1, 2, 3]);
  });

  it('encodes a message once for all subscribers', async () => {
    const { client, prepared, hub } = startHub();
    const clients = await Promise.all(Array.from({ length: 20 }, (_, i) => client(`user${i}`)));
    for (const each of clients) await each.subscribe('room:a');
    await hub.publish('room:a', 'hello');
    for (const each of clients) assert.deepEqual((await each.read()).map(tell), ['hello']);
    assert.equal(prepared(), 1);
  });

  it('ends with unsubscribe, and refuses what does not fit', async () => {
    const { client, hub } = startHub();
    const ann = await client();
    await ann.subscribe('room:a');
    const again = await ann.subscribe('room:a');
    assert.ok(again.type === 'error' && again.code === 'already-subscribed');
    assert.equal((await ann.ask({ type: 'unsubscribe', channel: 'room:a' })).type, 'unsubscribed');
    await hub.publish('room:a', 'missed');
    assert.deepEqual(await ann.read(), []);
    const none = await ann.ask({ type: 'unsubscribe', channel: 'room:a' });
    assert.ok(none.type === 'error' && none.code === 'not-subscribed');
  });

  it('takes effect before the publication that is sent right behind it', async () => {
    const { client } = startHub();
    const ann = await client();
    ann.say({ type: 'subscribe', channel: 'room:a' });
    ann.say({ type: 'publish', channel: 'room:a', data: 'own' });
    ann.say({ type: 'unsubscribe', channel: 'room:a' });
    const types = (await ann.readAll()).map(tell);
    assert.deepEqual(types.slice(0, 2), ['subscribed', 'own']);
    assert.deepEqual(types.slice(2).sort(), ['published', 'unsubscribed']);
  });
});

describe('subscribe with since', () => {
  it('brings what was missed, then caught-up, then what is published', async () => {
    const { client, hub } = startHub();
    const ann = await client();
    const subscribed = await ann.subscribe('room:a');
    assert.ok(subscribed.type === 'subscribed');
    ann.lose();
    for (const text of ['one', 'two', 'three']) await hub.publish('room:a', text);
    const again = await client();
    const recovered = await again.subscribe('room:a', subscribed.position);
    assert.ok(recovered.type === 'subscribed' && recovered.recovered);
    assert.deepEqual(recovered.position, subscribed.position);
    await again.read();
    await hub.publish('room:a', 'four');
    const all = [...(await again.readAll())].map(tell);
    assert.deepEqual(all, ['four']);
  });

  it('says caught-up even if nothing was missed', async () => {
    const { client, hub } = startHub();
    const position = await hub.publish('room:a', 'one');
    const ann = await client();
    await ann.subscribe('room:a', position);
    assert.deepEqual(await ann.read(), [{ type: 'caught-up', channel: 'room:a', offset: 1 }]);
  });

  it('announces what was trimmed, and goes on with the oldest that there is', async () => {
    const { client, hub } = startHub({ namespaces: { room: { history: { messages: 2 } } } });
    const since = await hub.publish('room:a', 'one');
    for (const text of ['two', 'three', 'four']) await hub.publish('room:a', text);
    const ann = await client();
    const subscribed = await ann.subscribe('room:a', since);
    assert.ok(subscribed.type === 'subscribed' && !subscribed.recovered);
    const [gap, ...rest] = await ann.readAll();
    const to = { epoch: since.epoch, offset: 2 };
    assert.deepEqual(gap, { type: 'gap', channel: 'room:a', from: since, to, reason: 'trimmed' });
    assert.deepEqual(subscribed.position, to);
    assert.deepEqual(rest.map(tell), ['three', 'four', 'caught-up']);
  });

  for (const [what, since] of [
    ['another history', { epoch: 'other', offset: 1 }],
    ['a history that has not come so far', { offset: 7 }],
  ] as const) {
    it(`announces ${what}, and brings all of the one that there is`, async () => {
      const { client, hub } = startHub();
      const { epoch } = await hub.publish('room:a', 'one');
      const ann = await client();
      const from = { epoch, ...since };
      await ann.subscribe('room:a', from);
      const [gap, ...rest] = await ann.readAll();
      const to = { epoch, offset: 0 };
      assert.deepEqual(gap, { type: 'gap', channel: 'room:a', from, to, reason: 'epoch' });
      assert.deepEqual(rest.map(tell), ['one', 'caught-up']);
    });
  }
});
