/** Who is let into a hub, for how long, and how it ends: seen from a client. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerMessage } from '@hawser/wire';
import { AuthenticationError, type Claims, MemoryBroker } from '../src/index.ts';
import { beginning, FakeClock } from './fake-clock.ts';
import { everything, settle, startHub } from './hubs.ts';

const minuteMs = 60_000;

/** A token for tests: its claims, as JSON. Whoever has none may do everything. */
function tokenOf(claims: Claims): string {
  return JSON.stringify({ permissions: everything, ...claims });
}

const claimsIn = ({ token }: { readonly token?: string }): Claims | undefined =>
  token === undefined ? undefined : JSON.parse(token);

function start(options: Parameters<typeof startHub>[0] = {}, clock = new FakeClock()) {
  const test = startHub({ authenticate: claimsIn, ...options }, clock);
  const connect = async (claims: Claims, session?: string) => {
    const client = test.stranger();
    const token = tokenOf(claims);
    const reply = await client.ask({ type: 'connect', token, ...(session === undefined ? {} : { session }) });
    return { client, reply };
  };
  return { ...test, connect };
}

describe('connect', () => {
  it('tells the client who it is, and when its token ends', async () => {
    const { connect } = start();
    const { reply } = await connect({ user: 'ann', expiresAt: beginning + minuteMs });
    const { session, ...rest } = connectedReply(reply);
    assert.deepEqual(rest, {
      type: 'connected',
      id: 1,
      user: 'ann',
      resumed: false,
      expiresInMs: minuteMs,
      pingIntervalMs: 25_000,
    });
    assert.match(session, /^[\w-]{24}\.[\w-]{24}$/);
  });

  it('without a token that the hub knows is refused, and closes', async () => {
    const { stranger } = start();
    const client = stranger();
    assert.equal(codeOf(await client.ask({ type: 'connect' })), 'unauthenticated');
    assert.equal(client.transport.closeCode, 4401);
  });

  it('tells the client nothing of a hook that throws, and the server all of it', async () => {
    const reason = new Error('password of the database: hunter2');
    const { stranger, errors } = start({ authenticate: () => Promise.reject(reason) });
    const client = stranger();
    const reply = await client.ask({ type: 'connect', token: 'abc' });
    assert.equal(codeOf(reply), 'unauthenticated');
    assert.doesNotMatch(JSON.stringify(reply), /hunter2/);
    assert.deepEqual(errors, [reason]);
  });

  it('tells the server nothing of a token that is just wrong: a flood of them would fill its log', async () => {
    const { stranger, errors } = start({
      authenticate: () => {
        throw new AuthenticationError('unauthenticated', 'Expected a better token');
      },
    });
    assert.deepEqual(await stranger().ask({ type: 'connect', token: 'abc' }), {
      type: 'error',
      id: 1,
      code: 'unauthenticated',
      message: 'Expected a better token',
    });
    assert.deepEqual(errors, []);
  });

  it('of a user who may not be here closes for good', async () => {
    const { stranger } = start({
      authenticate: () => {
        throw new AuthenticationError('forbidden', 'Expected a member of the club');
      },
    });
    const client = stranger();
    assert.equal(codeOf(await client.ask({ type: 'connect', token: 'abc' })), 'forbidden');
    assert.equal(client.transport.closeCode, 4403);
  });

  it('may be tried again when nobody can tell who the client is', async () => {
    let isDown = true;
    const { stranger } = start({
      authenticate: () => {
        if (isDown) throw new AuthenticationError('unavailable', 'Come again');
        return { user: 'ann' };
      },
    });
    const client = stranger();
    assert.equal(codeOf(await client.ask({ type: 'connect', token: 'abc' })), 'unavailable');
    assert.equal(client.transport.closeCode, undefined);
    isDown = false;
    assert.equal((await client.ask({ type: 'connect', token: 'abc' })).type, 'connected');
  });

  it('with a token that has ended closes so that the client comes back with another', async () => {
    const { connect } = start();
    const { client, reply } = await connect({ user: 'ann', expiresAt: beginning });
    assert.equal(codeOf(reply), 'token-expired');
    assert.equal(client.transport.closeCode, 4412);
  });

  it('has to come before everything else', async () => {
    const { stranger, hub } = start();
    const client = stranger();
    assert.equal(codeOf(await client.subscribe('room:a')), 'not-connected');
    assert.equal(codeOf(await client.publish('room:a', 'x')), 'not-connected');
    assert.equal(
      codeOf(await client.ask({ type: 'refresh', token: tokenOf({ user: 'ann' }) })),
      'not-connected',
    );
    assert.equal(hub.stats().channels, 0);
  });

  it('may not come twice', async () => {
    const { connect } = start();
    const { client } = await connect({ user: 'ann' });
    const again = await client.ask({ type: 'connect', token: tokenOf({ user: 'bob' }) });
    assert.equal(codeOf(again), 'already-connected');
  });

  it('has to come within ten seconds', async () => {
    const { clock, stranger } = start();
    const client = stranger();
    clock.advance(9_999);
    assert.equal(client.transport.closeCode, undefined);
    clock.advance(1);
    assert.equal(client.transport.closeCode, 4408);
  });

  it('has to succeed within ten seconds, however long the hook takes, and does not count afterwards', async () => {
    let answer = (_: Claims): void => undefined;
    const claims = new Promise<Claims>((resolve) => {
      answer = resolve;
    });
    const { clock, stranger, hub } = start({ authenticate: () => claims });
    const client = stranger();
    client.say({ type: 'connect', token: 'abc' });
    await settle(clock);
    clock.advance(10_000);
    assert.equal(client.transport.closeCode, 4408);
    answer({ user: 'ann' });
    await settle(clock);
    assert.deepEqual(await client.read(), []);
    assert.equal(hub.stats().users, 0);
  });

  it('is let in no sooner than it is known what was revoked', async () => {
    const clock = new FakeClock();
    const broker = new MemoryBroker({ clock });
    let isDown = true;
    const listen: typeof broker.listen = (...args) =>
      isDown ? Promise.reject(new Error('down')) : MemoryBroker.prototype.listen.apply(broker, args);
    const { stranger } = start({ broker: Object.assign(broker, { listen }) }, clock);
    const client = stranger();
    assert.equal((await client.ask({ type: 'connect', token: tokenOf({ user: 'ann' }) })).type, 'error');
    isDown = false;
    assert.equal((await client.ask({ type: 'connect', token: tokenOf({ user: 'ann' }) })).type, 'connected');
  });
});

