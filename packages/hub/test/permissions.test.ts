/** What patterns allow, and above all what they do not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isAllowed } from '../src/authorization.ts';
import type { Identity } from '../src/identity.ts';
import { type Action, type ChannelAction, Permissions } from '../src/permissions.ts';

const actions: readonly Action[] = ['subscribe', 'publish', 'history', 'presence', 'call'];

function allows(pattern: string, name: string, user = 'ann'): boolean {
  return Permissions.from({ channels: { [pattern]: ['subscribe'] } }, user).allows('subscribe', name);
}

describe('a pattern', () => {
  it('allows the name that it is', () => {
    assert.equal(allows('room:lobby', 'room:lobby'), true);
    for (const name of ['room:lobb', 'room:lobby2', 'room:Lobby', ' room:lobby', '']) {
      assert.equal(allows('room:lobby', name), false, name);
    }
  });

  it('with * at its end allows whatever begins like it, and has more', () => {
    for (const name of ['room:a', 'room:a:b', 'room:*', 'room::'])
      assert.equal(allows('room:*', name), true, name);
    for (const name of ['room:', 'room', 'rooms:a', 'xroom:a', 'ROOM:a'])
      assert.equal(allows('room:*', name), false, name);
  });

  it('allows one kind of action and not another', () => {
    const permissions = Permissions.from({ channels: { 'room:*': ['subscribe', 'history'] } }, 'ann');
    assert.deepEqual(
      actions.filter((action) => permissions.allows(action, 'room:a')),
      ['subscribe', 'history'],
    );
  });

  it('takes from all patterns together', () => {
    const channels = { 'room:*': ['subscribe'], 'room:lobby': ['publish'] } satisfies Record<
      string,
      ChannelAction[]
    >;
    const permissions = Permissions.from({ channels }, 'ann');
    assert.equal(permissions.allows('publish', 'room:lobby'), true);
    assert.equal(permissions.allows('subscribe', 'room:lobby'), true);
    assert.equal(permissions.allows('publish', 'room:other'), false);
  });

  it('with {user} allows the channels of the user alone', () => {
    assert.equal(allows('inbox:{user}', 'inbox:ann'), true);
    assert.equal(allows('inbox:{user}', 'inbox:anna'), false);
    assert.equal(allows('inbox:{user}', 'inbox:{user}'), false);
    assert.equal(allows('inbox:{user}:*', 'inbox:ann:work'), true);
    assert.equal(allows('inbox:{user}:*', 'inbox:anna:work'), false);
  });

  it('with {user} grants nothing to a user whose name would change the pattern', () => {
    assert.equal(allows('inbox:{user}', 'inbox:everything', '*'), false);
    assert.equal(allows('inbox:{user}', 'inbox:ann:work', 'ann:work'), false);
    assert.equal(allows('inbox:{user}:*', 'inbox:ann:work:x', 'ann:work'), false);
    assert.equal(allows('inbox:{user}', 'inbox:ann', '{user}'), false);
    assert.equal(allows('inbox:{user}', 'inbox:{user}', '{user}'), true);
  });

  it('with $ in the name of the user is not replaced by something else', () => {
    assert.equal(allows('inbox:{user}', 'inbox:$&', '$&'), true);
    assert.equal(allows('inbox:{user}', 'inbox:{user}', '$&'), false);
  });

  for (const pattern of ['*:lobby', 'room:*:x', 'room:**', 'inbox:{user}*', 'inbox:x{user}', '*{user}']) {
    it(`${pattern} is refused`, () => {
      assert.throws(() => allows(pattern, 'room:lobby'), /TypeError: Expected/);
    });
  }

  it('matches as a plain comparison would, whatever the texts', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*', '{', '}', '_'), maxLength: 12 });
    const body = text.filter((value) => !value.includes('*'));
    fc.assert(
      fc.property(body, text, (pattern, name) => {
        assert.equal(allows(pattern, name), pattern === name);
        const isLonger = name.length > pattern.length && name.slice(0, pattern.length) === pattern;
        assert.equal(allows(`${pattern}*`, name), isLonger);
      }),
    );
  });
});

describe('permissions', () => {
  it('allow nothing where nothing is said', () => {
    for (const grants of [undefined, {}, { channels: {} }, { methods: [] }, { channels: { 'room:*': [] } }]) {
      const permissions = Permissions.from(grants, 'ann');
      for (const action of actions) assert.equal(permissions.allows(action, 'room:a'), false);
    }
  });

  it('allow methods by pattern, and no channel with them', () => {
    const permissions = Permissions.from({ methods: ['game.*', 'time'] }, 'ann');
    assert.deepEqual(
      ['game.move', 'time', 'times', 'game', 'admin.stop'].map((name) => permissions.allows('call', name)),
      [true, true, false, false, false],
    );
    assert.equal(permissions.allows('subscribe', 'time'), false);
  });

  it('know no name that every object has', () => {
    const permissions = Permissions.from({ channels: { 'room:a': ['subscribe'] } }, 'ann');
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      for (const action of actions) assert.equal(permissions.allows(action, name), false);
    }
  });

  it('take a pattern that is called __proto__ for a pattern', () => {
    const grants: unknown = JSON.parse('{"channels":{"__proto__":["subscribe"]}}');
    const permissions = Permissions.from(grants, 'ann');
    assert.equal(permissions.allows('subscribe', '__proto__'), true);
    assert.equal(permissions.allows('publish', '__proto__'), false);
    assert.equal(permissions.allows('subscribe', 'room:a'), false);
  });

  const wrong: readonly (readonly [title: string, grants: unknown])[] = [
    ['an unknown action', { channels: { 'room:*': ['subscribe', 'own'] } }],
    ['an action that every object has', { channels: { 'room:*': ['constructor'] } }],
    ['call among the actions of a channel', { channels: { 'room:*': ['call'] } }],
    ['actions that are no list', { channels: { 'room:*': 'subscribe' } }],
    ['undefined for an action', { channels: { 'room:*': [undefined] } }],
    ['channels that are no object', { channels: ['room:*'] }],
    ['methods that are no list', { methods: { add: true } }],
    ['a method that is no text', { methods: [1] }],
    ['an unknown part', { channel: { 'room:*': ['subscribe'] } }],
    ['a list', []],
    ['null', null],
    ['a text', 'room:*'],
    ['too many patterns', { methods: Array.from({ length: 257 }, (_, i) => `m${i}`) }],
    ['too long a pattern', { methods: ['m'.repeat(513)] }],
  ];
  for (const [title, grants] of wrong) {
    it(`are refused with ${title}`, () => {
      assert.throws(() => Permissions.from(grants, 'ann'), /TypeError: Expected/);
    });
  }
});

describe('permissions from anywhere', () => {
  it('are read, or refused with a TypeError', () => {
    const key = fc.constantFrom('channels', 'methods', '__proto__', 'room:*', 'x');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>('subscribe', 'own', '*', 'a*b', 'inbox:{user}', 7, null, true),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    fc.assert(
      fc.property(value, (grants) => {
        try {
          Permissions.from(grants, 'ann').allows('subscribe', 'room:a');
        } catch (error) {
          assert.ok(error instanceof TypeError);
        }
      }),
    );
  });
});

describe('isAllowed', () => {
  const ann = identityWith({ channels: { 'room:*': ['subscribe'] } });

  it('asks the hook only when no pattern allows it', async () => {
    const asked: string[] = [];
    const authorize = (identity: Identity, action: Action, name: string): boolean => {
      asked.push(`${identity.user} ${action} ${name}`);
      return action === 'publish';
    };
    assert.equal(isAllowed(ann, 'subscribe', 'room:a', authorize, fail), true);
    assert.equal(isAllowed(ann, 'publish', 'room:a', authorize, fail), true);
    assert.equal(isAllowed(ann, 'history', 'room:a', authorize, fail), false);
    assert.deepEqual(asked, ['ann publish room:a', 'ann history room:a']);
  });

  it('refuses without a hook', () => {
    assert.equal(isAllowed(ann, 'publish', 'room:a', undefined, fail), false);
  });

  it('waits for a hook that takes its time', async () => {
    assert.equal(await isAllowed(ann, 'publish', 'room:a', async () => true, fail), true);
    assert.equal(await isAllowed(ann, 'publish', 'room:a', async () => false, fail), false);
  });

  it('refuses when the hook throws or rejects, and tells of it', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const throwing = (): boolean => {
      throw new Error('thrown');
    };
    assert.equal(isAllowed(ann, 'publish', 'room:a', throwing, onError), false);
    assert.equal(
      await isAllowed(ann, 'publish', 'room:a', () => Promise.reject(new Error('rejected')), onError),
      false,
    );
    assert.deepEqual(errors, [new Error('thrown'), new Error('rejected')]);
  });

  for (const answer of ['yes', 1, {}, undefined, null]) {
    it(`does not take ${JSON.stringify(answer)} for a yes`, async () => {
      const untyped = (): unknown => answer;
      const hook = untyped as () => boolean;
      assert.equal(await isAllowed(ann, 'publish', 'room:a', hook, () => undefined), false);
      assert.equal(
        await isAllowed(
          ann,
          'publish',
          'room:a',
          async () => hook(),
          () => undefined,
        ),
        false,
      );
    });
  }
});

function identityWith(grants: unknown): Identity {
  return { user: 'ann', permissions: Permissions.from(grants, 'ann'), expiresAt: Infinity, issuedAt: 0 };
}

function fail(error: unknown): void {
  assert.fail(String(error));
}
