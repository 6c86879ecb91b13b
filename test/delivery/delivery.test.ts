/**
 * The test that matters: real clients, a real hub with its log on disk, and a network and a server that fail all the time. It
 * lasts a minute; `DELIVERY_SECONDS` says otherwise, and `DELIVERY_SEED` repeats the plan of a run (its timing is the machine's).
 */
import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { LogEntry } from '@hawser/hub';
import { LmdbBroker } from '@hawser/lmdb';
import { BadLine } from './bad-line.ts';
import { Chance } from './chance.ts';
import { HubProcess } from './hub-process.ts';
import { type Data, Participant, type Received } from './participant.ts';
import { Troubles } from './troubles.ts';

const durationMs = 1_000 * Number(process.env.DELIVERY_SECONDS ?? 60);
const seed = Number(process.env.DELIVERY_SEED ?? Math.floor(Math.random() * 2 ** 32));

const CLIENTS = 50;
const MAX_MS_BETWEEN_PUBLICATIONS = 400;
/** So many that wait fit into a client's outbox, whatever their sizes. */
const MAX_OUTSTANDING = 50;
/** How long everybody may take to get what is missing, once nothing goes wrong any more. */
const SETTLE_MS = 35_000;
const KEEP_EVERYTHING = { messages: 1e9, bytes: 1e12 };

const channels = Array.from({ length: 10 }, (_, index) => `room:${index}`);

interface Publication {
  readonly channel: string;
  readonly user: string;
  readonly data: Data;
}

describe('delivery, while connections are cut, the server is killed and a client freezes', () => {
  const lines: BadLine[] = [];
  const participants: Participant[] = [];
  /** By the name of the message. */
  const publications = new Map<string, Publication>();
  const log = new Map<string, readonly LogEntry[]>();
  let hub: HubProcess;

  before(async () => {
    hub = await HubProcess.start();
    const chance = new Chance(seed);
    for (let index = 0; index < CLIENTS; index++) {
      const line = await BadLine.open(hub.socketPath);
      lines.push(line);
      participants.push(
        new Participant({
          name: `client-${index}`,
          url: line.url,
          // The first one reads everything. It is the one that freezes.
          channels: channels.filter(() => index === 0 || chance.happens(0.5)),
          reads: index % 2 === 0 ? 'by listeners' : 'by loops',
          chance: new Chance(seed + index),
        }),
      );
    }
    await until('all subscriptions', () => participants.every(({ hasBegun }) => hasBegun));
  });

  after(async () => {
    for (const participant of participants) participant.close();
    await Promise.all(lines.map((line) => line.close()));
    await hub.remove();
  });

  it('settles in the end', { timeout: durationMs + 3 * SETTLE_MS }, async (test) => {
    test.diagnostic(`To have the same plan again: DELIVERY_SEED=${seed}`);
    const [participant, line] = [participants[0], lines[0]];
    assert.ok(participant && line);
    publishToAll(participant, 'first');
    const chance = new Chance(seed + CLIENTS);
    const troubles = new Troubles({ hub, lines, frozen: { participant, line }, chance, durationMs });
    await Promise.all([
      troubles.run(),
      ...participants.map((publisher, index) =>
        publishWhile(() => !troubles.areOver, publisher, new Chance(seed + CLIENTS + index)),
      ),
    ]);
    await until('all acknowledgements', () => participants.every(({ outstanding }) => outstanding === 0));
    // Behind everything else, in every channel: whoever has it gets nothing more.
    const last = new Set(publishToAll(participant, 'last'));
    await until('the last messages', () => participants.every((each) => hasAll(each, last)));
    const connections = sum(participants.map((each) => each.connections));
    const deliveries = sum(participants.map((each) => each.deliveries));
    test.diagnostic(`${publications.size} publications, ${deliveries} deliveries`);
    test.diagnostic(`${troubles.cuts} cuts, ${troubles.kills} kills, ${connections} connections`);
    await readLog();
  });

  it('tells clients of nothing that was refused, lost or dropped', () => {
    assert.deepEqual(participants.flatMap(({ troubles }) => troubles).slice(0, 5), []);
  });

  it('acknowledges every publication exactly once, with a position of its own', () => {
    const acknowledged = participants.flatMap(({ acknowledgements }) => acknowledgements);
    const positions = new Set(acknowledged.map(({ channel, offset }) => `${channel} ${offset}`));
    assert.deepEqual(findNotOnce(acknowledged, publications), []);
    assert.equal(positions.size, publications.size);
    const wrong = acknowledged.filter(
      ({ messageId, channel, offset }) => log.get(channel)?.[offset - 1]?.messageId !== messageId,
    );
    assert.deepEqual(wrong.slice(0, 5), []);
  });

  it('stores every publication once, and those of one publisher in their order', () => {
    assert.deepEqual(findNotOnce([...log.values()].flat(), publications), []);
    for (const [channel, ofChannel] of log) {
      for (const { name } of participants) {
        const numbers = ofChannel.filter(({ user }) => user === name).map(numberOf);
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
          `${name} in ${channel}`,
        );
      }
    }
  });

  it('brings every subscriber every message of its channels exactly once, in the order of the log', () => {
    const differences = participants.flatMap(({ name, received }) =>
      [...received].map(([channel, messages]) => {
        const difference = findDifference(messages, log.get(channel) ?? []);
        return difference && `${name} in ${channel}: ${difference}`;
      }),
    );
    assert.deepEqual(differences.filter(Boolean).slice(0, 5), []);
  });

  it('brings everything as it was published', () => {
    const messages = participants.flatMap(({ received }) => [...received.values()].flat());
    assert.ok(messages.length > 0);
    const wrong = messages.filter(({ messageId = '', user, data }) => {
      const publication = publications.get(messageId);
      return publication?.user !== user || !isSame(publication?.data, data);
    });
    assert.deepEqual(wrong.slice(0, 5), []);
  });

  function publish(publisher: Participant, channel: string, data: Data): string {
    const messageId = publisher.publish(channel, data);
    publications.set(messageId, { channel, user: publisher.name, data });
    return messageId;
  }

  function publishToAll(publisher: Participant, data: Data): readonly string[] {
    return channels.map((channel) => publish(publisher, channel, data));
  }

  async function publishWhile(goesOn: () => boolean, publisher: Participant, chance: Chance): Promise<void> {
    while (goesOn()) {
      await wait(chance.between(0, MAX_MS_BETWEEN_PUBLICATIONS));
      if (publisher.outstanding >= MAX_OUTSTANDING) continue;
      publish(publisher, channels[chance.between(0, channels.length)] ?? '', makeData(chance));
    }
  }

  /** Reads what is on disk, without the hub. */
  async function readLog(): Promise<void> {
    await hub.kill();
    const broker = await LmdbBroker.open({ directory: hub.logDirectory });
    for (const channel of channels) {
      const { entries } = await broker.read(channel, 0, KEEP_EVERYTHING);
      log.set(channel, entries);
    }
    await broker.close();
  }
});

