import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Connection, connectTimeoutMs, type SocketEvents } from '../web/connection.ts';
import { FakeClock } from './fake-clock.ts';

describe('Connection', () => {
  it('is idle until it is started, and connected only when that is confirmed', () => {
    const { connection, sockets } = setUp();
    assert.deepEqual(connection.state, { phase: 'idle' });
    connection.start();
    assert.deepEqual(connection.state, { phase: 'connecting', failures: 0 });
    last(sockets).events.opened();
    assert.equal(connection.state.phase, 'connecting');
    connection.confirm();
    assert.equal(connection.state.phase, 'connected');
  });

  it('waits when the socket closes, tells until when, and tries again', () => {
    const { connection, sockets, clock } = setUp();
    connection.start();
    last(sockets).events.closed();
    assert.deepEqual(connection.state, { phase: 'waiting', retryAt: clock.now() + 1_000 });
    clock.advance(999);
    assert.equal(sockets.length, 1);
    clock.advance(1);
    assert.equal(sockets.length, 2);
    assert.deepEqual(connection.state, { phase: 'connecting', failures: 1 });
  });

  it('waits longer after each failure, and starts anew once it has worked', () => {
    const { connection, sockets, clock } = setUp();
    connection.start();
    assert.deepEqual([failAndWait(), failAndWait(), failAndWait()], [1_000, 2_000, 4_000]);
    connection.confirm();
    assert.equal(failAndWait(), 1_000);

    function failAndWait(): number {
      last(sockets).events.closed();
      assert.ok(connection.state.phase === 'waiting');
      const delayMs = connection.state.retryAt - clock.now();
      clock.advance(delayMs);
      return delayMs;
    }
  });

  it('tries at once when asked to, and only one socket at a time', () => {
    const { connection, sockets, clock } = setUp();
    connection.start();
    last(sockets).events.closed();
    connection.retryNow();
    assert.equal(sockets.length, 2);
    connection.retryNow();
    clock.advance(5_000);
    assert.equal(sockets.length, 2);
  });

  it('gives up a try that leads nowhere', () => {
    const { connection, sockets, clock } = setUp();
    connection.start();
    last(sockets).events.opened();
    clock.advance(connectTimeoutMs);
    assert.equal(connection.state.phase, 'waiting');
    assert.equal(last(sockets).closed, true);
  });

  it('does not give up one that works', () => {
    const { connection, clock } = setUp();
    connection.start();
    connection.confirm();
    clock.advance(connectTimeoutMs * 10);
    assert.equal(connection.state.phase, 'connected');
  });

  it('drops a socket that is open but broken', () => {
    const { connection, sockets } = setUp();
    connection.start();
    connection.confirm();
    connection.drop();
    assert.equal(last(sockets).closed, true);
    assert.equal(connection.state.phase, 'waiting');
  });

  it('listens to no socket that it has given up', () => {
    const { connection, sockets, received, clock } = setUp();
    connection.start();
    const old = last(sockets);
    connection.drop();
    clock.advance(1_000);
    connection.confirm();
    old.events.received('late');
    old.events.closed();
    assert.deepEqual(received, []);
    assert.equal(connection.state.phase, 'connected');
  });

  it('stops, and can be started again', () => {
    const { connection, sockets, clock } = setUp();
    connection.start();
    connection.stop();
    assert.equal(last(sockets).closed, true);
    assert.equal(connection.state.phase, 'idle');
    assert.equal(clock.pending, 0);
    connection.start();
    assert.equal(sockets.length, 2);
  });

  it('sends and receives on the socket of the moment', () => {
    const { connection, sockets, received } = setUp();
    connection.send('nobody hears this');
    connection.start();
    connection.send('hello');
    last(sockets).events.received('welcome');
    assert.deepEqual(last(sockets).sent, ['hello']);
    assert.deepEqual(received, ['welcome']);
  });
});

interface FakeSocket {
  readonly events: SocketEvents;
  readonly sent: string[];
  closed: boolean;
}

function setUp(): {
  connection: Connection;
  sockets: readonly FakeSocket[];
  received: readonly unknown[];
  clock: FakeClock;
} {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const received: unknown[] = [];
  const connection = new Connection(
    {
      openSocket(events) {
        const socket: FakeSocket = { events, sent: [], closed: false };
        sockets.push(socket);
        return {
          send: (text) => void socket.sent.push(text),
          close() {
            socket.closed = true;
          },
        };
      },
      schedule: clock.schedule,
      now: clock.now,
      random: () => 1,
    },
    { changed: () => undefined, opened: () => undefined, received: (data) => void received.push(data) },
  );
  return { connection, sockets, received, clock };
}

function last(sockets: readonly FakeSocket[]): FakeSocket {
  const socket = sockets.at(-1);
  assert.ok(socket);
  return socket;
}
