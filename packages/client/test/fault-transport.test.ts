/** The bad network that users get for their own tests. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Client } from '../src/index.ts';
import { FakeClock, FaultTransport } from '../src/testing.ts';
import { FakeNetwork } from './fake-network.ts';
import { Scene } from './scene.ts';

describe('FaultTransport', () => {
  it('passes everything on while nothing is wrong', async () => {
    const { scene, transport, client } = start();
    const published = client.channel('room:a').publish(1);
    await scene.pass();
    assert.equal((await published).offset, 1);
    assert.equal(transport.connectionCount, 1);
  });

  it('cuts, refuses, and tells a close twice, and the client comes back all the same', async () => {
    const { scene, transport, client } = start();
    const states: string[] = [];
    client.on('state', ({ status }) => states.push(status));
    await scene.pass();
    transport.faults.duplicatesClose = true;
    transport.faults.refuses = true;
    transport.cut();
    await scene.pass(3_000);
    assert.equal(client.state.status === 'connected', false);
    transport.faults.refuses = false;
    await scene.pass(60_000, 100);
    assert.equal(states.at(-1), 'connected');
    assert.equal(transport.connectionCount, 1);
  });

  it('freezes without a word, until the client notices', async () => {
    const { scene, transport, client } = start();
    await scene.pass();
    transport.faults.isFrozen = true;
    const reasons: string[] = [];
    client.on('state', (state) => {
      if (state.status === 'waiting') reasons.push(state.reason.code);
    });
    await scene.pass(31_000, 100);
    assert.deepEqual(reasons, ['server-silent']);
  });

  it('lets what was under way arrive when it thaws in time', async () => {
    const { scene, transport, client } = start();
    await scene.pass();
    transport.faults.isFrozen = true;
    const published = Promise.all([1, 2].map((data) => client.channel('room:a').publish(data)));
    await scene.pass(1_000, 50);
    assert.equal(scene.hub.channel('room:a').head, 0);
    transport.faults.isFrozen = false;
    await scene.pass();
    assert.deepEqual(
      (await published).map(({ offset }) => offset),
      [1, 2],
    );
    assert.equal(scene.network.connections.length, 1);
  });

  it('delays in order, and drops by the dice', () => {
    const clock = new FakeClock();
    const network = new FakeNetwork(clock);
    let dice = 0.9;
    const transport = new FaultTransport({ WebSocket: network.WebSocket, clock, random: () => dice });
    const socket = new transport.WebSocket('ws://hub.test/', ['chat']);
    socket.binaryType = 'arraybuffer';
    const heard: unknown[] = [];
    socket.addEventListener('message', ({ data }) => heard.push(data));
    clock.advance(10);
    assert.equal(socket.protocol, 'chat');
    assert.equal(socket.binaryType, 'arraybuffer');
    transport.faults.delayMs = 1_000;
    socket.send('a');
    socket.send('b');
    network.last.send('c');
    clock.advance(900);
    assert.deepEqual([network.last.received, heard], [[], []]);
    clock.advance(200);
    assert.deepEqual([network.last.received, heard], [['a', 'b'], ['c']]);
    transport.faults.drop = 0.5;
    dice = 0.4;
    socket.send('lost');
    clock.advance(2_000);
    assert.deepEqual(network.last.received, ['a', 'b']);
    assert.equal(socket.bufferedAmount, 0);
    assert.equal(socket.extensions, '');
    socket.close();
  });
});

function start(): { scene: Scene; transport: FaultTransport; client: Client } {
  const scene = new Scene();
  const { clock, network } = scene;
  const transport = new FaultTransport({ WebSocket: network.WebSocket, clock });
  return { scene, transport, client: scene.client({ WebSocket: transport.WebSocket }) };
}
