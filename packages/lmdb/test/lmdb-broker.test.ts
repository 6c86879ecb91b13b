import assert from 'node:assert/strict';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { LmdbBroker, type LmdbBrokerOptions } from '@hawser/lmdb';
import { open } from 'lmdb';
import { makeDirectory } from './directories.ts';
import { HandClock } from './hand-clock.ts';
import { contentsOf, keepAll, message, readAll } from './messages.ts';

/** Opens a broker for one test, on a directory and a clock of its own. */
async function withBroker(
  options: Partial<LmdbBrokerOptions>,
  run: (broker: LmdbBroker, clock: HandClock, directory: string) => Promise<void>,
): Promise<void> {
  const clock = new HandClock();
  const directory = await makeDirectory();
  const broker = await LmdbBroker.open({ directory, clock, durability: 'buffered', ...options });
  await run(broker, clock, directory).finally(() => broker.close());
}

/** How many rows each database has, as another program would count them. */
async function countRows(directory: string): Promise<Readonly<Record<string, number>>> {
  const root = open({ path: directory, noSubdir: false, ...binary });
  const names = ['channels', 'entries', 'ids', 'commits'];
  const counts = names.map((name) => [name, root.openDB({ name, ...binary }).getCount()]);
  await root.close();
  return Object.fromEntries(counts);
}

const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;

describe('The directory', () => {
  it('is made if it is missing, for its owner only', { skip: process.platform === 'win32' }, async () => {
    const directory = join(await makeDirectory(), 'deep', 'log');
    await (await LmdbBroker.open({ directory })).close();
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal((await stat(join(directory, 'data.mdb'))).mode & 0o777, 0o600);
    assert.equal((await stat(join(directory, 'lock.mdb'))).mode & 0o777, 0o600);
  });

  it('is refused if its data file is no file of LMDB', async () => {
    const directory = await makeDirectory();
    await writeFile(join(directory, 'data.mdb'), 'no database '.repeat(1000));
    await assert.rejects(LmdbBroker.open({ directory }), { name: 'BrokerError', code: 'corrupt' });
  });

  it('is refused if another program keeps something in it', async () => {
    const directory = await makeDirectory();
    const other = open({ path: directory, noSubdir: false });
    await other.openDB({ name: 'recipes' }).put('cake', 'flour');
    await other.close();
    await assert.rejects(LmdbBroker.open({ directory }), { name: 'BrokerError', code: 'corrupt' });
  });

  it('is refused if it is a file', async () => {
    const directory = join(await makeDirectory(), 'file');
    await writeFile(directory, '');
    await assert.rejects(LmdbBroker.open({ directory }), { name: 'BrokerError', code: 'unavailable' });
  });

  it('is refused if its data file is a directory', async () => {
    const directory = await makeDirectory();
    await mkdir(join(directory, 'data.mdb'));
    await assert.rejects(LmdbBroker.open({ directory }), { name: 'BrokerError', code: 'corrupt' });
  });
});

describe('Options', () => {
  it('are refused by name if they mean nothing', async () => {
    const directory = await makeDirectory();
    await assert.rejects(LmdbBroker.open({ directory: '' }), /Expected directory /);
    await assert.rejects(LmdbBroker.open({ directory, maxBytes: 10 }), /Expected maxBytes .* received 10$/);
    await assert.rejects(
      LmdbBroker.open({ directory, pollMs: Number.NaN }),
      /Expected pollMs .* received NaN$/,
    );
  });
});