describe('a token', () => {
  it('that ends closes the connection, then and not before', async () => {
    const { clock, connect } = start();
    const { client } = await connect({ user: 'ann', expiresAt: beginning + 20_000 });
    clock.advance(19_999);
    assert.equal(client.transport.closeCode, undefined);
    clock.advance(1);
    assert.equal(client.transport.closeCode, 4412);
  });

  it('is replaced on the live connection, and the new one counts', async () => {
    const { clock, connect } = start();
    const { client } = await connect({ user: 'ann', expiresAt: beginning + 20_000 });
    const token = tokenOf({ user: 'ann', expiresAt: beginning + 40_000 });
    assert.deepEqual(await client.ask({ type: 'refresh', token }), {
      type: 'refreshed',
      id: 2,
      expiresInMs: 40_000,
    });
    clock.advance(39_999);
    assert.equal(client.transport.closeCode, undefined);
    clock.advance(1);
    assert.equal(client.transport.closeCode, 4412);
  });

  it('is not replaced by one of another user', async () => {
    const { clock, connect } = start();
    const { client } = await connect({ user: 'ann', expiresAt: beginning + 20_000 });
    const reply = await client.ask({ type: 'refresh', token: tokenOf({ user: 'bob' }) });
    assert.equal(codeOf(reply), 'identity-changed');
    await client.subscribe('room:a');
    await client.publish('room:a', 'x');
    const message = (await client.read()).find(({ type }) => type === 'message');
    assert.ok(message?.type === 'message' && message.user === 'ann');
    clock.advance(20_000);
    assert.equal(client.transport.closeCode, 4412);
  });

  it('is not replaced by one that is wrong or has ended, and the connection goes on', async () => {
    const { connect } = start();
    const { client } = await connect({ user: 'ann' });
    const ended = tokenOf({ user: 'ann', expiresAt: beginning });
    assert.equal(codeOf(await client.ask({ type: 'refresh', token: 'wrong' })), 'unauthenticated');
    assert.equal(codeOf(await client.ask({ type: 'refresh', token: ended })), 'token-expired');
    assert.equal((await client.ask({ type: 'ping' })).type, 'pong');
  });

  it('that allows less ends the subscriptions that it does not allow', async () => {
    const { connect } = start();
    const { client } = await connect({ user: 'ann' });
    await client.subscribe('room:a');
    await client.subscribe('room:b');
    const permissions = { channels: { 'room:a': ['subscribe'] } } as const;
    await client.ask({ type: 'refresh', token: tokenOf({ user: 'ann', permissions }) });
    const ended = (await client.readAll()).filter(({ type }) => type === 'ended');
    assert.deepEqual(
      ended.map((event) => event.type === 'ended' && [event.channel, event.code]),
      [['room:b', 'forbidden']],
    );
    assert.equal(codeOf(await client.publish('room:a', 'x')), 'forbidden');
  });
});

