/** The client at a hub, as an application sees it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClientOptions, ConnectionState } from '../src/index.ts';
import { Client, HawserError } from '../src/index.ts';
import { codeOf, Scene } from './scene.ts';

describe('a client', () => {
  it('connects at once, says who it is inside the connection, and tells each state', async () => {
    const scene = new Scene();
    const states: string[] = [];
    const client = scene.client();
    client.on('state', ({ status }) => states.push(status));
    assert.equal(client.state.status, 'connecting');
    await scene.pass();
    assert.deepEqual(states, ['connected']);
    assert.equal(client.user, 'ana');
    assert.equal(scene.network.last.url, 'ws://hub.test/');
    assert.deepEqual(scene.network.last.protocols, ['hawser.v1']);
    assert.deepEqual(scene.hub.commands, [{ type: 'connect', id: 1, token: 'ana' }]);
  });

  it('comes back after a loss, with a fresh token and its session', async () => {
    const scene = new Scene();
    let tokens = 0;
    const client = scene.client({ token: async () => `token-${++tokens}` });
    const states: string[] = [];
    client.on('state', (state) =>
      states.push(state.status === 'waiting' ? `waiting ${state.reason.code}` : state.status),
    );
    await scene.pass();
    scene.network.cut();
    await scene.pass(2_000);
    assert.deepEqual(states, ['connected', 'waiting connection-lost', 'connecting', 'connected']);
    const [, again] = scene.hub.commandsOf('connect');
    assert.deepEqual([again?.token, again?.session], ['token-2', 'session-1']);
  });

  it('stays away when the hub wants no more of it, and says why', async () => {
    for (const [code, status] of [
      [4401, 'closed'],
      [4410, 'closed'],
      [1000, 'closed'],
      [1012, 'waiting'],
      [4412, 'waiting'],
    ] as const) {
      const scene = new Scene();
      const client = scene.client();
      await scene.pass();
      scene.network.last.close(code, 'Because');
      await scene.pass(10);
      assert.equal(client.state.status, status);
      assert.ok(client.state.status === 'closed' || client.state.status === 'waiting');
      assert.deepEqual(
        [client.state.reason.code, client.state.reason.closeCode, client.state.reason.message],
        ['connection-lost', code, 'Because'],
      );
    }
  });

  it('is closed by a refused token, and waits where the hub says when', async () => {
    const scene = new Scene();
    scene.hub.refuse = ({ type }) => (type === 'connect' ? { code: 'unauthenticated' } : undefined);
    const client = scene.client();
    await scene.pass();
    const closed = stateOf(client);
    assert.ok(closed.status === 'closed');
    assert.equal(closed.reason.code, 'unauthenticated');
    scene.hub.refuse = ({ type }) =>
      type === 'connect' ? { code: 'rate-limited', retryInMs: 60_000 } : undefined;
    client.connect();
    await scene.pass();
    const waiting = stateOf(client);
    assert.ok(waiting.status === 'waiting');
    assert.ok(waiting.retryInMs >= 60_000);
    scene.hub.refuse = () => undefined;
    await scene.pass(59_000, 1_000);
    assert.equal(stateOf(client).status, 'waiting');
    await scene.pass(3_000, 10);
    assert.equal(stateOf(client).status, 'connected');
  });

  it('waits and asks again when there is no token to be had', async () => {
    const scene = new Scene();
    let attempts = 0;
    const client = scene.client({
      token: () => {
        attempts += 1;
        if (attempts === 1) throw new Error('Not now');
        return 'ana';
      },
    });
    await scene.pass(5, 1);
    assert.ok(client.state.status === 'waiting');
    assert.equal(client.state.reason.code, 'token-failed');
    await scene.pass(2_000);
    assert.equal(client.state.status, 'connected');
  });

  it('hands in a new token before the old one ends', async () => {
    const scene = new Scene();
    scene.hub.expiresInMs = 60_000;
    let tokens = 0;
    const client = scene.client({ token: () => `token-${++tokens}` });
    await scene.pass(60_000, 100);
    assert.deepEqual(
      scene.hub.commandsOf('refresh').map(({ token }) => token),
      ['token-2'],
    );
    assert.equal(client.state.status, 'connected');
    assert.equal(scene.network.connections.length, 1);
  });

  it('finds out that nobody is there, and comes back', async () => {
    const scene = new Scene();
    const client = scene.client();
    await scene.pass();
    scene.network.isFrozen = true;
    const reasons: string[] = [];
    client.on('state', (state) => {
      if (state.status === 'waiting') reasons.push(state.reason.code);
    });
    await scene.pass(31_000, 100);
    assert.deepEqual(reasons, ['server-silent']);
    scene.network.isFrozen = false;
    await scene.pass(60_000, 100);
    assert.equal(client.state.status, 'connected');
  });

  it('asks at every interval, and stays while it is answered', async () => {
    const scene = new Scene();
    scene.client();
    await scene.pass(100_000, 100);
    assert.equal(scene.hub.commandsOf('ping').length, 3);
    assert.equal(scene.network.connections.length, 1);
  });

  it('does not take an upload that moves for a server that is silent', async () => {
    const scene = new Scene();
    const client = scene.client();
    await scene.pass();
    scene.network.isStuck = true;
    const upload = codeOf(client.channel('room:a').publish('x'.repeat(200_000)));
    await scene.pass(24_000, 100);
    for (let i = 0; i < 10; i++) {
      await scene.pass(3_000, 100);
      // A little has gone; the ping stands behind the rest.
      scene.network.shrink(1_000);
      void client
        .channel('room:a')
        .publish('y')
        .catch(() => {});
    }
    assert.equal(client.state.status, 'connected');
    client.close();
    assert.equal(await upload, 'closed');
  });

  it('asks at once when the machine has slept', async () => {
    const scene = new Scene();
    scene.client();
    await scene.pass(6_000, 100);
    scene.clock.sleep(600_000);
    await scene.pass(5_500, 100);
    assert.equal(scene.hub.commandsOf('ping').length, 1);
  });

  it('closes when it is told to: loops end, promises reject, and it can be opened again', async () => {
    const scene = new Scene();
    const client = scene.client();
    const lobby = client.channel('room:lobby');
    const loop = lobby.messages();
    await scene.pass();
    scene.network.isFrozen = true;
    const outcomes = [codeOf(lobby.publish('never')), codeOf(client.call('echo', 1)), loop.next()] as const;
    await scene.pass();
    client.close();
    assert.deepEqual(await Promise.all(outcomes), [
      'closed',
      'connection-lost',
      { value: undefined, done: true },
    ]);
    assert.equal(await codeOf(lobby.publish('never')), 'closed');
    await scene.pass();
    assert.equal(scene.clock.timerCount, 0);
    scene.network.isFrozen = false;
    client.connect();
    await scene.pass();
    const published = lobby.publish('now');
    await scene.pass();
    assert.equal((await published).offset, 1);
  });

  it('leaves a server that sends what is not of the protocol', async () => {
    const scene = new Scene();
    const client = scene.client();
    await scene.pass();
    scene.network.last.send('{"type":"message"}');
    await scene.pass(10);
    assert.ok(client.state.status === 'waiting');
    assert.equal(client.state.reason.code, 'malformed-message');
    scene.network.last.send('{"type":"sparkle"}');
  });

  it('leaves a server that speaks something else', async () => {
    const scene = new Scene();
    scene.network.protocol = '';
    const client = scene.client();
    await scene.pass();
    assert.ok(client.state.status === 'closed');
    assert.equal(client.state.reason.code, 'wrong-subprotocol');
  });

  it('refuses options that make no sense', () => {
    const scene = new Scene();
    const wrong: readonly [ClientOptions, string][] = [
      [{ pongTimeoutMs: -1 }, 'pongTimeoutMs'],
      [{ backoff: { baseMs: Number.NaN } }, 'baseMs'],
      [{ outbox: { maxBytes: -5 } }, 'maxBytes'],
    ];
    for (const [options, name] of wrong) {
      assert.throws(() => scene.client(options), new RegExp(`^RangeError: Expected ${name} to be`));
    }
    const { WebSocket } = scene.network;
    for (const url of ['ftp://hub.test/', 'ws://hub.test/#part', 'mailto:a@b']) {
      assert.throws(() => new Client(url, { WebSocket }), SyntaxError);
    }
    assert.throws(() => new Client('nonsense', { WebSocket }), TypeError);
  });

  it('says what to do where the platform has no WebSocket', (test) => {
    // Node.js has one from 22 on.
    const own = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
    Reflect.deleteProperty(globalThis, 'WebSocket');
    test.after(() => own && Object.defineProperty(globalThis, 'WebSocket', own));
    assert.throws(
      () => new Client('ws://hub.test/'),
      (error) =>
        error instanceof HawserError &&
        error.code === 'no-websocket' &&
        /@hawser\/websocket/.test(error.message),
    );
  });
});

describe('asking', () => {
  it('calls, reads a history and lists who is there', async () => {
    const scene = new Scene();
    const client = scene.client();
    for (let i = 1; i <= 5; i++) scene.hub.publish('room:a', i);
    const room = client.channel('room:a');
    const answers = Promise.all([client.call('echo', { a: 1 }), room.history({ limit: 3 }), room.presence()]);
    await scene.pass();
    const [echo, history, members] = await answers;
    assert.deepEqual(echo, { a: 1 });
    assert.deepEqual([history.messages.map(({ data }) => data), history.hasMore], [[1, 2, 3], true]);
    assert.deepEqual(members, [{ user: 'ana' }]);
  });

  it('carries bytes as bytes', async () => {
    const scene = new Scene();
    const answer = scene.client().call('echo', Uint8Array.of(1, 2, 3));
    await scene.pass();
    assert.deepEqual(await answer, Uint8Array.of(1, 2, 3));
  });

  it('rejects with the hub’s own code', async () => {
    const scene = new Scene();
    scene.hub.refuse = ({ type }) => (type === 'call' ? { code: 'unknown-method' } : undefined);
    const code = codeOf(scene.client().call('nothing', 1));
    await scene.pass();
    assert.equal(await code, 'unknown-method');
  });

  it('asks again for what does no harm, and never for a call', async () => {
    const scene = new Scene();
    const client = scene.client();
    await scene.pass();
    scene.hub.isMute = true;
    const call = codeOf(client.call('pay', 1));
    const history = client.channel('room:a').history();
    await scene.pass();
    scene.network.cut();
    scene.hub.isMute = false;
    await scene.pass(2_000);
    assert.equal(await call, 'connection-lost');
    assert.deepEqual((await history).messages, []);
    assert.equal(scene.hub.commandsOf('call').length, 1);
    assert.equal(scene.hub.commandsOf('history').length, 2);
  });

  it('gives up in time', async () => {
    const scene = new Scene();
    const client = scene.client();
    scene.hub.isMute = true;
    const codes = Promise.all([codeOf(client.call('a', 1)), codeOf(client.call('b', 1, { timeoutMs: 50 }))]);
    await scene.pass(10_100, 100);
    assert.deepEqual(await codes, ['timed-out', 'timed-out']);
    client.close();
  });

  it('refuses what JSON cannot say', async () => {
    const scene = new Scene();
    const room = scene.client().channel('room:a');
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const data of [undefined, 1n, circle]) {
      assert.equal(await codeOf(Reflect.apply(room.publish, room, [data])), 'invalid-data');
    }
  });
});

function stateOf(client: Client): ConnectionState {
  return client.state;
}
