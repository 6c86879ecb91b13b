/** Somebody else's WebSocket in Python: a script of this folder, with a library as Debian packs it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, type TestContext } from 'node:test';
import { type Compression, eachCompression, talkAsClient, talkAsServer } from './conversation.ts';

/** The system's, for which its packages are: another one may come first in PATH. */
const python = '/usr/bin/python3';

/** Declares the tests for a library. */
export function describePython(library: string): void {
  const skip = isMissing(library) && `Python's ${library} is missing: apt-get install python3-${library}`;

  describe(`Python's ${library}`, () => {
    eachCompression('as our client’s server', skip, async (t, compression) => {
      const { stdout } = start(t, library, 'serve', compression);
      const [port] = await once(createInterface(stdout), 'line');
      await talkAsClient(`ws://127.0.0.1:${port}/`, compression);
    });

    eachCompression('as our server’s client', skip, async (t, compression) => {
      await talkAsServer(t, compression, (url) => start(t, library, 'connect', compression, url));
    });
  });
}

function isMissing(library: string): boolean {
  return spawnSync(python, ['-c', `import ${library}`]).status !== 0;
}

function start(t: TestContext, library: string, mode: string, compression: Compression, ...url: string[]) {
  const script = join(import.meta.dirname, `${library}_echo.py`);
  const how = compression === 'off' ? 'plain' : 'compress';
  const process = spawn(python, [script, mode, ...url, how], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => ended(process));
  return process;
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return;
  process.kill();
  await once(process, 'exit');
}
