import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxTextLength } from '../contract/limits.ts';
import type { ServerMessage } from '../contract/messages.ts';
import { type Admission, ChatRoom, type Member } from '../server/chat-room.ts';

describe('ChatRoom', () => {
  it('welcomes a newcomer with what was said and who is here, and tells the others', () => {
    const room = newRoom();
    const ana = join(room, 'Ana');
    room.post(ana, { type: 'post', id: 'm1', text: 'hello' });
    const bo = new FakeMember();
    const welcome = enter(room, bo, 'Bo');
    assert.ok(welcome.type === 'welcome');
    assert.equal(welcome.recovery, 'complete');
    assert.deepEqual(
      welcome.messages.map(({ text }) => text),
      ['hello'],
    );
    assert.deepEqual(
      welcome.people.map(({ name }) => name),
      ['Ana', 'Bo'],
    );
    assert.deepEqual(ana.last, { type: 'person-here', person: { id: 'id of Bo', name: 'Bo' } });
    assert.deepEqual(bo.heard, []);
  });

  it('sends a message to everybody, its author included, before it is accepted', () => {
    const room = newRoom();
    const ana = join(room, 'Ana');
    const bo = join(room, 'Bo');
    const answer = room.post(ana, { type: 'post', id: 'm1', text: ' hello ' });
    assert.deepEqual(answer, { type: 'accepted', id: 'm1', sequence: 1, sentAt: 42 });
    const author = { id: 'id of Ana', name: 'Ana' };
    const message = { id: 'm1', sequence: 1, author, text: ' hello', sentAt: 42 };
    assert.deepEqual(ana.last, { type: 'message', message });
    assert.deepEqual(bo.last, ana.last);
  });

  it('accepts a post that comes twice once', () => {
    const room = newRoom();
    const ana = join(room, 'Ana');
    const first = room.post(ana, { type: 'post', id: 'm1', text: 'hello' });
    const heard = ana.heard.length;
    assert.deepEqual(room.post(ana, { type: 'post', id: 'm1', text: 'hello' }), first);
    assert.equal(ana.heard.length, heard);
  });

  it('keeps the ids of different people apart', () => {
    const room = newRoom();
    room.post(join(room, 'Ana'), { type: 'post', id: 'm1', text: 'hello' });
    const answer = room.post(join(room, 'Bo'), { type: 'post', id: 'm1', text: 'hello' });
    assert.ok(answer.type === 'accepted' && answer.sequence === 2);
  });

  it('refuses an empty text and one that is too long', () => {
    const room = newRoom();
    const ana = join(room, 'Ana');
    for (const text of [' ', 'x'.repeat(maxTextLength + 1)]) {
      assert.equal(room.post(ana, { type: 'post', id: 'm1', text }).type, 'refused');
    }
    assert.equal(
      room.post(ana, { type: 'post', id: 'm1', text: 'x'.repeat(maxTextLength) }).type,
      'accepted',
    );
  });

  it('refuses a name that somebody here has, and no other', () => {
    const room = newRoom();
    join(room, 'Ana');
    const refused = enter(room, new FakeMember(), 'ana', 'another');
    assert.ok(refused.type === 'name-refused');
    assert.match(refused.reason, /already goes by “ana”/);
    assert.equal(enter(room, new FakeMember(), ' ', 'another').type, 'name-refused');
    assert.equal(enter(room, new FakeMember(), 'Anna', 'another').type, 'welcome');
  });

  it('says once that somebody with two tabs came and left', () => {
    const room = newRoom();
    const bo = join(room, 'Bo');
    const tabs = [join(room, 'Ana'), join(room, 'Ana')];
    for (const tab of tabs) room.leave(tab);
    for (const tab of tabs) room.leave(tab);
    assert.deepEqual(
      bo.heard.map(({ type }) => type),
      ['person-here', 'person-left'],
    );
  });

  it('tells everybody about a new name, and uses it from then on', () => {
    const room = newRoom();
    const ana = join(room, 'Ana');
    const bo = join(room, 'Bo');
    assert.equal(room.rename(ana, 'Anna'), undefined);
    assert.deepEqual(bo.last, { type: 'person-here', person: { id: 'id of Ana', name: 'Anna' } });
    assert.deepEqual(ana.last, bo.last);
    room.post(ana, { type: 'post', id: 'm1', text: 'hello' });
    const said = bo.heard.at(-1);
    assert.ok(said?.type === 'message' && said.message.author.name === 'Anna');
  });

  it('keeps the old name when the new one is refused', () => {
    const room = newRoom();
    const ana = join(room, 'Ana');
    join(room, 'Bo');
    assert.equal(room.rename(ana, 'bo')?.type, 'name-refused');
    room.post(ana, { type: 'post', id: 'm1', text: 'hello' });
    assert.ok(ana.last?.type === 'message' && ana.last.message.author.name === 'Ana');
  });

  it('has room for so many people, and for another tab of somebody who is in', () => {
    const room = new ChatRoom({ epoch: 'e1', now: () => 42, maxPeople: 1 });
    join(room, 'Ana');
    assert.equal(enter(room, new FakeMember(), 'Bo').type, 'full');
    assert.equal(enter(room, new FakeMember(), 'Ana').type, 'welcome');
  });

  it('says nothing to who has left', () => {
    const room = newRoom();
    const ana = join(room, 'Ana');
    room.leave(ana);
    const heard = ana.heard.length;
    room.post(join(room, 'Bo'), { type: 'post', id: 'm1', text: 'hello' });
    assert.equal(ana.heard.length, heard);
  });
});

class FakeMember implements Member {
  readonly heard: ServerMessage[] = [];

  get last(): ServerMessage | undefined {
    return this.heard.at(-1);
  }

  deliver({ message }: { readonly message: ServerMessage }): void {
    this.heard.push(message);
  }
}

function newRoom(): ChatRoom {
  return new ChatRoom({ epoch: 'e1', now: () => 42 });
}

function join(room: ChatRoom, name: string): FakeMember {
  const member = new FakeMember();
  assert.equal(enter(room, member, name).type, 'welcome');
  return member;
}

function enter(room: ChatRoom, member: Member, name: string, personId = `id of ${name}`): Admission {
  return room.enter(member, { personId, name, since: undefined });
}
