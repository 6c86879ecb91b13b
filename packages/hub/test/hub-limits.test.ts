/** What a client may ask of a hub in a time, and how many may come from one address: seen from the client. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerMessage } from '@hawser/wire';
import { startHub, type TestClient } from './hubs.ts';

const slow = { perSecond: 2, burst: 5 };

describe('commands of a connection', () => {
  it('are refused beyond the rate, with a time after which they pass', async () => {
    const { client, clock } = startHub({ rateLimits: { commands: slow } });
    const ann = await client();
    const replies = await askMany(ann, 5);
    assert.deepEqual(replies.map(outcomeOf), ['pong', 'pong', 'pong', 'pong', 'rate-limited 500']);
    clock.advance(500);
    assert.equal(outcomeOf(await ann.ask({ type: 'ping' })), 'pong');
  });

  it('are refused by their bytes as well', async () => {
    const { client } = startHub({ rateLimits: { bytes: { perSecond: 1000, burst: 2000 } } });
    const ann = await client();
    assert.equal(outcomeOf(await ann.publish('room:a', 'x'.repeat(1000))), 'published');
    assert.match(outcomeOf(await ann.publish('room:a', 'x'.repeat(1000))), /^rate-limited \d+$/);
  });

  it('close the connection when it goes on regardless', async () => {
    const refusals = { perSecond: 1, burst: 10 };
    const { client } = startHub({ rateLimits: { commands: slow, refusals } });
    const ann = await client();
    for (let i = 0; i < 14; i++) ann.say({ type: 'ping' });
    assert.equal(ann.transport.closeCode, undefined);
    ann.say({ type: 'ping' });
    assert.equal(ann.transport.closeCode, 4429);
  });

  it('count before anybody knows who the client is', async () => {
    const { stranger } = startHub({ rateLimits: { commands: slow, refusals: { perSecond: 1, burst: 10 } } });
    const client = stranger();
    for (let i = 0; i < 16; i++) client.say({ type: 'ping' });
    assert.equal(client.transport.closeCode, 4429);
  });

  it('of one connection do not count for another', async () => {
    const { client } = startHub({ rateLimits: { commands: slow } });
    const [ann, bob] = [await client(), await client('bob')];
    await askMany(ann, 10);
    assert.equal(outcomeOf(await bob.ask({ type: 'ping' })), 'pong');
  });
});

describe('subscriptions of a connection', () => {
  it('are refused beyond the rate, with a time after which they pass', async () => {
    const { client, clock } = startHub({ rateLimits: { subscriptions: slow } });
    const ann = await client();
    for (let i = 0; i < 5; i++) assert.equal(outcomeOf(await ann.subscribe(`room:${i}`)), 'subscribed');
    assert.equal(outcomeOf(await ann.subscribe('room:5')), 'rate-limited 500');
    clock.advance(500);
    assert.equal(outcomeOf(await ann.subscribe('room:5')), 'subscribed');
  });

  it('are refused beyond their number', async () => {
    const { client } = startHub({ limits: { subscriptions: 3 } });
    const ann = await client();
    for (let i = 0; i < 3; i++) await ann.subscribe(`room:${i}`);
    assert.equal(outcomeOf(await ann.subscribe('room:3')), 'too-many-subscriptions');
    await ann.ask({ type: 'unsubscribe', channel: 'room:0' });
    assert.equal(outcomeOf(await ann.subscribe('room:3')), 'subscribed');
  });
});

describe('connections of an address', () => {
  const addressLimits = { maxConnectionsPerAddress: 2, connects: { perSecond: 1000, burst: 1000 } };
  const from = (remoteAddress: string) => ({ remoteAddress });
  const connect = { type: 'connect', token: 'ann' } as const;

  it('are refused beyond the limit, with a time to come again, and closed', async () => {
    const { stranger } = startHub({ addressLimits });
    const clients = [1, 2, 3].map(() => stranger(from('192.0.2.1')));
    const outcomes = [];
    for (const client of clients) outcomes.push(outcomeOf(await client.ask(connect)));
    assert.deepEqual(outcomes, ['connected', 'connected', 'rate-limited 10000']);
    assert.equal(clients[2]?.transport.closeCode, 4429);
    assert.equal(outcomeOf(await stranger(from('192.0.2.2')).ask(connect)), 'connected');
  });

  it('are let in again when one has ended, and a refused one does not count', async () => {
    const { stranger } = startHub({ addressLimits });
    const [first] = [stranger(from('192.0.2.1')), stranger(from('192.0.2.1'))];
    const refused = stranger(from('192.0.2.1'));
    refused.lose();
    first?.lose();
    assert.equal(outcomeOf(await stranger(from('192.0.2.1')).ask(connect)), 'connected');
  });

  it('are closed at once when they are a flood', () => {
    const { stranger } = startHub({ addressLimits: { connects: { perSecond: 1, burst: 10 } } });
    const clients = Array.from({ length: 30 }, () => stranger(from('192.0.2.1')));
    assert.equal(clients.filter(({ transport }) => transport.closeCode === 4429).length, 10);
  });

  it('do not count for an address that the application does not tell', async () => {
    const { stranger } = startHub({ addressLimits, addressOf: () => undefined });
    const clients = Array.from({ length: 5 }, () => stranger(from('192.0.2.1')));
    for (const client of clients) assert.equal(outcomeOf(await client.ask(connect)), 'connected');
  });
});

async function askMany(client: TestClient, count: number): Promise<ServerMessage[]> {
  const replies: ServerMessage[] = [];
  for (let i = 0; i < count; i++) replies.push(await client.ask({ type: 'ping' }));
  return replies;
}

function outcomeOf(message: ServerMessage): string {
  if (message.type !== 'error') return message.type;
  return message.retryInMs === undefined ? message.code : `${message.code} ${message.retryInMs}`;
}
