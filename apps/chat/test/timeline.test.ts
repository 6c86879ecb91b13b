import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatMessage, Recovery } from '../contract/messages.ts';
import { maxEntries, Timeline } from '../web/timeline.ts';

const you = { id: 'you', name: 'Ana' };
const other = { id: 'other', name: 'Bo' };

describe('Timeline', () => {
  it('puts messages in the order of their sequence, whatever order they come in', () => {
    const timeline = welcomed([message(1), message(3), message(2)]);
    assert.deepEqual(shown(timeline), ['text 1', 'text 2', 'text 3']);
  });

  it('shows a message once, however often it comes', () => {
    const timeline = welcomed([message(1), message(2)]);
    timeline.receive(message(2));
    welcome(timeline, [message(1), message(2), message(3)]);
    assert.deepEqual(shown(timeline), ['text 1', 'text 2', 'text 3']);
  });

  it('knows the last place in the log that it has seen', () => {
    const timeline = new Timeline();
    assert.equal(timeline.position, undefined);
    welcome(timeline, []);
    assert.deepEqual(timeline.position, { epoch: 'e1', sequence: 0 });
    timeline.receive(message(4));
    timeline.receive(message(2));
    assert.deepEqual(timeline.position, { epoch: 'e1', sequence: 4 });
  });

  it('keeps its place when a page comes back to the same log, and loses it with another', () => {
    const timeline = welcomed([message(5)]);
    welcome(timeline, []);
    assert.deepEqual(timeline.position, { epoch: 'e1', sequence: 5 });
    welcome(timeline, [], { epoch: 'e2', recovery: 'restarted' });
    assert.deepEqual(timeline.position, { epoch: 'e2', sequence: 0 });
  });

  it('shows what was written here at the end until it comes back, and then in its place', () => {
    const timeline = welcomed([message(1)]);
    timeline.write({ id: 'm3', text: 'text 3', writtenAt: 0 }, 'Ana');
    timeline.receive(message(2));
    assert.deepEqual(shown(timeline), ['text 1', 'text 2', 'text 3 (pending)']);
    timeline.receive(message(3, you));
    timeline.receive(message(4));
    assert.deepEqual(shown(timeline), ['text 1', 'text 2', 'text 3', 'text 4']);
  });

  it('keeps the key of a message from the time when it is written', () => {
    const timeline = welcomed([]);
    timeline.write({ id: 'm1', text: 'text 1', writtenAt: 0 }, 'Ana');
    const [pending] = timeline.entries;
    timeline.receive(message(1, you));
    assert.equal(timeline.entries[0]?.key, pending?.key);
  });

  it('puts a message in its place when only the answer to it comes', () => {
    const timeline = welcomed([message(5)]);
    timeline.write({ id: 'm4', text: 'text 4', writtenAt: 0 }, 'Ana');
    timeline.accept({ type: 'accepted', id: 'm4', sequence: 4, sentAt: 9 });
    assert.deepEqual(shown(timeline), ['text 4', 'text 5']);
    timeline.accept({ type: 'accepted', id: 'm4', sequence: 4, sentAt: 9 });
    assert.equal(timeline.entries.length, 2);
  });

  it('does not take another person’s message for its own because the ids are the same', () => {
    const timeline = welcomed([]);
    timeline.write({ id: 'm1', text: 'mine', writtenAt: 0 }, 'Ana');
    timeline.receive(message(1, other));
    assert.deepEqual(shown(timeline), ['text 1', 'mine (pending)']);
  });

  it('shows what cannot be sent, and why', () => {
    const timeline = welcomed([]);
    timeline.write({ id: 'm1', text: 'text 1', writtenAt: 0 }, 'Ana');
    timeline.fail('m1', 'No');
    const [entry] = timeline.entries;
    assert.ok(entry?.kind === 'message');
    assert.deepEqual(entry.delivery, { status: 'failed', reason: 'No' });
  });

  it('keeps what it shows when the server has forgotten it', () => {
    const timeline = welcomed([message(1), message(2)]);
    const afterwards = { ...message(1), id: 'new', text: 'afterwards' };
    welcome(timeline, [afterwards], { epoch: 'e2', recovery: 'restarted' });
    assert.deepEqual(shown(timeline), ['text 1', 'text 2', '[restarted]', 'afterwards']);
  });

  it('does not show again what its author sends again after a restart', () => {
    const timeline = welcomed([message(1), message(2)]);
    welcome(timeline, [{ ...message(1), id: 'm2', text: 'text 2' }], { epoch: 'e2', recovery: 'restarted' });
    assert.deepEqual(shown(timeline), ['text 1', 'text 2', '[restarted]']);
  });

  it('says where something is missing, once', () => {
    const timeline = welcomed([message(1)]);
    welcome(timeline, [message(9)], { recovery: 'gap' });
    welcome(timeline, [], { recovery: 'complete' });
    assert.deepEqual(shown(timeline), ['text 1', '[gap]', 'text 9']);
  });

  it('lets go of the oldest when there are too many', () => {
    const timeline = welcomed([]);
    for (let i = 1; i <= maxEntries + 10; i += 1) timeline.receive(message(i));
    assert.equal(timeline.entries.length, maxEntries);
    assert.equal(shown(timeline)[0], 'text 11');
  });
});

function message(sequence: number, author = other): ChatMessage {
  return { id: `m${sequence}`, sequence, author, text: `text ${sequence}`, sentAt: sequence };
}

function welcomed(messages: readonly ChatMessage[]): Timeline {
  const timeline = new Timeline();
  welcome(timeline, messages);
  return timeline;
}

function welcome(
  timeline: Timeline,
  messages: readonly ChatMessage[],
  { epoch = 'e1', recovery = 'complete' }: { epoch?: string; recovery?: Recovery } = {},
): void {
  timeline.welcome({ type: 'welcome', you: you.id, epoch, recovery, messages, people: [you] });
}

function shown(timeline: Timeline): readonly string[] {
  return timeline.entries.map((entry) => {
    if (entry.kind === 'notice') return `[${entry.reason}]`;
    return entry.delivery.status === 'sent' ? entry.text : `${entry.text} (${entry.delivery.status})`;
  });
}
