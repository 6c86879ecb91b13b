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

  #offset = 0;

  /** Sends messages together; returns how many deliveries that was. */
  send(...messages: string[]): number {
    for (const message of messages) this.queue(message);
    return this.list.flush();
  }

  queue(message: string): void {
    this.#offset += 1;
    this.list.queue(message, this.#offset);
  }

  add(name: string, onSend: (message: string) => boolean = () => true): Subscription<string> {
    const subscriber: Subscriber<string> = {
      transport: {
        send: (message) => {
          this.heard.push(`${name}: ${String(message)}`);
          return onSend(String(message));
        },
      },
      isFull: false,
      push: () => undefined,
      becomeFull: () => this.full.push(name),
      tell: () => undefined,
      fellBehind: () => undefined,
    };
    const subscription = new Subscription(subscriber, nowhere, { end: () => undefined }, this.#offset);
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
    assert.equal(members.send('x'), 3);
    assert.equal(members.send('y'), 3);
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
    assert.equal(members.send('x'), 3);
    assert.deepEqual(members.heard, ['a: x', 'b: x', 'd: x']);
    assert.equal(members.list.size, 3);
    members.send('y');
    assert.deepEqual(members.heard.slice(3), ['b: y', 'd: y', 'e: y']);
  });

  it('sends all that is queued to one after the other', () => {
    const members = new Members();
    for (const name of ['a', 'b']) members.add(name);
    assert.equal(members.send('x', 'y'), 4);
    assert.deepEqual(members.heard, ['a: x', 'a: y', 'b: x', 'b: y']);
    assert.equal(members.list.flush(), 0);
  });

  it('sends nothing more to who leaves between two messages', () => {
    const members = new Members();
    const a: Subscription<string> = members.add('a', () => members.list.delete(a));
    members.add('b');
    assert.equal(members.send('x', 'y'), 3);
    assert.deepEqual(members.heard, ['a: x', 'b: x', 'b: y']);
  });

  it('sends nothing to a newcomer that its cursor has passed', () => {
    const members = new Members();
    members.add('a');
    members.queue('x');
    members.add('b');
    members.queue('y');
    members.list.flush();
    assert.deepEqual(members.heard, ['a: x', 'a: y', 'b: y']);
  });

  it('forgets what is queued with the last who wants it', () => {
    const members = new Members();
    const a = members.add('a');
    members.queue('x');
    members.list.delete(a);
    members.send();
    members.add('b');
    members.send('y');
    assert.deepEqual(members.heard, ['b: y']);
  });

  it('knows how much each has yet to get of what is queued and being sent', () => {
    const members = new Members();
    const missing: number[][] = [];
    const a = members.add('a');
    const b = members.add('b', (message) => {
      if (message === 'y') members.queue('z');
      missing.push([a, b, c].map((each) => members.list.missing(each)));
      return true;
    });
    const c = members.add('c');
    members.queue('x');
    members.queue('y');
    assert.deepEqual(
      [a, b, c].map((each) => members.list.missing(each)),
      [2, 2, 2],
    );
    members.list.flush();
    assert.deepEqual(missing, [
      [0, 1, 2],
      [1, 1, 3],
    ]);
    assert.ok(!members.list.isSending);
  });

  it('does not count what is no message of the channel', () => {
    const members = new Members();
    const missing: number[] = [];
    members.add('a', () => {
      missing.push(members.list.missing(b));
      return true;
    });
    const b = members.add('b');
    members.list.send('join');
    assert.deepEqual(missing, [0]);
    assert.deepEqual(members.heard, ['a: join', 'b: join']);
  });

  it('takes as much room as it has members, however many have come and gone', () => {
    const members = new Members();
    for (let n = 0; n < 10_000; n++) members.list.delete(members.add('x'));
    assert.ok(members.add('last').place < 100);
    assert.equal(members.list.size, 1);
  });
});