describe('permission', () => {
  const commands = [
    { type: 'subscribe', channel: 'room:a' },
    { type: 'publish', channel: 'room:a', data: 1 },
    { type: 'history', channel: 'room:a', limit: 1 },
    { type: 'presence', channel: 'room:a' },
    { type: 'call', method: 'time', data: null },
  ] as const;

  for (const command of commands) {
    it(`to ${command.type} is not there by itself, nor by permission to do all the rest`, async () => {
      const methods = { time: () => 1 };
      const { connect } = start({ methods });
      const { client: nobody } = await connect({ user: 'ann', permissions: {} });
      assert.equal(codeOf(await nobody.ask(command)), 'forbidden');
      const actions = (['subscribe', 'publish', 'history', 'presence'] as const).filter(
        (a) => a !== command.type,
      );
      const permissions = {
        channels: { '*': actions },
        ...(command.type === 'call' ? {} : { methods: ['*'] }),
      };
      const { client } = await connect({ user: 'ann', permissions });
      assert.equal(codeOf(await client.ask(command)), 'forbidden');
    });
  }

  it('is given by the authorize hook, for what it says and nothing else', async () => {
    const { connect } = start({
      authorize: async ({ user }, action, name) =>
        user === 'ann' && action === 'subscribe' && name === 'room:a',
    });
    const { client: ann } = await connect({ user: 'ann', permissions: {} });
    const { client: bob } = await connect({ user: 'bob', permissions: {} });
    assert.equal((await ann.subscribe('room:a')).type, 'subscribed');
    assert.equal(codeOf(await ann.subscribe('room:b')), 'forbidden');
    assert.equal(codeOf(await ann.publish('room:a', 1)), 'forbidden');
    assert.equal(codeOf(await bob.subscribe('room:a')), 'forbidden');
  });

  it('is refused by a hook that throws, of which the server hears', async () => {
    const { connect, errors } = start({ authorize: () => Promise.reject(new Error('down')) });
    const { client } = await connect({ user: 'ann', permissions: {} });
    assert.equal(codeOf(await client.subscribe('room:a')), 'forbidden');
    assert.deepEqual(errors, [new Error('down')]);
  });

  it('cannot be had by a user who is called like a pattern', async () => {
    const { connect } = start();
    const permissions = { channels: { 'room:{user}': ['subscribe'] } } as const;
    const { client } = await connect({ user: '*', permissions });
    assert.equal(codeOf(await client.subscribe('room:a')), 'forbidden');
  });
});