describe('What is no longer needed', () => {
  it('leaves the disk some time after it was trimmed', async () => {
    await withBroker({ graceMs: 1000, idempotenceMs: 2000 }, async (broker, clock, directory) => {
      for (let i = 0; i < 300; i++) {
        clock.now += 100;
        const publication = message('m', { publicationId: `${i}`, at: clock.now });
        await broker.publish('a', publication, { ...keepAll, messages: 5 });
      }
      const rows = await countRows(directory);
      assert.equal((await broker.read('a', 0, readAll)).entries.length, 5);
      for (const [name, most] of [
        ['entries', 40],
        ['ids', 80],
        ['commits', 20],
      ] as const) {
        assert.ok((rows[name] ?? 0) <= most, `Expected at most ${most} ${name}, received ${rows[name]}`);
      }
    });
  });

  it('leaves the disk some at a time, however much a publication trims', async () => {
    await withBroker({ graceMs: 0 }, async (broker, _, directory) => {
      await Promise.all(Array.from({ length: 2000 }, () => broker.publish('a', message('m'), keepAll)));
      const one = { ...keepAll, messages: 1 };
      for (let i = 0; i < 3; i++) await broker.publish('a', message('m'), one);
      assert.equal((await broker.state('a')).oldest, 2003);
      const { entries = 0 } = await countRows(directory);
      assert.ok(entries > 1500, `Expected most messages to be on disk still, received ${entries}`);
    });
  });

  it('leaves the disk while other channels are published to, channel and all', async () => {
    const options = { graceMs: 100, idempotenceMs: 100, idleMs: 1000 };
    await withBroker(options, async (broker, clock, directory) => {
      const publication = message('m', { publicationId: 'x', at: clock.now });
      const first = await broker.publish('idle', publication, { ...keepAll, ageMs: 500 });
      for (let i = 0; i < 30; i++) {
        clock.now += 100;
        await broker.publish('busy', message('m', { at: clock.now }), keepAll);
      }
      assert.deepEqual(await countRows(directory), { channels: 1, entries: 30, ids: 0, commits: 1 });
      const { epoch, head } = await broker.state('idle');
      assert.equal(head, 0);
      assert.notEqual(epoch, first.position.epoch);
    });
  });

  it('makes an id unknown', async () => {
    await withBroker({ idempotenceMs: 1000 }, async (broker, clock) => {
      const publish = async (publicationId: string): Promise<boolean> => {
        const publication = message('m', { publicationId, at: clock.now });
        return (await broker.publish('a', publication, { ...keepAll, messages: 1 })).isDuplicate;
      };
      assert.equal(await publish('x'), false);
      await publish('y');
      clock.now += 1000;
      assert.equal(await publish('x'), true);
      clock.now += 1;
      assert.equal(await publish('x'), false);
      clock.now += 5000;
      assert.equal(await publish('x'), true, 'Expected the id of a kept message to be known');
    });
  });
});

describe('No room', () => {
  it('on disk refuses publications, and lets reading go on', async () => {
    await withBroker({ maxBytes: 1024 * 1024 }, async (broker, clock) => {
      const publish = (): Promise<unknown> =>
        broker.publish('a', message('x'.repeat(20_000), { at: clock.now }), { ...keepAll, ageMs: 1000 });
      let stored = 0;
      await assert.rejects(
        async () => {
          for (; stored < 1000; stored++) await publish();
        },
        { name: 'BrokerError', code: 'full' },
      );
      assert.ok(stored > 20 && stored < 60, `Expected about a mebibyte of messages, received ${stored}`);
      assert.equal((await broker.read('a', 0, readAll)).entries.length, stored);
      clock.now += 60_000;
      for (let i = 0; i < 100; i++) {
        await publish().catch(() => undefined);
        clock.now += 11_000;
      }
      await publish();
    });
  });

  it('in the queue before the disk refuses publications', async () => {
    await withBroker({ maxWaitingBytes: 10_000 }, async (broker) => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, () => broker.publish('a', message('x'.repeat(2000)), keepAll)),
      );
      const codes = outcomes.map((outcome) =>
        outcome.status === 'rejected' ? outcome.reason.code : 'stored',
      );
      assert.deepEqual(new Set(codes), new Set(['stored', 'full']));
      await broker.publish('a', message('x'), keepAll);
    });
  });

  it('for the name of a channel refuses that publication alone', async () => {
    await withBroker({}, async (broker) => {
      const long = broker.publish('n'.repeat(2000), message('m'), keepAll);
      const short = broker.publish('a', message('m'), keepAll);
      await assert.rejects(long, { name: 'BrokerError', code: 'too-large' });
      assert.equal((await short).position.offset, 1);
    });
  });
});

