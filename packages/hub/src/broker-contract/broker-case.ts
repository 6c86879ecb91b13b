/**
 * What the cases of the contract are made of: how they get their brokers, what they publish, and how they say what they
 * expected. It needs no test runner and no platform.
 */

import type { Broker, LogEntry, Publication, ReadLimits, Retention } from '../broker.ts';

/** Opens brokers for the cases. */
export interface BrokerHarness {
  /** Opens a broker on storage of its own, empty. */
  open(): Promise<Broker>;
  /** Opens the storage of a broker that was closed. Absent if nothing outlives a broker. */
  reopen?(closed: Broker): Promise<Broker>;
  /** Opens one more broker on the storage of an open one, as another process would. Absent if storage is not shared. */
  another?(open: Broker): Promise<Broker>;
}

/** One thing that users rely on. */
export interface BrokerCase {
  /** A sentence about a broker: “gives offsets from 1 on, without holes”. */
  readonly name: string;
  /** What the harness has to offer; a case that needs more than it does is skipped. */
  readonly needs: 'open' | 'reopen' | 'another';
  /** Rejects with what was expected and what was received. Closes the brokers that it opens. */
  run(harness: BrokerHarness): Promise<void>;
}

/** A case that needs one broker. */
export function withBroker(name: string, run: (broker: Broker) => Promise<void>): BrokerCase {
  return { name, needs: 'open', run: (harness) => runAndClose(harness.open(), run) };
}

/** A case that closes the broker, and goes on with another one on the same storage. */
export function withReopening(
  name: string,
  run: (broker: Broker, reopen: () => Promise<Broker>) => Promise<void>,
): BrokerCase {
  return {
    name,
    needs: 'reopen',
    async run(harness) {
      let current = await harness.open();
      const reopen = async (): Promise<Broker> => {
        await current.close();
        if (harness.reopen !== undefined) current = await harness.reopen(current);
        return current;
      };
      await run(current, reopen).finally(() => current.close());
    },
  };
}

/** A case of two brokers on the same storage. */
export function withTwoBrokers(name: string, run: (one: Broker, two: Broker) => Promise<void>): BrokerCase {
  return {
    name,
    needs: 'another',
    run: (harness) =>
      runAndClose(harness.open(), (one) =>
        runAndClose(harness.another?.(one) ?? harness.open(), (two) => run(one, two)),
      ),
  };
}

async function runAndClose(opening: Promise<Broker>, run: (broker: Broker) => Promise<void>): Promise<void> {
  const broker = await opening;
  await run(broker).finally(() => broker.close());
}

/** A retention that keeps all that a case publishes. */
export const keepAll: Retention = { messages: 1_000_000, bytes: 1_000_000_000, ageMs: 3_600_000 };

/** Limits that no case reaches. */
export const readAll: ReadLimits = { messages: 1_000_000, bytes: 1_000_000_000 };

/** A publication of now; its content is its text as JSON. */
export function publication(text: string, more: Partial<Publication> = {}): Publication {
  return { content: JSON.stringify(text), at: Date.now(), ...more };
}

/** Publishes texts one after the other, and gives the offsets. */
export async function publishAll(
  broker: Broker,
  channel: string,
  texts: readonly string[],
  retention: Retention = keepAll,
): Promise<readonly number[]> {
  const offsets: number[] = [];
  for (const text of texts) {
    const { position } = await broker.publish(channel, publication(text), retention);
    offsets.push(position.offset);
  }
  return offsets;
}

/** `m1`, `m2` … up to a number. */
export function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `m${index + 1}`);
}

/** The texts that `publication` made entries of. */
export function textsOf(entries: readonly LogEntry[]): readonly unknown[] {
  return entries.map(({ content }) => (typeof content === 'string' ? JSON.parse(content) : content));
}

/** Fails with both sides if they differ in any part. */
export function expectSame(what: string, received: unknown, expected: unknown): void {
  const [receivedText, expectedText] = [describe(received), describe(expected)];
  if (receivedText !== expectedText)
    throw new Error(`Expected ${what} ${expectedText}, received ${receivedText}`);
}

/** Fails unless it holds. */
export function expectThat(what: string, holds: boolean, received: unknown): void {
  if (!holds) throw new Error(`Expected ${what}, received ${describe(received)}`);
}

/** Fails unless it rejects with a BrokerError of this code. */
export async function expectRejection(what: string, attempt: Promise<unknown>, code: string): Promise<void> {
  const outcome = await attempt.then(
    () => 'success',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
  expectSame(`${what} to be refused with`, outcome, code);
}

function describe(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return { bytes: Array.from(part) };
    const isUnknownToJson = part === undefined || (typeof part === 'number' && !Number.isFinite(part));
    return isUnknownToJson ? String(part) : part;
  });
}
