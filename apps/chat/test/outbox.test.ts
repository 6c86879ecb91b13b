import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxOutgoingLength, maxOutgoingMessages, Outbox } from '../web/outbox.ts';
import { MemoryStorage } from './memory-storage.ts';

describe('Outbox', () => {
  it('gives out messages in the order in which they were written', () => {
    const outbox = new Outbox(new MemoryStorage());
    outbox.add({ id: 'a', text: 'one', writtenAt: 1 });
    outbox.add({ id: 'b', text: 'two', writtenAt: 2 });
    assert.equal(outbox.first?.id, 'a');
    outbox.remove('a');
    assert.equal(outbox.first?.id, 'b');
  });

  it('outlives a reload of the page', () => {
    const storage = new MemoryStorage();
    const message = { id: 'a', text: 'one', writtenAt: 1 };
    new Outbox(storage).add(message);
    assert.deepEqual(new Outbox(storage).messages, [message]);
  });

  it('has room for so many messages and so many characters', () => {
    const outbox = new Outbox(new MemoryStorage());
    assert.equal(outbox.fits('x'.repeat(maxOutgoingLength)), true);
    assert.equal(outbox.fits('x'.repeat(maxOutgoingLength + 1)), false);
    for (let i = 0; i < maxOutgoingMessages; i += 1) outbox.add({ id: `${i}`, text: 'x', writtenAt: 0 });
    assert.equal(outbox.fits('x'), false);
  });

  for (const stored of ['', 'nonsense', '[]', '{"messages":[{"id":1}]}']) {
    it(`begins empty when it cannot read ${JSON.stringify(stored)}`, () => {
      const storage = new MemoryStorage();
      new Outbox(storage).add({ id: 'a', text: 'one', writtenAt: 1 });
      for (const key of storage.texts.keys()) storage.write(key, stored);
      assert.deepEqual(new Outbox(storage).messages, []);
    });
  }
});