describe('a session', () => {
  it('is taken up by the same user, and the old connection closes', async () => {
    const { connect } = start();
    const first = await connect({ user: 'ann' });
    const { session } = connectedReply(first.reply);
    const second = await connect({ user: 'ann' }, session);
    assert.equal(connectedReply(second.reply).resumed, true);
    assert.equal(connectedReply(second.reply).session, session);
    assert.equal(first.client.transport.closeCode, 4414);
    first.client.lose();
    const third = await connect({ user: 'ann' }, session);
    assert.equal(connectedReply(third.reply).resumed, true);
    assert.equal(second.client.transport.closeCode, 4414);
  });

  it('is not taken up by another user who stole its id, and goes on where it is', async () => {
    const { connect } = start();
    const victim = await connect({ user: 'ann' });
    const { session } = connectedReply(victim.reply);
    const thief = await connect({ user: 'mallory' }, session);
    assert.equal(connectedReply(thief.reply).resumed, false);
    assert.notEqual(connectedReply(thief.reply).session, session);
    assert.equal(victim.client.transport.closeCode, undefined);
    victim.client.lose();
    assert.equal(connectedReply((await connect({ user: 'mallory' }, session)).reply).resumed, false);
    assert.equal(connectedReply((await connect({ user: 'ann' }, session)).reply).resumed, true);
  });

  it('is gone when the client closed it, or did not come back in time', async () => {
    const { clock, connect } = start({ timing: { sessionKeepMs: 30_000 } });
    const left = await connect({ user: 'ann' });
    left.client.leave();
    assert.equal(
      connectedReply((await connect({ user: 'ann' }, sessionOf(left.reply))).reply).resumed,
      false,
    );
    const lost = await connect({ user: 'ann' });
    lost.client.lose();
    clock.advance(30_000);
    assert.equal(
      connectedReply((await connect({ user: 'ann' }, sessionOf(lost.reply))).reply).resumed,
      false,
    );
  });

  it('outlives its token, for one with a new token', async () => {
    const { clock, connect } = start();
    const { client, reply } = await connect({ user: 'ann', expiresAt: beginning + 1000 });
    clock.advance(1000);
    client.lose();
    assert.equal(connectedReply((await connect({ user: 'ann' }, sessionOf(reply))).reply).resumed, true);
  });
});

describe('revoking a user', () => {
  it('ends all connections, on every hub of the broker, and nobody else', async () => {
    const clock = new FakeClock();
    const broker = new MemoryBroker({ clock });
    const [here, there] = [start({ broker }, clock), start({ broker }, clock)];
    const ann = [
      await here.connect({ user: 'ann' }),
      await here.connect({ user: 'ann' }),
      await there.connect({ user: 'ann' }),
    ];
    const bob = await there.connect({ user: 'bob' });
    await here.hub.revoke({ user: 'ann' });
    await settle(clock);
    assert.deepEqual(
      ann.map(({ client }) => client.transport.closeCode),
      [4410, 4410, 4410],
    );
    assert.equal(bob.client.transport.closeCode, undefined);
  });

  it('keeps what was issued before out, everywhere, and lets in what is issued later', async () => {
    const clock = new FakeClock();
    const broker = new MemoryBroker({ clock });
    const here = start({ broker }, clock);
    const old: Claims = { user: 'ann', issuedAt: beginning - 1000 };
    const { reply } = await here.connect(old);
    clock.advance(5000);
    await here.hub.revoke({ user: 'ann' });
    const later = start({ broker }, clock);
    for (const hub of [here, later]) {
      const again = await hub.connect(old, sessionOf(reply));
      assert.equal(codeOf(again.reply), 'token-revoked');
      assert.equal(again.client.transport.closeCode, 4410);
    }
    clock.advance(1);
    const fresh = await here.connect({ user: 'ann', issuedAt: beginning + 5001 }, sessionOf(reply));
    assert.equal(connectedReply(fresh.reply).resumed, false);
  });

  it('keeps out who was being looked up meanwhile', async () => {
    let answer = (_: Claims): void => undefined;
    const claims = new Promise<Claims>((resolve) => {
      answer = resolve;
    });
    const { clock, hub, stranger } = start({ authenticate: () => claims });
    const client = stranger();
    client.say({ type: 'connect', token: 'abc' });
    await settle(clock);
    clock.advance(100);
    await hub.revoke({ user: 'ann' });
    clock.advance(100);
    answer({ user: 'ann' });
    assert.equal(codeOf((await client.read())[0]), 'token-revoked');
    assert.equal(client.transport.closeCode, 4410);
  });

  it('refuses a token of before on a connection with a newer one', async () => {
    const { clock, connect, hub } = start();
    clock.advance(1000);
    await hub.revoke({ user: 'ann' });
    const { client } = await connect({ user: 'ann', issuedAt: beginning + 2000 });
    const old = tokenOf({ user: 'ann', issuedAt: beginning });
    assert.equal(codeOf(await client.ask({ type: 'refresh', token: old })), 'token-revoked');
  });
});

