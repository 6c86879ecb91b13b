/** A peer's client while it is being measured. */
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { Core, start, stop } from './child-process.mjs';
import { commandFor } from './runtimes.mjs';

const FILE = join(import.meta.dirname, '..', 'clients', 'main.mjs');

/** Starts a peer's client on the port of a load that listens. */
export function startClient({ name }, workload, timing, port) {
  const work = JSON.stringify({ ...workload, ...timing, name, port: Number(port) });
  const child = start(commandFor('node', FILE, work), Core.Subject);
  child.stderr.pipe(process.stderr);
  child.stdout.resume();
  return {
    /** @throws Error if what it received was not what it had to be. */
    async ended() {
      if (child.exitCode === null) await once(child, 'exit');
      if (child.exitCode !== 0) throw new Error('Expected the client to end well, see above');
    },
    stop: () => stop(child),
  };
}
