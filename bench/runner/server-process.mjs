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
const PROBE = join(import.meta.dirname, 'event-loop-probe.mjs');
const START_TIMEOUT_MS = 15_000;
const RETRY_MS = 20;

/** Starts a peer's server and waits until it listens. */
export async function startServer({ name, runtime }, { kind, compress }) {
  const port = await freePort();
  const isProbed = kind === 'delay';
  const [binary, ...rest] = commandFor(runtime, join(SERVERS, `${name}.mjs`), String(port));
  const child = start([binary, ...(isProbed ? ['--import', PROBE] : []), ...rest], Core.Subject, {
    env: { DEFLATE: compress ? '1' : '0' },
    withChannel: isProbed,
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

  /** What the probe has seen since the server began. */
  async eventLoopDelay() {
    this.#child.send('report');
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
