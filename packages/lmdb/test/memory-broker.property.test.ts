/** The broker on disk does what the one in memory does, whatever happens. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Broker, type LogEntry, MemoryBroker, type ReadResult } from '@hawser/hub';
import { LmdbBroker } from '@hawser/lmdb';
import fc from 'fast-check';
import { makeDirectory } from './directories.ts';
import { HandClock } from './hand-clock.ts';

const names = fc.constantFrom('a', 'b', '');
const text = fc.string({ unit: 'binary', maxLength: 12 });
const optionalText = fc.option(text, { nil: undefined });
const limits = fc.record({ messages: fc.nat(8), bytes: fc.nat(60) });
const commands = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('publish' as const),
      name: names,
      content: fc.oneof(text, fc.uint8Array({ maxLength: 12 })),
      attributes: fc.record({
        publicationId: fc.option(fc.constantFrom('x', 'y', ''), { nil: undefined }),
        messageId: optionalText,
        key: optionalText,
        user: optionalText,
      }),
      delayMs: fc.integer({ min: -20, max: 50 }),
      retention: fc.record({ messages: fc.nat(6), bytes: fc.nat(100), ageMs: fc.nat(100) }),
      atOnce: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ type: fc.constant('read' as const), name: names, after: fc.nat(12), limits }),
  fc.record({ type: fc.constant('readBefore' as const), name: names, before: fc.nat(14), limits }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.nat(80) }),
  fc.record({ type: fc.constant('reopen' as const) }),
);

type Command = typeof commands extends fc.Arbitrary<infer T> ? T : never;

/** A broker under test, and what its listeners heard. */
interface Subject {
  broker: Broker;
  readonly heard: unknown[];
}

const longAgo = { idempotenceMs: 1e9, idleMs: 1e9 };

async function perform({ broker }: Subject, command: Command, now: number): Promise<unknown> {
  switch (command.type) {
    case 'publish': {
      const { name, content, attributes, delayMs, retention, atOnce } = command;
      const defined = Object.fromEntries(
        Object.entries(attributes).filter(([, value]) => value !== undefined),
      );
      const publication = { ...defined, content, at: now - delayMs };
      const publishing = Array.from({ length: atOnce }, () => broker.publish(name, publication, retention));
      const results = await Promise.all(publishing);
      return results.map(({ position, isDuplicate }) => [position.offset, isDuplicate]);
    }
    case 'read':
      return withoutEpoch(await broker.read(command.name, command.after, command.limits));
    case 'readBefore':
      return withoutEpoch(await broker.readBefore(command.name, command.before, command.limits));
    default:
      return undefined;
  }
}

function withoutEpoch({ head, oldest, entries }: ReadResult): unknown {
  return { head, oldest, entries: entries.map(plain) };
}

function plain({ content, ...rest }: LogEntry): unknown {
  return { content: typeof content === 'string' ? content : Array.from(content), ...rest };
}

async function listen({ broker, heard }: Subject): Promise<void> {
  for (const name of ['a', 'b', '']) await broker.listen(name, (entry) => heard.push([name, plain(entry)]));
}

async function compare(list: readonly Command[]): Promise<void> {
  const clock = new HandClock();
  const directory = await makeDirectory();
  const open = (): Promise<Broker> =>
    LmdbBroker.open({ directory, clock, durability: 'buffered', graceMs: 20, ...longAgo });
  const memory: Subject = { broker: new MemoryBroker({ clock, maxIdBytes: 1e9, ...longAgo }), heard: [] };
  const disk: Subject = { broker: await open(), heard: [] };
  await listen(memory);
  await listen(disk);
  for (const command of list) {
    if (command.type === 'wait') clock.now += command.ms;
    if (command.type === 'reopen') {
      await disk.broker.close();
      disk.broker = await open();
      await listen(disk);
    }
    assert.deepEqual(await perform(disk, command, clock.now), await perform(memory, command, clock.now));
  }
  await disk.broker.close();
  assert.deepEqual(disk.heard, memory.heard);
}

describe('LmdbBroker, whatever happens', () => {
  it('stores, gives and tells what a broker in memory does', async () => {
    const property = fc.asyncProperty(fc.array(commands, { maxLength: 40 }), compare);
    await fc.assert(property, { numRuns: 60 });
  });
});
