import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ClientMessage, ServerMessage } from '../contract/messages.ts';
import { decodeServerMessage } from '../contract/server-message.ts';
import { ChatRoom } from '../server/chat-room.ts';
import { burst, ChatSession, joinTimeoutMs, maxIgnoredDelays, refillMs } from '../server/chat-session.ts';
import { FakeClock } from './fake-clock.ts';

const join: ClientMessage = { type: 'join', key: 'k'.repeat(32), name: 'Ana', since: undefined };

describe('ChatSession', () => {
  it('answers a join with a welcome and a post with its acceptance', () => {
    const page = connect();
    page.say(join);
    page.say(post(1));
    assert.deepEqual(page.heardTypes, ['welcome', 'message', 'accepted']);
  });

  it('gives somebody a public id that does not tell the key', () => {
    const page = connect();
    page.say(join);
    const [welcome] = page.heard;
    assert.ok(welcome?.type === 'welcome');
    assert.match(welcome.you, /^[\w-]{16}$/);
    assert.ok(!JSON.stringify(welcome).includes('kkkk'));
  });

  it('lets another name be tried on the same connection', () => {
    const page = connect();
    page.say({ ...join, name: '  ' });
    page.say(join);
    assert.deepEqual(page.heardTypes, ['name-refused', 'welcome']);
  });

  const violations: readonly (readonly [
    what: string,
    say: (page: Page) => void,
    code: string,
    close: number,
  ])[] = [
    ['a binary message', (page) => page.session.receive(new Uint8Array([1])), 'not-text', 1003],
    ['what is not JSON', (page) => page.session.receive('hello'), 'not-json', 1007],
    ['a message of another shape', (page) => page.session.receive('{"type":"shout"}'), 'malformed', 1008],
    ['a post before the join', (page) => page.say(post(1)), 'not-joined', 1008],
    ['silence', (page) => page.clock.advance(joinTimeoutMs), 'join-timeout', 1008],
  ];
  for (const [what, say, code, close] of violations) {
    it(`ends on ${what} with ${code} and close code ${close}`, () => {
      const page = connect();
      say(page);
      const [failure] = page.heard;
      assert.ok(failure?.type === 'failure' && failure.code === code);
      assert.equal(page.closeCode, close);
    });
  }

  it('ends on a second join', () => {
    const page = connect();
    page.say(join);
    page.say(join);
    assert.deepEqual([page.heardTypes.at(-1), page.closeCode], ['failure', 1008]);
  });

  it('ends with 1013 when the room is full', () => {
    const page = connect(new ChatRoom({ epoch: 'e1', now: () => 0, maxPeople: 0 }));
    page.say(join);
    assert.deepEqual([page.heardTypes, page.closeCode], [['failure'], 1013]);
  });

  it('says in the failure what was expected and what was received', () => {
    const page = connect();
    page.session.receive('{"type":"post","id":"m1"}');
    const [failure] = page.heard;
    assert.ok(failure?.type === 'failure');
    assert.equal(failure.reason, 'Expected text to be a string, received nothing');
  });

  it('does not end a connection that has joined for being silent', () => {
    const page = connect();
    page.say(join);
    page.clock.advance(joinTimeoutMs * 100);
    assert.equal(page.closeCode, undefined);
  });

  it('postpones a post that comes too fast, and takes it later', () => {
    const page = connect();
    page.say(join);
    for (let i = 1; i < burst; i += 1) page.say(post(i));
    page.say(post(burst));
    const answer = page.heard.at(-1);
    assert.deepEqual(answer, { type: 'postponed', id: `m${burst}`, retryAfterMs: refillMs });
    page.clock.advance(refillMs);
    page.say(post(burst));
    assert.equal(page.heardTypes.at(-1), 'accepted');
  });

  it('ends with too-fast when a page does not wait', () => {
    const page = connect();
    page.say(join);
    for (let i = 0; i < burst + maxIgnoredDelays; i += 1) page.say(post(i));
    const failure = page.heard.at(-1);
    assert.ok(failure?.type === 'failure' && failure.code === 'too-fast');
  });

  it('survives whatever a page may say, and answers or ends', () => {
    const fields = fc.constantFrom(
      'type',
      'key',
      'name',
      'since',
      'id',
      'text',
      'epoch',
      'sequence',
      '__proto__',
    );
    const types = fc.constantFrom('join', 'rename', 'post', 'constructor');
    const ids = fc.constantFrom('k'.repeat(32), 'm1', '__proto__');
    const value = fc.oneof(types, ids, fc.string({ unit: 'binary' }), fc.jsonValue());
    const said = fc.oneof(
      fc.dictionary(fields, value).map((object) => JSON.stringify(object)),
      fc
        .record({ type: types, key: ids, name: value, id: ids, text: value })
        .map((object) => JSON.stringify(object)),
      fc.string({ unit: 'binary' }),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(fc.array(said, { maxLength: 20 }), (messages) => {
        const page = connect();
        for (const message of messages) {
          const heard = page.heard.length;
          page.session.receive(message);
          assert.ok(
            page.heard.length > heard || page.closeCode !== undefined || page.heardTypes.includes('welcome'),
          );
        }
      }),
    );
  });

  it('hears nothing more once it has ended, and leaves the room', () => {
    const room = new ChatRoom({ epoch: 'e1', now: () => 0 });
    const [ana, bo] = [connect(room), connect(room)];
    ana.say(join);
    bo.say({ ...join, key: 'b'.repeat(32), name: 'Bo' });
    ana.session.receive('hello');
    ana.say(post(1));
    assert.equal(ana.heardTypes.at(-1), 'failure');
    assert.equal(bo.heardTypes.at(-1), 'person-left');
    assert.equal(ana.clock.pending, 0);
  });
});

interface Page {
  readonly session: ChatSession;
  readonly clock: FakeClock;
  readonly heard: readonly ServerMessage[];
  readonly heardTypes: readonly string[];
  readonly closeCode: number | undefined;
  say(message: ClientMessage): void;
}

function connect(room: ChatRoom = new ChatRoom({ epoch: 'e1', now: () => 0 })): Page {
  const clock = new FakeClock();
  const heard: ServerMessage[] = [];
  let closeCode: number | undefined;
  const session = new ChatSession({
    room,
    now: clock.now,
    schedule: clock.schedule,
    line: {
      send: (text) => void heard.push(decodeServerMessage(text)),
      relay: ({ message }) => void heard.push(message),
      close(code) {
        closeCode = code;
      },
    },
  });
  return {
    session,
    clock,
    heard,
    get heardTypes() {
      return heard.map(({ type }) => type);
    },
    get closeCode() {
      return closeCode;
    },
    say: (message) => session.receive(JSON.stringify(message)),
  };
}

function post(number: number): ClientMessage {
  return { type: 'post', id: `m${number}`, text: `text ${number}` };
}
