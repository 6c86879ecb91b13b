/**
 * The processes of a run: each on a core of its own where the machine and `taskset` allow it, and each ended by its
 * id, whatever happens to us.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import process from 'node:process';

/** Who runs on which core. */
export const Core = { Subject: 0, Load: 1 };

const children = new Set();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Whether each process has its core. */
export const isPinned = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

/** Starts a command. What it says on its standard error is ours to say. */
export function start(command, core, { env = {}, withChannel = false } = {}) {
  const [file, ...args] = isPinned ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe', ...(withChannel ? ['ipc'] : [])],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Ends a process, if it has not ended, and waits until it has. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
