/** Sessions: unguessable, of one user, taken up by one connection, and forgotten in time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Identity } from '../src/identity.ts';
import { Permissions } from '../src/permissions.ts';
import { randomText } from '../src/random-text.ts';
import { nameOf, SessionRegistry, type SessionRegistryOptions } from '../src/session-registry.ts';
import { FakeClock } from './fake-clock.ts';

const keepMs = 120_000;

describe('a session', () => {
  it('is taken up by its id, by the same user', () => {
    const { registry } = start();
    const session = registry.open(ann, 'first');
    registry.release(session, 'first');
    const taken = registry.takeUp(session.id, ann, 'second');
    assert.deepEqual(taken, { session, previous: undefined });
    assert.equal(session.holder, 'second');
  });

  it('is not taken up by another user, who stole the id', () => {
    const { registry } = start();
    const session = registry.open(ann, 'first');
    assert.equal(registry.takeUp(session.id, bob, 'thief'), undefined);
    assert.equal(session.holder, 'first');
    assert.equal(session.identity, ann);
  });

  it('gives back the connection that had it, to be closed', () => {
    const { registry } = start();
    const session = registry.open(ann, 'first');
    assert.equal(registry.takeUp(session.id, ann, 'second')?.previous, 'first');
  });

  it('stays with the second connection when the first one ends after it', () => {
    const { clock, registry } = start();
    const session = registry.open(ann, 'first');
    registry.takeUp(session.id, ann, 'second');
    registry.release(session, 'first');
    clock.advance(10 * keepMs);
    assert.equal(session.holder, 'second');
    assert.equal(registry.takeUp(session.id, ann, 'third')?.previous, 'second');
  });

  it('has the identity of the one who took it up', () => {
    const { registry } = start();
    const session = registry.open(ann, 'first');
    const renewed = { ...ann, expiresAt: 1 };
    registry.takeUp(session.id, renewed, 'second');
    assert.equal(session.identity, renewed);
  });

  it('waits for two minutes, and is gone then', () => {
    const { clock, registry } = start();
    const session = registry.open(ann, 'first');
    registry.release(session, 'first');
    clock.advance(keepMs - 1);
    assert.ok(registry.takeUp(session.id, ann, 'second'));
    registry.release(session, 'second');
    clock.advance(keepMs);
    assert.equal(registry.takeUp(session.id, ann, 'third'), undefined);
    assert.equal(registry.size, 0);
  });

  it('does not end while it has a connection', () => {
    const { clock, registry } = start();
    const session = registry.open(ann, 'first');
    clock.advance(10 * keepMs);
    assert.ok(registry.takeUp(session.id, ann, 'second'));
  });

  it('is not taken up once it was ended, nor released again', () => {
    const { registry } = start();
    const session = registry.open(ann, 'first');
    registry.end(session);
    registry.release(session, 'first');
    assert.equal(registry.takeUp(session.id, ann, 'second'), undefined);
    assert.equal(registry.size, 0);
  });

  it('does not wait at all with sessionKeepMs: 0', () => {
    const { clock, registry } = start({ sessionKeepMs: 0 });
    const session = registry.open(ann, 'first');
    registry.release(session, 'first');
    assert.equal(registry.takeUp(session.id, ann, 'second'), undefined);
    assert.equal(clock.timerCount, 0);
  });

  it('is found by the whole of its id alone', () => {
    const { registry } = start();
    const { id, name } = registry.open(ann, 'first');
    const others = [
      name,
      `${name}.`,
      id.slice(0, -1),
      `${id}x`,
      `${name}.${name}`,
      '',
      '.',
      '__proto__',
      'constructor.x',
    ];
    for (const other of others) assert.equal(registry.takeUp(other, ann, 'thief'), undefined, other);
    assert.equal(nameOf(id), name);
  });

  it('has an id that fits the wire, of which nothing repeats', () => {
    const { registry } = start();
    const ids = Array.from({ length: 1000 }, () => registry.open(ann, 'first').id);
    const parts = new Set(ids.flatMap((id) => id.split('.')));
    assert.equal(parts.size, 2000);
    for (const id of ids) assert.match(id, /^[\w-]{24}\.[\w-]{24}$/);
  });
});

describe('the registry', () => {
  it('keeps no more waiting sessions than the limit: the longest waiting goes', () => {
    const { registry } = start({ maxWaitingSessions: 2 });
    const sessions = ['a', 'b', 'c'].map((holder) => registry.open(ann, holder));
    for (const session of sessions) registry.release(session, session.holder ?? '');
    assert.deepEqual(
      sessions.map(({ id }) => registry.takeUp(id, ann, 'again') !== undefined),
      [false, true, true],
    );
  });

  it('runs one timer for all, and none when nobody waits any more', () => {
    const { clock, registry } = start();
    for (let i = 0; i < 100; i++) {
      const session = registry.open(ann, `${i}`);
      registry.release(session, `${i}`);
      clock.advance(10);
    }
    assert.equal(clock.timerCount, 1);
    clock.advance(keepMs - 501);
    assert.equal(registry.size, 50);
    clock.advance(501);
    assert.equal(registry.size, 0);
    assert.equal(clock.timerCount, 0);
  });

  it('forgets everything when it is cleared', () => {
    const { clock, registry } = start();
    const session = registry.open(ann, 'first');
    registry.release(session, 'first');
    registry.clear();
    assert.equal(registry.size, 0);
    assert.equal(clock.timerCount, 0);
  });
});

describe('randomText', () => {
  it('writes all bits of its bytes as base64url', () => {
    const bytes = Uint8Array.from({ length: 18 }, (_, i) => i * 14);
    assert.equal(
      randomText((target) => target.set(bytes)),
      Buffer.from(bytes).toString('base64url'),
    );
  });
});

const ann: Identity = identityOf('ann');
const bob: Identity = identityOf('bob');

function identityOf(user: string): Identity {
  return { user, permissions: Permissions.none, expiresAt: Infinity, issuedAt: 0 };
}

function start(options: Partial<SessionRegistryOptions> = {}) {
  const clock = new FakeClock();
  const registry = new SessionRegistry<string>({
    clock,
    sessionKeepMs: keepMs,
    maxWaitingSessions: 1000,
    ...options,
  });
  return { clock, registry };
}
