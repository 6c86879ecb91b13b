import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { LogEntry } from '@hawser/hub';
import { LmdbBroker } from '@hawser/lmdb';
import { bundleProgram } from './bundle.ts';
import { makeDirectory } from './directories.ts';
import { keepAll, message, readAll } from './messages.ts';
import './stay-alive.ts';

/** Starts a process that publishes until it is killed. */
function startPublishing(program: string, directory: string, name: string): ChildProcess {
  return spawn(process.execPath, [program, directory, 'disk', name], {
    stdio: 'ignore',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
}

/** What a listener heard, and a way to wait for more. */
class Ear {
  readonly entries: LogEntry[] = [];
  #check: () => void = () => undefined;

  readonly hear = (entry: LogEntry): void => {
    this.entries.push(entry);
    this.#check();
  };

  async until(isEnough: (entries: readonly LogEntry[]) => boolean): Promise<void> {
    if (isEnough(this.entries)) return;
    await new Promise<void>((resolve) => {
      this.#check = () => {
        if (isEnough(this.entries)) resolve();
      };
    });
  }
}

describe('Several processes on one directory', () => {
  it('hear of each other in one order, and go on when one is killed', async () => {
    const program = await bundleProgram('publishing-process.ts');
    const directory = await makeDirectory();
    const broker = await LmdbBroker.open({ directory });
    const ear = new Ear();
    await broker.listen('a', ear.hear);

    const publishers = ['one', 'two'].map((name) => startPublishing(program, directory, name));
    const endings = publishers.map((publisher) => once(publisher, 'close'));
    const countOf = (name: string): number =>
      ear.entries.filter(({ publicationId }) => publicationId?.startsWith(name)).length;
    await ear.until(() => countOf('one') > 50 && countOf('two') > 50);
    publishers[0]?.kill('SIGKILL');
    await endings[0];

    // The lock that the dead one may have held is free again: the others publish on.
    const others = countOf('two');
    const own = await broker.publish('a', message('mine', { publicationId: 'mine' }), keepAll);
    await ear.until(() => countOf('two') > others + 20 && countOf('mine') === 1);
    publishers[1]?.kill('SIGKILL');
    await endings[1];

    const { entries, head } = await broker.read('a', 0, readAll);
    await ear.until((heard) => heard.length === head);
    assert.deepEqual(ear.entries, entries);
    assert.deepEqual(
      entries.map(({ offset }) => offset),
      entries.map((_, index) => index + 1),
    );
    assert.equal(entries[own.position.offset - 1]?.content, 'mine');
    await broker.close();
  });
});
