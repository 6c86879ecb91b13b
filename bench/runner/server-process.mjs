/** A peer's server while it is being measured. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { Core, start, stop } from './child-process.mjs';
import { commandFor } from './runtimes.mjs';

const SERVERS = join(import.meta.dirname, '..', 'servers');
const PROBE = join(import.meta.dirname, 'server-probe.mjs');
const START_TIMEOUT_MS = 15_000;
const RETRY_MS = 20;

/** Starts a peer's server and waits until it listens. */
export async function startServer({ name, runtime }, { compress, isProbed = false }) {
  const port = await freePort();
  const [binary, ...rest] = commandFor(runtime, join(SERVERS, `${name}.mjs`), String(port));
  const child = start(
    [binary, ...(isProbed ? ['--expose-gc', '--import', PROBE] : []), ...rest],
    Core.Subject,
    {
      env: { DEFLATE: compress ? '1' : '0' },
      withChannel: isProbed,
    },
  );
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

  get pid() {
    return this.#child.pid;
  }

  /** Memory that is resident, in bytes. */
  get memory() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  /** By how many ms timers have been late since the server began; for one that is probed. */
  lateness() {
    return this.#ask('lateness');
  }

  /** The bytes in use on the heap and in buffers, behind a garbage collection; for one that is probed. */
  memoryInUse() {
    return this.#ask('memoryInUse');
  }

  async #ask(question) {
    this.#child.send(question);
    const [report] = await once(this.#child, 'message');
    return report;
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