describe('Listeners', () => {
  it('are told what is kept if their process stood still for too long', async () => {
    await withBroker({ graceMs: 100 }, async (one, clock, directory) => {
      const frozen = new HandClock();
      const two = await LmdbBroker.open({ directory, clock: frozen, durability: 'buffered' });
      const heard: number[] = [];
      await two.listen('a', ({ offset }) => heard.push(offset));
      for (let i = 0; i < 50; i++) {
        clock.now += 50;
        await one.publish('a', message('m', { at: clock.now }), { ...keepAll, messages: 10 });
      }
      frozen.tick();
      assert.deepEqual(heard.slice(-10), [41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
      assert.ok(heard.every((offset, index) => index === 0 || offset > (heard[index - 1] ?? 0)));
      await one.publish('a', message('m', { at: clock.now }), keepAll);
      frozen.tick();
      assert.equal(heard.at(-1), 51);
      await two.close();
    });
  });

  it('cost nothing where there are none: no timer runs', async () => {
    await withBroker({}, async (broker, clock) => {
      assert.equal(clock.timerCount, 0);
      const stops = [await broker.listen('a', () => undefined), broker.onSignal(() => undefined)];
      assert.equal(clock.timerCount, 1);
      for (const stop of stops) stop();
      assert.equal(clock.timerCount, 0);
    });
  });
});

describe('A backup', () => {
  it('has all that was acknowledged when it began, under epochs of its own', async () => {
    await withBroker({}, async (broker, clock) => {
      await broker.publish('a', message('before', { publicationId: 'x' }), keepAll);
      const publishing = broker.publish('a', message('meanwhile'), keepAll);
      const directory = join(await makeDirectory(), 'backup');
      await broker.backUp(directory);
      await publishing;
      const copy = await LmdbBroker.open({ directory, clock });
      const { epoch, entries } = await copy.read('a', 0, readAll);
      assert.equal(entries[0]?.content, 'before');
      assert.notEqual(epoch, (await broker.state('a')).epoch);
      const again = await copy.publish('a', message('before', { publicationId: 'x' }), keepAll);
      assert.equal(again.isDuplicate, true);
      await copy.close();
      await assert.rejects(broker.backUp(directory), { name: 'BrokerError' });
    });
  });
});

describe('A start of the machine', () => {
  for (const [durability, isSame] of [
    ['buffered', false],
    ['disk', true],
  ] as const) {
    it(`${isSame ? 'keeps' : 'renews'} the epochs where durability is ${durability}`, async () => {
      const directory = await makeDirectory();
      const before = await LmdbBroker.open({ directory, durability });
      const publication = message('m', { publicationId: 'x' });
      const { position } = await before.publish('a', publication, keepAll);
      await before.close();
      await pretendRestart(directory);
      const after = await LmdbBroker.open({ directory, durability });
      const { epoch, entries } = await after.read('a', 0, readAll);
      assert.equal(epoch === position.epoch, isSame);
      assert.deepEqual(contentsOf(entries), ['m']);
      assert.equal((await after.publish('a', publication, keepAll)).isDuplicate, true);
      await after.close();
    });
  }
});

/** Puts the name of another start of the machine where this one's is, if there is one. */
async function pretendRestart(directory: string): Promise<void> {
  const root = open({ path: directory, noSubdir: false, ...binary });
  const meta = root.openDB({ name: 'meta', ...binary });
  const key = Buffer.from('bufferedSince');
  if (String(meta.get(key)) !== '') await meta.put(key, Buffer.from('another start'));
  await root.close();
}
