/** The broker against the simplest log there is: an array that is never trimmed, and a count of what is gone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LogEntry, MemoryBroker, type ReadLimits, type Retention } from '@hawser/hub';
import fc from 'fast-check';

interface ModelChannel {
  readonly entries: LogEntry[];
  readonly heard: LogEntry[];
  oldest: number;
  retention: Retention;
}

/** What a broker promises, without a thought for speed or memory. */
class Model {
  readonly channels = new Map<string, ModelChannel>();
  now = 1_000_000;

  channel(name: string): ModelChannel {
    const retention = { messages: 0, bytes: 0, ageMs: 0 };
    const channel = this.channels.get(name) ?? { entries: [], heard: [], oldest: 1, retention };
    this.channels.set(name, channel);
    return channel;
  }

  publish(name: string, entry: Omit<LogEntry, 'offset'>, retention: Retention): number {
    const { entries } = this.channel(name);
    const known = entries.find(({ publicationId }) => publicationId === entry.publicationId);
    if (entry.publicationId !== undefined && known !== undefined) return known.offset;
    this.trim(name);
    this.channel(name).retention = retention;
    entries.push({ ...entry, offset: entries.length + 1 });
    this.trim(name);
    return entries.length;
  }

  trim(name: string): void {
    const channel = this.channel(name);
    while (channel.oldest <= channel.entries.length && this.#isBeyond(channel)) channel.oldest += 1;
  }

  kept(name: string): readonly LogEntry[] {
    this.trim(name);
    const { entries, oldest } = this.channel(name);
    return entries.slice(oldest - 1);
  }

  #isBeyond({ entries, oldest, retention }: ModelChannel): boolean {
    const kept = entries.slice(oldest - 1);
    const bytes = kept.reduce((sum, entry) => sum + bytesOf(entry), 0);
    // The age of a message is that of the youngest up to it: it is dropped from the oldest on only.
    const bornAt = Math.max(...entries.slice(0, oldest).map(({ at }) => at));
    return kept.length > retention.messages || bytes > retention.bytes || this.now - bornAt > retention.ageMs;
  }
}

function bytesOf({ content, publicationId = '', key = '' }: LogEntry): number {
  return content.length + publicationId.length + key.length;
}

function within(entries: readonly LogEntry[], limits: ReadLimits): readonly LogEntry[] {
  let bytes = 0;
  const end = entries.findIndex(({ content }, index) => {
    bytes += content.length;
    return index >= limits.messages || (index > 0 && bytes > limits.bytes);
  });
  return end < 0 ? entries : entries.slice(0, end);
}

const names = fc.constantFrom('a', 'b');
const limits = fc.record({ messages: fc.nat(8), bytes: fc.nat(60) });
const commands = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('publish' as const),
      name: names,
      content: fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
      publicationId: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
      key: fc.option(fc.constant('key'), { nil: undefined }),
      delayMs: fc.nat(50),
      retention: fc.record({ messages: fc.nat(6), bytes: fc.nat(100), ageMs: fc.nat(100) }),
    }),
  },
  fc.record({ type: fc.constant('read' as const), name: names, after: fc.nat(12), limits }),
  fc.record({ type: fc.constant('readBefore' as const), name: names, before: fc.nat(14), limits }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.nat(80) }),
);

type Command = typeof commands extends fc.Arbitrary<infer T> ? T : never;

async function run(broker: MemoryBroker, model: Model, command: Command): Promise<void> {
  switch (command.type) {
    case 'wait':
      model.now += command.ms;
      return;
    case 'publish': {
      const { name, content, publicationId, key, delayMs, retention } = command;
      const attributes = {
        ...(publicationId !== undefined && { publicationId }),
        ...(key !== undefined && { key }),
      };
      const publication = { content, at: model.now - delayMs, ...attributes };
      const { position } = await broker.publish(name, publication, retention);
      assert.equal(position.offset, model.publish(name, publication, retention));
      return;
    }
    case 'read': {
      const { oldest, head, entries } = await broker.read(command.name, command.after, command.limits);
      const expected = model.kept(command.name).filter(({ offset }) => offset > command.after);
      assert.deepEqual(entries, within(expected, command.limits));
      const channel = model.channel(command.name);
      assert.deepEqual([head, oldest], [channel.entries.length, channel.oldest]);
      return;
    }
    case 'readBefore': {
      const { entries } = await broker.readBefore(command.name, command.before, command.limits);
      const expected = model.kept(command.name).filter(({ offset }) => offset < command.before);
      assert.deepEqual(entries.toReversed(), within(expected.toReversed(), command.limits));
    }
  }
}

describe('MemoryBroker, whatever happens', () => {
  it('keeps, gives and tells what the simplest log would', async () => {
    const property = fc.asyncProperty(fc.array(commands, { maxLength: 60 }), async (list) => {
      const model = new Model();
      const broker = new MemoryBroker({ clock: { date: () => model.now } });
      for (const name of ['a', 'b']) {
        await broker.listen(name, (entry) => model.channel(name).heard.push(entry));
      }
      for (const command of list) await run(broker, model, command);
      for (const { entries, heard } of model.channels.values()) assert.deepEqual(heard, entries);
    });
    await fc.assert(property, { numRuns: 500 });
  });
});
