/** With a real hub over real sockets: cut at random, restarted, and yet nothing is lost, doubled or reordered. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocket } from '@hawser/websocket';
import { systemClock } from '../../src/clock.ts';
import { Client, type Message } from '../../src/index.ts';
import { FaultTransport } from '../../src/testing.ts';
import { codeOf } from '../scene.ts';
import { HubServer } from './hub-server.ts';

const rounds: readonly number[] = Array.from({ length: 30 }, (_, round) => round);

const backoff = { baseMs: 20, maxMs: 100 };

describe('with a real hub', () => {
  it('publishes, hears, asks and calls', async (t) => {
    const server = new HubServer();
    await server.start();
    const client = new Client(server.url, { token: 'ana', WebSocket });
    t.after(async () => {
      client.close();
      await server.stop();
    });
    const room = client.channel('room:a');
    const messages = room.messages();
    const position = await room.publish({ text: 'Hi' });
    const { value } = await messages.next();
    assert.deepEqual([value?.data, value?.offset, value?.user], [{ text: 'Hi' }, position.offset, 'ana']);
    await room.publish(Uint8Array.of(1, 2, 3));
    assert.deepEqual(new Uint8Array(bytesOf((await messages.next()).value)), Uint8Array.of(1, 2, 3));
    assert.equal((await room.history()).messages.length, 2);
    assert.deepEqual(await room.presence(), [{ user: 'ana' }]);
    assert.equal(await client.call('double', 21), 42);
    assert.equal(await codeOf(client.call('triple', 1)), 'unknown-method');
    assert.equal(await codeOf(client.channel('secret:a').publish(1)), 'forbidden');
  });

  it('is closed when the hub does not know it', async (t) => {
    const server = new HubServer();
    await server.start();
    const client = new Client(server.url, { WebSocket });
    t.after(async () => {
      client.close();
      await server.stop();
    });
    const reason = await new Promise<string>((resolve) => {
      client.on('state', (state) => {
        if (state.status === 'closed') resolve(state.reason.code);
      });
    });
    assert.equal(reason, 'unauthenticated');
  });

  it('gets every message once and in order, while connections are cut and the hub restarts', async (t) => {
    const server = new HubServer();
    await server.start();
    const transport = new FaultTransport({ WebSocket, clock: systemClock });
    const clients = ['ana', 'bo', 'cy'].map(
      (token) => new Client(server.url, { token, WebSocket: transport.WebSocket, backoff }),
    );
    t.after(async () => {
      for (const client of clients) client.close();
      await server.stop();
    });
    const heard = clients.map((client) => {
      const messages: Message<unknown>[] = [];
      client
        .channel('room:a', { since: { epoch: 'none', offset: 0 } })
        .on('message', (message) => messages.push(message));
      return messages;
    });
    const acknowledged: Promise<unknown>[] = [];
    for (const round of rounds) {
      acknowledged.push(...clients.map((client) => client.channel('room:a').publish(round)));
      await new Promise((resolve) => setImmediate(resolve));
      if (round % 7 === 3) transport.cut();
      if (round === 15) await server.restart();
    }
    await Promise.all(acknowledged);
    await Promise.all(heard.map((messages) => until(() => messages.length >= 90)));
    for (const messages of heard) {
      assert.deepEqual(
        messages.map(({ offset }) => offset),
        Array.from({ length: 90 }, (_, index) => index + 1),
      );
      for (const user of ['ana', 'bo', 'cy']) {
        const own = messages.filter((message) => message.user === user).map(({ data }) => data);
        assert.deepEqual(
          own,
          Array.from({ length: 30 }, (_, round) => round),
        );
      }
    }
  });
});

function bytesOf(message: Message<unknown> | undefined): Uint8Array {
  assert.ok(message?.data instanceof Uint8Array);
  return message.data;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
