/**
 * The promise of the chat: what somebody writes arrives once, in the order of writing, whatever becomes of the connections.
 * Pages and server run as they are, over a network that breaks wherever a generated story says.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FakeNetwork, latencyMs, type Page } from './fake-network.ts';

const names = ['Ana', 'Bo', 'Cy'] as const;

type Step =
  | { readonly type: 'write'; readonly page: number }
  | { readonly type: 'cut'; readonly page: number }
  /** The server gets the message, and its author never hears of that. */
  | { readonly type: 'write and lose the answer'; readonly page: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'retry'; readonly page: number }
  | { readonly type: 'restart' };

const page = fc.nat({ max: names.length - 1 });
const breakage: readonly fc.Arbitrary<Step>[] = [
  fc.record({ type: fc.constant('write'), page }),
  fc.record({ type: fc.constant('write'), page }),
  fc.record({ type: fc.constant('cut'), page }),
  fc.record({ type: fc.constant('write and lose the answer'), page }),
  fc.record({ type: fc.constant('retry'), page }),
  // Short waits, so that connections break while a post or its answer is on its way.
  fc.record({ type: fc.constant('wait'), ms: fc.nat({ max: 5 * latencyMs }) }),
  fc.record({ type: fc.constant('wait'), ms: fc.nat({ max: 3_000 }) }),
];
const restart: fc.Arbitrary<Step> = fc.record({ type: fc.constant('restart') });

describe('what is written arrives exactly once', () => {
  it('on every page, in one order, when connections break', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(...breakage), { maxLength: 60 }), (steps) => {
        const { network, pages, written } = tell(steps);
        const said = network.serverTexts();
        assert.deepEqual([...said].sort(), [...written].sort());
        assertInOrderOfWriting(said);
        for (const texts of pages.map(shown)) assert.deepEqual(texts, said);
      }),
      { numRuns: 300 },
    );
  });

  it('on its author’s page, and nowhere twice, when the server restarts too', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(...breakage, restart), { maxLength: 60 }), (steps) => {
        const { pages, written } = tell(steps);
        for (const [index, texts] of pages.map(shown).entries()) {
          assert.equal(new Set(texts).size, texts.length);
          const own = (text: string): boolean => text.startsWith(`${names[index]} `);
          assert.deepEqual(texts.filter(own).sort(), written.filter(own).sort());
          assertInOrderOfWriting(texts);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Runs a story to its end: everybody is connected again and all outboxes are empty. */
function tell(steps: readonly Step[]): {
  network: FakeNetwork;
  pages: readonly Page[];
  written: readonly string[];
} {
  const network = new FakeNetwork();
  const pages = names.map((name) => network.open(name));
  const written: string[] = [];
  network.settle();
  for (const step of steps) act(network, pages, written, step);
  network.clock.advance(120_000);
  for (const { outbox, chat } of pages) {
    assert.equal(chat.connection.phase, 'connected');
    assert.deepEqual(outbox.messages, []);
  }
  return { network, pages, written };
}

function act(network: FakeNetwork, pages: readonly Page[], written: string[], step: Step): void {
  if (step.type === 'wait') return network.clock.advance(step.ms);
  if (step.type === 'restart') return network.restart();
  const actor = pages[step.page];
  assert.ok(actor);
  if (step.type === 'cut') return actor.cut();
  if (step.type === 'retry') return actor.chat.retryNow();
  const text = `${names[step.page]} ${String(written.length).padStart(3, '0')}`;
  if (actor.chat.send(text).ok) written.push(text);
  if (step.type === 'write') return;
  network.clock.advance(latencyMs);
  actor.cut();
  network.clock.advance(latencyMs);
}

/** Nobody’s messages overtake each other. */
function assertInOrderOfWriting(texts: readonly string[]): void {
  for (const name of names) {
    const own = texts.filter((text) => text.startsWith(`${name} `));
    assert.deepEqual(own, [...own].sort());
  }
}

function shown({ chat }: Page): readonly string[] {
  return chat.entries.flatMap((entry) => {
    if (entry.kind === 'notice') return [];
    assert.equal(entry.delivery.status, 'sent');
    return [entry.text];
  });
}