/** Mostly a line of chat, sometimes a lot; text and bytes. */
function makeData(chance: Chance): Data {
  const length = chance.between(1, chance.happens(0.1) ? 8_000 : 300);
  if (chance.happens(0.2)) return Uint8Array.from({ length }, () => chance.between(0, 256));
  return `${chance.fraction()} é € 😀 `.padEnd(length, '.');
}

/** Whether somebody has one of these messages in each channel, behind all others. */
function hasAll({ received }: Participant, messageIds: ReadonlySet<string>): boolean {
  return [...received.values()].every((messages) => messageIds.has(messages.at(-1)?.messageId ?? ''));
}

/** Where what came is not what was stored; undefined if it is. */
function findDifference(received: readonly Received[], stored: readonly LogEntry[]): string | undefined {
  const length = Math.max(received.length, stored.length);
  for (let index = 0; index < length; index++) {
    const [came, entry] = [received[index], stored[index]];
    if (came?.offset === entry?.offset && came?.messageId === entry?.messageId) continue;
    return `expected ${entry?.offset} ${entry?.messageId}, received ${came?.offset} ${came?.messageId}`;
  }
  return undefined;
}

function isSame(published: Data | undefined, received: unknown): boolean {
  if (typeof published === 'string' || published === undefined) return published === received;
  return received instanceof Uint8Array && Buffer.compare(published, received) === 0;
}

/** Which of its publisher's messages it is: `client-7-123`. */
function numberOf({ messageId = '' }: LogEntry): number {
  return Number(messageId.split('-').at(-1));
}

/** The names that are not among all names, and those that are there less or more often than once; the first few. */
function findNotOnce(
  items: readonly { readonly messageId?: string }[],
  all: ReadonlyMap<string, unknown>,
): readonly string[] {
  const counts = new Map([...all.keys()].map((name) => [name, 0]));
  for (const { messageId = 'nameless' } of items) counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  const wrong = [...counts].filter(([name, count]) => count !== 1 || !all.has(name));
  return wrong.slice(0, 5).map(([name, count]) => `${name}: ${count} times`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, `Expected ${what} within ${SETTLE_MS} ms`);
    await wait(20);
  }
}
