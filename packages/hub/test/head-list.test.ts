/** Who is sent a message, when others come and go while it is being sent. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeadList } from '../src/head-list.ts';
import { type Source, type Subscriber, Subscription } from '../src/subscription.ts';

/** A list whose members write down what they are sent, and can do something about it. */
class Members {
  readonly list = new HeadList<string>();
  readonly heard: string[] = [];
  readonly full: string[] = [];

  add(name: string, onSend: () => boolean = () => true): Subscription<string> {
    const subscriber: Subscriber<string> = {
      transport: {
        send: (message) => {
          this.heard.push(`${name}: ${String(message)}`);
          return onSend();
        },
      },
      isFull: false,
      push: () => undefined,
      becomeFull: () => this.full.push(name),
      tell: () => undefined,
      fellBehind: () => undefined,
    };
    const subscription = new Subscription(subscriber, nowhere, { end: () => undefined }, 0);
    this.list.add(subscription);
    return subscription;
  }
}

const nowhere: Source<string> = {
  name: 'room:a',
  pause: () => undefined,
  resume: () => undefined,
  readOn: async () => undefined,
  remove: () => undefined,
};

describe('HeadList', () => {
  it('sends to all in one order, and tells who has become full', () => {
    const members = new Members();
    for (const name of ['a', 'b', 'c']) members.add(name, () => name !== 'b');
    assert.equal(members.list.send('x'), 3);
    assert.equal(members.list.send('y'), 3);
    assert.deepEqual(members.heard, ['a: x', 'b: x', 'c: x', 'a: y', 'b: y', 'c: y']);
    assert.deepEqual(members.full, ['b', 'b']);
  });

  it('passes over who leaves meanwhile, meets nobody twice, and leaves out who comes meanwhile', () => {
    const members = new Members();
    const a = members.add('a');
    members.add('b', () => {
      members.list.delete(a);
      members.list.delete(c);
      if (members.list.size === 2) members.add('e');
      return true;
    });
    const c = members.add('c');
    members.add('d');
    assert.equal(members.list.send('x'), 3);
    assert.deepEqual(members.heard, ['a: x', 'b: x', 'd: x']);
    assert.equal(members.list.size, 3);
    members.list.send('y');
    assert.deepEqual(members.heard.slice(3), ['b: y', 'd: y', 'e: y']);
  });

  it('knows who has yet to get what is being sent', () => {
    const members = new Members();
    const due: boolean[] = [];
    const a = members.add('a');
    const b = members.add('b', () => {
      const late = members.add('late');
      due.push(...[a, b, c, late].map((each) => members.list.isDue(each)));
      return true;
    });
    const c = members.add('c');
    members.list.send('x');
    assert.deepEqual(due, [false, false, true, false]);
    assert.ok(!members.list.isDue(c));
    assert.ok(!members.list.isSending);
  });

  it('takes as much room as it has members, however many have come and gone', () => {
    const members = new Members();
    for (let n = 0; n < 10_000; n++) members.list.delete(members.add('x'));
    assert.ok(members.add('last').place < 100);
    assert.equal(members.list.size, 1);
  });
});
