import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxTextLength } from '../contract/limits.ts';
import { Chat } from '../web/chat.ts';
import type { SocketEvents } from '../web/connection.ts';
import { answerTimeoutMs } from '../web/delivery.ts';
import { Identity } from '../web/identity.ts';
import { maxOutgoingMessages, Outbox } from '../web/outbox.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeNetwork, type Page } from './fake-network.ts';
import { MemoryStorage } from './memory-storage.ts';

describe('Chat: joining', () => {
  it('waits for a name before it connects', () => {
    const network = new FakeNetwork();
    const { chat } = network.open(undefined);
    assert.equal(chat.connection.phase, 'idle');
    assert.equal(chat.setName('  ').ok, false);
    assert.equal(chat.connection.phase, 'idle');
    chat.setName(' Ana ');
    network.settle();
    assert.equal(chat.connection.phase, 'connected');
    assert.equal(chat.name, 'Ana');
    assert.deepEqual(chat.people, [{ id: chat.you, name: 'Ana' }]);
  });

  it('remembers the name for the next visit', () => {
    const network = new FakeNetwork();
    const { storage } = network.open('Ana');
    assert.equal(network.open(undefined, storage).chat.name, 'Ana');
  });

  it('asks for another name when somebody here has it', () => {
    const network = new FakeNetwork();
    network.open('Ana');
    network.settle();
    const { chat } = network.open('ANA');
    network.settle();
    assert.equal(chat.connection.phase, 'idle');
    assert.equal(chat.name, undefined);
    assert.match(chat.nameProblem ?? '', /already goes by/);
    chat.setName('Bo');
    network.settle();
    assert.deepEqual([chat.connection.phase, chat.name, chat.nameProblem], ['connected', 'Bo', undefined]);
  });

  it('is the same person on two tabs', () => {
    const network = new FakeNetwork();
    const first = network.open('Ana');
    const second = network.open(undefined, first.storage);
    network.settle();
    assert.equal(first.chat.you, second.chat.you);
    assert.equal(first.chat.people.length, 1);
    second.chat.send('from the second');
    network.settle();
    const [entry] = first.chat.entries;
    assert.ok(entry?.kind === 'message' && entry.own);
  });

  it('sees people come and go', () => {
    const network = new FakeNetwork();
    const ana = network.open('Ana');
    const bo = network.open('Bo');
    network.settle();
    assert.deepEqual(names(ana), ['Ana', 'Bo']);
    bo.chat.setName('Bob');
    network.settle();
    assert.deepEqual(names(ana), ['Ana', 'Bob']);
    network.open(undefined, bo.storage);
    bo.cut();
    network.settle();
    assert.deepEqual(names(ana), ['Ana', 'Bob']);
  });

  it('keeps its name when another is refused, and takes one that it changed on another tab', () => {
    const network = new FakeNetwork();
    network.open('Bo');
    const first = network.open('Ana');
    const second = network.open(undefined, first.storage);
    network.settle();
    first.chat.setName('bo');
    network.settle();
    assert.equal(first.chat.name, 'Ana');
    assert.match(first.chat.nameProblem ?? '', /already goes by “bo”/);
    first.chat.setName('Anna');
    network.settle();
    assert.deepEqual([first.chat.name, second.chat.name], ['Anna', 'Anna']);
  });
});

