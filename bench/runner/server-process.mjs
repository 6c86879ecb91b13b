/** A peer's server while it is being measured. */
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { Core, start, stop } from './child-process.mjs';
import { commandFor } from './runtimes.mjs';

const START_TIMEOUT_MS = 15_000;
const RETRY_MS = 20;

/** Starts a peer's server and waits until it listens. */
export async function startServer({ name, runtime }, { compress }) {
  const port = await freePort();
  const file = join(import.meta.dirname, '..', 'servers', `${name}.mjs`);
  const child = start(commandFor(runtime, file, String(port)), Core.Subject, {
    env: { DEFLATE: compress ? '1' : '0' },
  });
  child.stderr.pipe(process.stderr);
  child.stdout.resume();
  await listening(port, child);
  return new ServerProcess(child, port);
}

class ServerProcess {
  #child;

  constructor(child, port) {
    this.#child = child;
    this.port = port;
  }

  /** Memory that is resident, in bytes. */
  get memory() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  stop() {
    return stop(this.#child);
  }
}

async function listening(port, child) {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await canConnect(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop(child);
      throw new Error(`Expected a server on port ${port}, received none`);
    }
    await delay(RETRY_MS);
  }
}

function canConnect(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.resetAndDestroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