describe('revoking a session', () => {
  it('ends its connection and its token, and leaves the other sessions of the user', async () => {
    const clock = new FakeClock();
    const broker = new MemoryBroker({ clock });
    const [here, there] = [start({ broker }, clock), start({ broker }, clock)];
    const stolen: Claims = { user: 'ann', tokenId: 'stolen' };
    const thief = await there.connect(stolen);
    const ann = await there.connect({ user: 'ann', tokenId: 'own' });
    await here.hub.revoke({ session: sessionOf(thief.reply) });
    await settle(clock);
    assert.equal(thief.client.transport.closeCode, 4410);
    assert.equal(ann.client.transport.closeCode, undefined);
    for (const hub of [here, there]) {
      assert.equal(codeOf((await hub.connect(stolen, sessionOf(thief.reply))).reply), 'token-revoked');
    }
  });

  it('ends one that waits for its client', async () => {
    const { clock, connect, hub } = start();
    const { client, reply } = await connect({ user: 'ann', tokenId: 'stolen' });
    client.lose();
    await hub.revoke({ session: sessionOf(reply) });
    await settle(clock);
    assert.equal(
      codeOf((await connect({ user: 'ann', tokenId: 'stolen' }, sessionOf(reply))).reply),
      'token-revoked',
    );
    const other = await connect({ user: 'ann', tokenId: 'other' }, sessionOf(reply));
    assert.equal(connectedReply(other.reply).resumed, false);
  });
});

describe('revoking a token', () => {
  it('ends the connections that came with it', async () => {
    const { clock, connect, hub } = start();
    const first = await connect({ user: 'ann', tokenId: 'one' });
    const second = await connect({ user: 'ann', tokenId: 'two' });
    const unnamed = await connect({ user: 'ann' });
    await hub.revoke({ tokenId: 'one' });
    await settle(clock);
    const codes = [first, second, unnamed].map(({ client }) => client.transport.closeCode);
    assert.deepEqual(codes, [4410, undefined, undefined]);
  });
});

describe('revoking everything', () => {
  it('ends and keeps out what was issued until then, to whomever', async () => {
    const { clock, connect, hub } = start();
    const old = await connect({ user: 'ann', issuedAt: beginning - 1 });
    const newer = await connect({ user: 'bob', issuedAt: beginning });
    await hub.revoke({ issuedUntil: beginning - 1 });
    await settle(clock);
    assert.equal(old.client.transport.closeCode, 4410);
    assert.equal(newer.client.transport.closeCode, undefined);
    assert.equal(codeOf((await connect({ user: 'cat', issuedAt: beginning - 1 })).reply), 'token-revoked');
  });
});

describe('disconnect', () => {
  it('ends connections by user or session, who may come back', async () => {
    const { connect, hub } = start();
    const first = await connect({ user: 'ann' });
    const second = await connect({ user: 'ann' });
    assert.equal(hub.disconnect({ session: sessionOf(first.reply) }), 1);
    assert.equal(first.client.transport.closeCode, 4411);
    first.client.lose();
    assert.equal(second.client.transport.closeCode, undefined);
    assert.equal(hub.disconnect({ user: 'ann' }), 1);
    assert.equal((await connect({ user: 'ann' })).reply.type, 'connected');
  });
});

function codeOf(message: ServerMessage | undefined): string {
  assert.ok(message?.type === 'error', JSON.stringify(message));
  return message.code;
}

function connectedReply(message: ServerMessage) {
  assert.ok(message.type === 'connected', JSON.stringify(message));
  return message;
}

function sessionOf(message: ServerMessage): string {
  return connectedReply(message).session;
}
