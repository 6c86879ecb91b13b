/** ReconnectingWebSocket: the standard's face over a connection that comes back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ReconnectingWebSocket,
  type ReconnectingWebSocketOptions,
  type SocketCloseEvent,
} from '../src/reconnecting-websocket.ts';
import { FakeClock } from '../src/testing.ts';
import { FakeNetwork } from './fake-network.ts';
import { settle } from './scene.ts';

describe('ReconnectingWebSocket', () => {
  it('opens, echoes, comes back, and tells each in the standard’s words', () => {
    const { socket, network, clock, told } = start();
    assert.equal(socket.readyState, socket.CONNECTING);
    assert.equal(socket.url, 'wss://feed.test/a');
    clock.advance(50);
    assert.equal(socket.readyState, ReconnectingWebSocket.OPEN);
    network.last.send('hello');
    network.last.send(Uint8Array.of(1));
    clock.advance(50);
    network.cut();
    assert.equal(socket.readyState, socket.CONNECTING);
    clock.advance(2_000);
    assert.deepEqual(told, [
      'open',
      'message hello',
      'message [object ArrayBuffer]',
      'error',
      'close 1006 again',
      'open',
    ]);
  });

  it('keeps what is sent without a connection, within its limit', () => {
    const { socket, network, clock } = start({ maxQueuedBytes: 20 });
    const bytes = Uint8Array.of(1, 2);
    socket.send('four');
    socket.send(bytes);
    bytes[0] = 9;
    assert.equal(socket.bufferedAmount, 10);
    assert.throws(() => socket.send('eleven more'), { code: 'queue-full' });
    clock.advance(50);
    socket.send('live');
    clock.advance(50);
    assert.deepEqual(network.last.received, ['four', Uint8Array.of(1, 2), 'live']);
    assert.equal(socket.bufferedAmount, 0);
  });

  it('closes for good, with the code that was given', () => {
    const { socket, clock, told, network } = start();
    clock.advance(50);
    socket.close(3000, 'Done');
    socket.close();
    assert.equal(socket.readyState, socket.CLOSING);
    socket.send('too late');
    clock.advance(60_000);
    assert.equal(socket.readyState, socket.CLOSED);
    assert.deepEqual(told, ['open', 'close 1000']);
    assert.equal(network.connections.length, 1);
    assert.equal(clock.timerCount, 0);
  });

  it('closes while it waits', () => {
    const { socket, clock, told, network } = start();
    network.isDown = true;
    clock.advance(10);
    socket.close();
    clock.advance(60_000);
    assert.deepEqual(told, ['error', 'close 1006 again', 'close 1000']);
    assert.equal(socket.readyState, socket.CLOSED);
  });

  it('checks the code as the standard does', () => {
    const { socket } = start();
    for (const code of [0, 999, 1001, 1005, 2999, 5000]) {
      assert.throws(() => socket.close(code), { name: 'InvalidAccessError' });
    }
    socket.close(4999);
  });

  it('stays away after a no, or as it is told', () => {
    const codes: readonly [number, ReconnectingWebSocketOptions, string][] = [
      [1000, {}, 'close 1000'],
      [1008, {}, 'close 1008'],
      [1001, {}, 'close 1001 again'],
      [4000, {}, 'close 4000 again'],
      [4000, { shouldReconnect: ({ code }) => code < 4000 }, 'close 4000'],
    ];
    for (const [code, options, expected] of codes) {
      const { clock, network, told } = start(options);
      clock.advance(50);
      network.last.close(code);
      clock.advance(10);
      assert.deepEqual(told.at(-1), expected);
    }
  });

  it('takes a silent server for lost, if that is wanted', () => {
    const { clock, network, told } = start({ silenceTimeoutMs: 10_000 });
    clock.advance(50);
    for (let i = 0; i < 10; i++) {
      clock.advance(4_000);
      network.last.send('tick');
    }
    assert.equal(network.connections.length, 1);
    clock.advance(16_000);
    assert.ok(told.includes('close 1006 again'));
  });

  it('sets what kind of object carries bytes, on every connection', () => {
    const { socket, clock } = start();
    assert.equal(socket.binaryType, 'arraybuffer');
    socket.binaryType = 'nonsense';
    clock.advance(50);
    socket.binaryType = 'blob';
    assert.equal(socket.binaryType, 'blob');
    assert.equal(socket.protocol, 'chat');
    assert.equal(socket.extensions, '');
  });

  it('calls on… as well as listeners', async () => {
    const { socket, clock, network } = start();
    const told: string[] = [];
    socket.onopen = ({ type }) => told.push(type);
    socket.onmessage = ({ data }) => told.push(`message ${data}`);
    socket.onerror = ({ type }) => told.push(type);
    socket.onclose = ({ code, willReconnect }) => told.push(`close ${code} ${willReconnect}`);
    clock.advance(50);
    network.last.send('a');
    clock.advance(50);
    network.cut();
    await settle();
    assert.deepEqual(told, ['open', 'message a', 'error', 'close 1006 true']);
  });
});

function start(options: ReconnectingWebSocketOptions = {}) {
  const clock = new FakeClock();
  const network = new FakeNetwork(clock);
  const socket = new ReconnectingWebSocket('https://feed.test/a', {
    WebSocket: network.WebSocket,
    clock,
    random: () => 2 ** 31,
    lifecycle: { watch: () => () => {} },
    protocols: ['chat'],
    ...options,
  });
  socket.binaryType = 'arraybuffer';
  const told: string[] = [];
  socket.addEventListener('open', () => told.push('open'));
  socket.addEventListener('error', () => told.push('error'));
  socket.addEventListener('message', (event) => {
    assert.ok(event instanceof MessageEvent);
    told.push(`message ${event.data}`);
  });
  socket.addEventListener('close', (event) => told.push(tellClose(event)));
  return { socket, clock, network, told };
}

function tellClose(event: Event | SocketCloseEvent): string {
  assert.ok('code' in event);
  return `close ${event.code}${event.willReconnect ? ' again' : ''}`;
}
