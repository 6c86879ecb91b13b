import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChatLog, type ChatLogLimits } from '../server/chat-log.ts';

const author = { id: 'p1', name: 'Ana' };

describe('ChatLog', () => {
  it('numbers messages from 1 in the order in which they come', () => {
    const log = logWith({}, 3);
    assert.deepEqual(sequences(log.since(undefined).messages), [1, 2, 3]);
  });

  it('gives a page what it has missed', () => {
    const log = logWith({}, 5);
    const { recovery, messages } = log.since({ epoch: 'e1', sequence: 3 });
    assert.equal(recovery, 'complete');
    assert.deepEqual(sequences(messages), [4, 5]);
  });

  it('gives nothing to a page that has all', () => {
    assert.deepEqual(logWith({}, 5).since({ epoch: 'e1', sequence: 5 }), {
      recovery: 'complete',
      messages: [],
    });
  });

  it('says so when what a page has missed is no longer kept', () => {
    const log = logWith({ maxMessages: 3 }, 10);
    assert.equal(log.since({ epoch: 'e1', sequence: 6 }).recovery, 'gap');
    assert.equal(log.since({ epoch: 'e1', sequence: 7 }).recovery, 'complete');
    assert.equal(log.since(undefined).recovery, 'gap');
  });

  it('gives all it has to a page from before a restart', () => {
    const { recovery, messages } = logWith({}, 2).since({ epoch: 'e0', sequence: 90 });
    assert.equal(recovery, 'restarted');
    assert.deepEqual(sequences(messages), [1, 2]);
  });

  it('keeps no more bytes than it may', () => {
    const log = new ChatLog('e1', { maxMessages: 100, maxBytes: 1_000, maxReceipts: 100 });
    for (let i = 0; i < 10; i += 1) log.append({ id: `m${i}`, author, text: 'é'.repeat(150), sentAt: 0 });
    const { messages } = log.since(undefined);
    assert.ok(Buffer.byteLength(JSON.stringify(messages)) <= 1_000);
    assert.deepEqual(sequences(messages), [9, 10]);
  });

  it('has a receipt for each post, as long as it remembers', () => {
    const log = logWith({ maxReceipts: 2 }, 3);
    assert.equal(log.receiptOf('p1', 'm1'), undefined);
    assert.deepEqual(log.receiptOf('p1', 'm3'), { sequence: 3, sentAt: 3 });
  });

  it('does not take one person’s id for another’s', () => {
    assert.equal(logWith({}, 1).receiptOf('p2', 'm1'), undefined);
  });
});

function logWith(limits: Partial<ChatLogLimits>, count: number): ChatLog {
  const log = new ChatLog('e1', { maxMessages: 100, maxBytes: 100_000, maxReceipts: 100, ...limits });
  for (let i = 1; i <= count; i += 1) log.append({ id: `m${i}`, author, text: `text ${i}`, sentAt: i });
  return log;
}

function sequences(messages: readonly { readonly sequence: number }[]): readonly number[] {
  return messages.map(({ sequence }) => sequence);
}