describe('Chat: sending', () => {
  it('shows a message as pending until the server has it', () => {
    const network = new FakeNetwork();
    const page = network.open('Ana');
    network.settle();
    page.chat.send('hello');
    assert.deepEqual(shown(page), ['hello (pending)']);
    network.settle();
    assert.deepEqual(shown(page), ['hello']);
    assert.deepEqual(page.outbox.messages, []);
  });

  it('sends nothing that is empty or too long', () => {
    const { chat } = new FakeNetwork().open('Ana');
    assert.deepEqual(problemOf(chat.send(' \n ')), 'empty');
    assert.deepEqual(problemOf(chat.send('x'.repeat(maxTextLength + 1))), 'too-long');
    assert.deepEqual(chat.entries, []);
  });

  it('keeps what is written while offline, up to a bound, and sends it in order', () => {
    const network = new FakeNetwork();
    const [ana, bo] = [network.open('Ana'), network.open('Bo')];
    network.settle();
    ana.cut();
    const texts = Array.from({ length: maxOutgoingMessages }, (_, i) => `text ${i}`);
    for (const text of texts) assert.equal(ana.chat.send(text).ok, true);
    assert.deepEqual(problemOf(ana.chat.send('one more')), 'outbox-full');
    network.clock.advance(120_000);
    assert.deepEqual(shown(bo), texts);
    assert.deepEqual(shown(ana), texts);
  });

  it('sends after a reload what was written before it', () => {
    const network = new FakeNetwork();
    const before = network.open('Ana');
    network.settle();
    network.stop();
    before.chat.send('written before');
    network.restart();
    const after = network.open(undefined, before.storage);
    assert.deepEqual(shown(after), ['written before (pending)']);
    network.settle();
    assert.deepEqual(shown(after), ['written before']);
  });

  it('reconnects when a post gets no answer', () => {
    const page = pageOfMuteServer();
    page.chat.send('hello');
    page.clock.advance(answerTimeoutMs);
    assert.equal(page.chat.connection.phase, 'waiting');
    assert.equal(page.outbox.first?.text, 'hello');
  });

  it('leaves a server that speaks another version, and says so', () => {
    const page = pageOfMuteServer();
    page.say('{"type":"from the future"}');
    assert.equal(page.chat.connection.phase, 'waiting');
    assert.match(page.chat.failure ?? '', /another version/);
  });

  it('shows what the server will not take, and goes on with the next', () => {
    const page = pageOfMuteServer();
    page.chat.send('one');
    page.chat.send('two');
    page.say(JSON.stringify({ type: 'refused', id: 'id-1', reason: 'No' }));
    assert.deepEqual(
      page.sent.map((text) => JSON.parse(text).text),
      [undefined, 'one', 'two'],
    );
    const [entry] = page.chat.entries;
    assert.ok(entry?.kind === 'message');
    assert.deepEqual(entry.delivery, { status: 'failed', reason: 'No' });
  });

  it('shows why the server ended the connection, until the next try', () => {
    const page = pageOfMuteServer();
    page.say(JSON.stringify({ type: 'failure', code: 'room-full', reason: 'The room is full' }));
    page.events.closed();
    assert.equal(page.chat.failure, 'The room is full');
    page.chat.retryNow();
    assert.equal(page.chat.failure, undefined);
  });
});

describe('Chat: coming back', () => {
  it('gets what it has missed', () => {
    const network = new FakeNetwork();
    const [ana, bo] = [network.open('Ana'), network.open('Bo')];
    network.settle();
    bo.chat.send('before');
    network.settle();
    ana.cut();
    bo.chat.send('meanwhile');
    network.clock.advance(5_000);
    assert.deepEqual(shown(ana), ['before', 'meanwhile']);
  });

  it('keeps what it shows after the server has lost it', () => {
    const network = new FakeNetwork();
    const [ana, bo] = [network.open('Ana'), network.open('Bo')];
    network.settle();
    bo.chat.send('before');
    network.settle();
    network.restart();
    network.clock.advance(5_000);
    bo.chat.send('after');
    network.settle();
    assert.deepEqual(shown(ana), ['before', '[restarted]', 'after']);
    assert.deepEqual(names(ana), ['Ana', 'Bo']);
  });
});

function names({ chat }: Page): readonly string[] {
  return chat.people.map(({ name }) => name).sort();
}

function shown({ chat }: Page): readonly string[] {
  return chat.entries.map((entry) => {
    if (entry.kind === 'notice') return `[${entry.reason}]`;
    return entry.delivery.status === 'sent' ? entry.text : `${entry.text} (${entry.delivery.status})`;
  });
}

function problemOf(result: ReturnType<Chat['send']>): string | undefined {
  return result.ok ? undefined : result.problem;
}

/** A page that has joined a server which then says only what the test makes it say. */
function pageOfMuteServer(): {
  chat: Chat;
  outbox: Outbox;
  clock: FakeClock;
  events: SocketEvents;
  sent: readonly string[];
  say(text: string): void;
} {
  const clock = new FakeClock();
  const storage = new MemoryStorage();
  const identity = new Identity(storage, () => 'key');
  identity.name = 'Ana';
  const outbox = new Outbox(storage);
  const sockets: SocketEvents[] = [];
  const sent: string[] = [];
  let ids = 0;
  const chat = new Chat({
    openSocket(events) {
      sockets.push(events);
      return { send: (text) => void sent.push(text), close: () => undefined };
    },
    schedule: clock.schedule,
    now: clock.now,
    random: () => 1,
    randomId() {
      ids += 1;
      return `id-${ids}`;
    },
    identity,
    outbox,
    changed: () => undefined,
  });
  chat.start();
  const [events] = sockets;
  assert.ok(events);
  events.opened();
  const you = { id: 'p1', name: 'Ana' };
  const welcome = {
    type: 'welcome',
    you: 'p1',
    epoch: 'e',
    recovery: 'complete',
    messages: [],
    people: [you],
  };
  events.received(JSON.stringify(welcome));
  return { chat, outbox, clock, events, sent, say: (text) => events.received(text) };
}
