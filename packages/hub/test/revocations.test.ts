/** Revocations: now, everywhere, and for as long as a token could come back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Broker } from '../src/broker.ts';
import { BrokerError } from '../src/broker-error.ts';
import type { Identity } from '../src/identity.ts';
import { MemoryBroker } from '../src/memory-broker.ts';
import { Permissions } from '../src/permissions.ts';
import type { Revocation } from '../src/revocation.ts';
import { Revocations, type RevocationsOptions } from '../src/revocations.ts';
import { beginning, FakeClock } from './fake-clock.ts';

const dayMs = 86_400_000;

describe('a revocation of a user', () => {
  it('concerns what was issued until then, and nothing that is issued later', async () => {
    const { revocations } = await start();
    await revocations.revoke(ofUser('ann', beginning));
    assert.equal(revocations.isRevoked(identity({ issuedAt: beginning - 1 })), true);
    assert.equal(revocations.isRevoked(identity({ issuedAt: beginning })), true);
    assert.equal(revocations.isRevoked(identity({ issuedAt: beginning + 1 })), false);
  });

  it('concerns no other user', async () => {
    const { revocations } = await start();
    await revocations.revoke(ofUser('ann', beginning));
    for (const user of ['bob', 'an', 'ann2', '__proto__', 'constructor']) {
      assert.equal(revocations.isRevoked(identity({ user, issuedAt: 0 })), false, user);
    }
  });

  it('of any name is found again', async () => {
    const { revocations } = await start();
    for (const user of ['__proto__', 'constructor', 'token:abc']) {
      await revocations.revoke(ofUser(user, beginning));
      assert.equal(revocations.isRevoked(identity({ user, issuedAt: 0 })), true, user);
    }
    assert.equal(revocations.isRevoked(identity({ tokenId: 'abc' })), false);
  });

  it('is not taken back by an earlier one', async () => {
    const { revocations } = await start();
    await revocations.revoke(ofUser('ann', beginning));
    await revocations.revoke(ofUser('ann', beginning - 1000));
    assert.equal(revocations.isRevoked(identity({ issuedAt: beginning })), true);
  });
});

describe('a revocation of everything', () => {
  it('concerns whatever was issued until then, to whomever', async () => {
    const { revocations } = await start();
    await revocations.revoke({ type: 'everything', issuedUntil: beginning });
    await revocations.revoke({ type: 'everything', issuedUntil: beginning - 1000 });
    for (const user of ['ann', 'bob']) {
      assert.equal(revocations.isRevoked(identity({ user, issuedAt: beginning })), true);
      assert.equal(revocations.isRevoked(identity({ user, issuedAt: beginning + 1 })), false);
    }
  });
});

describe('a revocation of a token', () => {
  it('concerns this token, whoever shows it, and no other', async () => {
    const { revocations } = await start();
    await revocations.revoke({ type: 'token', tokenId: 'stolen' });
    assert.equal(revocations.isRevoked(identity({ tokenId: 'stolen', issuedAt: beginning + 5 })), true);
    assert.equal(revocations.isRevoked(identity({ tokenId: 'other' })), false);
    assert.equal(revocations.isRevoked(identity({})), false);
  });
});

describe('revocations', () => {
  const all: readonly Revocation[] = [
    { type: 'everything', issuedUntil: beginning - 5000 },
    ofUser('ann', beginning),
    { type: 'session', session: 'name' },
    { type: 'token', tokenId: 'stolen' },
  ];

  it('are heard of, each once, in every process on the broker', async () => {
    const broker = new MemoryBroker();
    const [here, there] = [await start({ broker }), await start({ broker })];
    for (const revocation of all) await here.revocations.revoke(revocation);
    assert.deepEqual(there.heard, all);
    assert.deepEqual(
      here.heard.filter(({ type }) => type !== 'session'),
      all.filter(({ type }) => type !== 'session'),
    );
    assert.equal(there.revocations.isRevoked(identity({ tokenId: 'stolen' })), true);
  });

  it('are known to a process that begins later', async () => {
    const broker = new MemoryBroker();
    const here = await start({ broker });
    for (const revocation of all) await here.revocations.revoke(revocation);
    const later = await start({ broker });
    assert.equal(later.revocations.isRevoked(identity({ issuedAt: beginning })), true);
    assert.equal(later.revocations.isRevoked(identity({ user: 'bob', tokenId: 'stolen' })), true);
  });

  it('are all read, however many there are', async () => {
    const broker = new MemoryBroker();
    const here = await start({ broker });
    for (let i = 0; i < 2500; i++) await here.revocations.revoke({ type: 'token', tokenId: `${i}` });
    const later = await start({ broker });
    assert.equal(later.revocations.size, 2500);
  });

  it('are remembered for as long as a token may be used, and not for ever', async () => {
    const { clock, revocations } = await start();
    await revocations.revoke({ type: 'token', tokenId: 'first' });
    clock.advance(dayMs - 1);
    await revocations.revoke({ type: 'token', tokenId: 'second' });
    assert.equal(revocations.isRevoked(identity({ tokenId: 'first' })), true);
    clock.advance(1);
    await revocations.revoke({ type: 'token', tokenId: 'third' });
    assert.equal(revocations.size, 2);
  });

  it('beyond the limit end everything that was issued before those that are remembered', async () => {
    const { clock, revocations } = await start({ maxRevocations: 2 });
    for (const tokenId of ['first', 'second', 'third']) {
      await revocations.revoke({ type: 'token', tokenId });
      clock.advance(1000);
    }
    assert.equal(revocations.size, 2);
    assert.equal(revocations.isRevoked(identity({ tokenId: 'first', issuedAt: beginning })), true);
    assert.equal(revocations.isRevoked(identity({ tokenId: 'innocent', issuedAt: beginning })), true);
    assert.equal(revocations.isRevoked(identity({ tokenId: 'innocent', issuedAt: beginning + 1 })), false);
    assert.equal(revocations.isRevoked(identity({ tokenId: 'third', issuedAt: beginning + 1 })), true);
  });

  it('beyond the limit of the log do the same for a process that begins later', async () => {
    const broker = new MemoryBroker();
    const here = await start({ broker, maxRevocations: 2 });
    for (const tokenId of ['first', 'second', 'third'])
      await here.revocations.revoke({ type: 'token', tokenId });
    const later = await start({ broker, maxRevocations: 2 });
    assert.equal(later.revocations.isRevoked(identity({ tokenId: 'first', issuedAt: beginning - 1 })), true);
  });

  it('hold here even if the broker does not take them', async () => {
    const { heard, revocations } = await start({
      broker: { ...emptyBroker, publish: () => Promise.reject(new BrokerError('full', 'No room')) },
    });
    await assert.rejects(revocations.revoke({ type: 'token', tokenId: 'stolen' }), BrokerError);
    assert.equal(revocations.isRevoked(identity({ tokenId: 'stolen' })), true);
    assert.equal(heard.length, 1);
  });

  it('that cannot be read keep everybody out, until they can', async () => {
    let isDown = true;
    const read: Broker['read'] = (...reading) =>
      isDown ? Promise.reject(new BrokerError('unavailable', 'Down')) : emptyBroker.read(...reading);
    const revocations = new Revocations(optionsWith({ broker: { ...emptyBroker, read } }));
    await assert.rejects(revocations.ready(), BrokerError);
    await assert.rejects(revocations.ready(), BrokerError);
    isDown = false;
    await revocations.ready();
  });

  it('are not heard of any more once it was stopped', async () => {
    const broker = new MemoryBroker();
    const [here, there] = [await start({ broker }), await start({ broker })];
    there.revocations.stop();
    await there.revocations.ready().then(() => there.revocations.stop());
    await here.revocations.revoke({ type: 'token', tokenId: 'stolen' });
    assert.deepEqual(there.heard, []);
  });

  for (const content of [
    'null',
    'no JSON',
    '{}',
    '{"type":"all"}',
    '{"type":"user"}',
    '{"type":"user","user":1,"issuedUntil":1}',
  ]) {
    it(`that read ${content} are told of, and change nothing`, async () => {
      const broker = new MemoryBroker();
      const { errors, heard } = await start({ broker });
      const retention = { messages: 10, bytes: 1000, ageMs: dayMs };
      await broker.publish('revocations', { content, at: beginning }, retention);
      assert.equal(errors.length, 1);
      assert.deepEqual(heard, []);
    });
  }
});

const emptyBroker: RevocationsOptions['broker'] = {
  publish: async () => ({ position: { epoch: 'e', offset: 1 }, isDuplicate: false }),
  listen: async () => () => undefined,
  read: async () => ({ epoch: 'e', head: 0, oldest: 1, entries: [] }),
};

function ofUser(user: string, issuedUntil: number): Revocation {
  return { type: 'user', user, issuedUntil };
}

function identity(parts: Partial<Identity>): Identity {
  return {
    user: 'ann',
    permissions: Permissions.none,
    expiresAt: Infinity,
    issuedAt: beginning + 1,
    ...parts,
  };
}

function optionsWith(options: Partial<RevocationsOptions>): RevocationsOptions {
  const clock = new FakeClock();
  return {
    broker: new MemoryBroker({ clock }),
    clock,
    revocationKeepMs: dayMs,
    maxRevocations: 10_000,
    onRevoked: () => undefined,
    onError: (error) => assert.fail(String(error)),
    ...options,
  };
}

async function start(options: Partial<RevocationsOptions> = {}) {
  const clock = new FakeClock();
  const heard: Revocation[] = [];
  const errors: unknown[] = [];
  const revocations = new Revocations(
    optionsWith({
      clock,
      onRevoked: (revocation) => heard.push(revocation),
      onError: (error) => errors.push(error),
      ...options,
    }),
  );
  await revocations.ready();
  heard.length = 0;
  return { clock, heard, errors, revocations };
}
