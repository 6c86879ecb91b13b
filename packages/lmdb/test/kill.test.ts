import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { type Durability, LmdbBroker } from '@hawser/lmdb';
import { bundleProgram } from './bundle.ts';
import { makeDirectory } from './directories.ts';
import { readAll } from './messages.ts';

const rounds = { disk: 70, buffered: 30 } as const;
/** Lines after which a process is killed: sometimes while it opens the log or retries, sometimes in full swing. */
const lines = [0, 1, 2, 10, 40, 150, 400];

/** What publishers know, all processes together. */
class Ledger {
  readonly offsets = new Map<string, number>();
  readonly unacknowledged = new Set<string>();

  /** A line that a process wrote; the last one may have been cut short. */
  note(line: string): void {
    const [word, id = '', offset] = line.split(' ');
    if (word === 'try') this.unacknowledged.add(id);
    if (word !== 'ack') return;
    this.unacknowledged.delete(id);
    this.offsets.set(id, Number(offset));
  }
}

for (const durability of ['disk', 'buffered'] as const) {
  describe(`kill -9 (${durability})`, () => {
    it('loses nothing that was acknowledged, leaves no holes and doubles nothing', async () => {
      const program = await bundleProgram('publishing-process.ts');
      const directory = await makeDirectory();
      const ledger = new Ledger();
      for (let round = 0; round < rounds[durability]; round++) {
        const wanted = lines[round % lines.length] ?? 0;
        await publishUntilKilled({ program, directory, durability, round, wanted, ledger });
        await verify(directory, durability, ledger);
      }
      assert.ok(ledger.offsets.size > rounds[durability]);
    });
  });
}

interface Round {
  readonly program: string;
  readonly directory: string;
  readonly durability: Durability;
  readonly round: number;
  /** How many lines to wait for; with 0 it is killed as it opens the log. */
  readonly wanted: number;
  readonly ledger: Ledger;
}

async function publishUntilKilled(options: Round): Promise<void> {
  const { program, directory, durability, round, wanted, ledger } = options;
  const retries = [...ledger.unacknowledged];
  const publisher = spawn(process.execPath, [program, directory, durability, `r${round}`, ...retries], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  const closed = once(publisher, 'close');
  await readUntil(publisher, wanted, ledger);
  publisher.kill('SIGKILL');
  await closed;
}

/** Notes every line until the process ends; resolves after so many of them. */
function readUntil(publisher: ChildProcess, wanted: number, ledger: Ledger): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    let rest = '';
    publisher.stdout?.setEncoding('latin1').on('data', (text: string) => {
      const complete = (rest + text).split('\n');
      rest = complete.pop() ?? '';
      for (const line of complete) ledger.note(line);
      count += complete.length;
      if (count >= wanted) resolve();
    });
    // Written when the program begins, before it opens the log.
    publisher.stderr?.once('data', () => {
      if (wanted === 0) resolve();
    });
    publisher.once('exit', () => resolve());
  });
}

async function verify(directory: string, durability: Durability, ledger: Ledger): Promise<void> {
  const broker = await LmdbBroker.open({ directory, durability });
  const { entries, head, oldest } = await broker.read('a', 0, readAll);
  await broker.close();
  assert.deepEqual({ oldest, count: entries.length }, { oldest: 1, count: head });
  const stored = new Map<string, number>();
  for (const [index, { offset, publicationId = '' }] of entries.entries()) {
    assert.equal(offset, index + 1);
    assert.ok(!stored.has(publicationId), `Expected ${publicationId} once, received it twice`);
    stored.set(publicationId, offset);
  }
  for (const [id, offset] of ledger.offsets) assert.equal(stored.get(id), offset, id);
}
