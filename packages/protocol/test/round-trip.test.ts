/** A client and a server in memory: whatever one sends in whatever pieces, the other receives. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Connection, Opcode, type Role } from '../src/index.ts';
import { frame, utf8 } from './frames.ts';
import { hear, openConnection, takeBytes } from './transcript.ts';

type Action =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly length: number }
  | { readonly kind: 'fragments'; readonly words: readonly string[]; readonly ping: boolean }
  | { readonly kind: 'ping'; readonly payload: string };

interface Step {
  readonly from: Role;
  readonly action: Action;
  /** Whether what waits is carried over before the next step. */
  readonly carry: boolean;
}

const word = fc.constantFrom('', 'a', 'Hello', 'é€👋', 'y'.repeat(1000), '€'.repeat(2000));
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: word }),
  fc.record({ kind: fc.constant('bytes' as const), length: fc.constantFrom(0, 1, 126, 4100, 70_000) }),
  fc.record({
    kind: fc.constant('fragments' as const),
    words: fc.array(word, { minLength: 1, maxLength: 4 }),
    ping: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('ping' as const), payload: fc.constantFrom('', 'p', 'z'.repeat(90)) }),
);
const steps = fc.array(
  fc.record({ from: fc.constantFrom<Role>('client', 'server'), action, carry: fc.boolean() }),
  { maxLength: 12 },
);

describe('a client and a server', () => {
  it('receive what the other sends, and all of their Pings are answered', () => {
    const property = fc.property(steps, fc.integer({ min: 1, max: 5000 }), (list, chunkLength) => {
      const pair = new Pair(chunkLength);
      for (const step of list) pair.do(step);
      pair.settle();
      assert.deepEqual(pair.heard, pair.expected);
      assert.deepEqual(pair.pongs, { client: pings(pair.heard.server), server: pings(pair.heard.client) });
    });
    fc.assert(property, { numRuns: 150 });
  });

  it('close cleanly, whoever begins, also when both do', () => {
    for (const beginners of [['client'], ['server'], ['client', 'server']] as const) {
      const pair = new Pair(3);
      for (const role of beginners) pair.ends[role].close(1000, role);
      pair.settle();
      for (const role of ['client', 'server'] as const) {
        assert.equal(pair.ends[role].state, 'closed');
        assert.equal(pair.ends[role].closeStatus.clean, true);
        assert.equal(pair.ends[role].closeStatus.code, 1000);
      }
    }
  });
});

/** Two connections, and what travels between them in chunks of one length. */
class Pair {
  readonly ends: Readonly<Record<Role, Connection>> = {
    client: openConnection('client'),
    server: openConnection('server'),
  };
  readonly heard: Record<Role, string[]> = { client: [], server: [] };
  readonly expected: Record<Role, string[]> = { client: [], server: [] };
  /** Answers to Pings, which come when they come: who received how many. */
  readonly pongs: Record<Role, number> = { client: 0, server: 0 };
  readonly #chunkLength: number;

  constructor(chunkLength: number) {
    this.#chunkLength = chunkLength;
  }

  do({ from, action, carry }: Step): void {
    const to = from === 'client' ? 'server' : 'client';
    perform(this.ends[from], action);
    this.expected[to].push(...eventsOf(action));
    if (carry) this.#carry(from, to);
  }

  settle(): void {
    while (this.ends.client.hasOutput || this.ends.server.hasOutput) {
      this.#carry('client', 'server');
      this.#carry('server', 'client');
    }
  }

  #carry(from: Role, to: Role): void {
    const { bytes } = takeBytes(this.ends[from]);
    for (let start = 0; start < bytes.length; start += this.#chunkLength) {
      const heard = hear(this.ends[to], bytes.subarray(start, start + this.#chunkLength));
      const others = heard.filter((line) => !line.startsWith('pong'));
      this.heard[to].push(...others);
      this.pongs[to] += heard.length - others.length;
    }
  }
}

function perform(connection: Connection, action: Action): void {
  switch (action.kind) {
    case 'text':
      connection.sendText(action.text);
      return;
    case 'bytes':
      connection.sendBytes(new Uint8Array(action.length).fill(7));
      return;
    case 'ping':
      connection.sendPing(utf8(action.payload));
      return;
    case 'fragments':
      sendFragments(connection, action.words, action.ping);
  }
}

function sendFragments(connection: Connection, words: readonly string[], ping: boolean): void {
  words.forEach((each, i) => {
    if (ping) connection.sendPing(utf8(String(i)));
    connection.sendFragment(utf8(each), Opcode.Text, i === words.length - 1);
  });
}

/** The events that an action makes at the other end: those of the same frames, written by hand and unfragmented. */
function eventsOf(action: Action): string[] {
  return hear(openConnection('client'), ...framesOf(action));
}

function framesOf(action: Action): Uint8Array[] {
  switch (action.kind) {
    case 'text':
      return [frame('server', Opcode.Text, action.text)];
    case 'bytes':
      return [frame('server', Opcode.Binary, new Uint8Array(action.length).fill(7))];
    case 'ping':
      return [frame('server', Opcode.Ping, action.payload)];
    case 'fragments': {
      const pingsBetween = action.ping
        ? action.words.map((_, i) => frame('server', Opcode.Ping, String(i)))
        : [];
      return [...pingsBetween, frame('server', Opcode.Text, action.words.join(''))];
    }
  }
}

function pings(heard: readonly string[]): number {
  return heard.filter((line) => line.startsWith('ping')).length;
}
