/** A contract makes the hub's own methods typed. What is expected to be wrong here fails to compile if it is right. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Hub } from '../src/index.ts';

interface Chat {
  readonly channels: { readonly 'room:*': { readonly text: string }; readonly 'news:today': string };
  readonly methods: { readonly rename: { readonly input: { readonly name: string }; readonly output: null } };
}

const hub = new Hub<string | Uint8Array, unknown, Chat>({
  prepare: (data) => data,
  namespaces: { room: {}, news: {} },
  authenticate: () => undefined,
  methods: {
    rename: ({ name }) => {
      assert.equal(typeof name, 'string');
      return null;
    },
  },
});

describe('a hub with a contract', () => {
  it('publishes what the contract says, and nothing else', async () => {
    await hub.publish('room:lobby', { text: 'hello' });
    await hub.publish('news:today', 'rain');
    // @ts-expect-error: a room carries texts in objects.
    await hub.publish('room:lobby', 'hello');
    // @ts-expect-error: there is no such channel, and no such namespace either.
    await assert.rejects(hub.publish('zoo:lobby', { text: 'hello' }));
    const { messages } = await hub.history('news:today', { limit: 1 });
    assert.equal(messages[0]?.data, 'rain');
  });
});
