/**
 * The chat's server as `npm start` runs it, in a process of its own, so that a test can kill it and start it again on the same
 * port.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';

const entry = join(import.meta.dirname, '..', 'dist', 'server', 'main.js');

export class ServerProcess {
  #child: ChildProcess | undefined;
  #port = 0;

  get url(): string {
    return `http://localhost:${this.#port}`;
  }

  /** The host and port, as they stand in a URL. */
  get host(): string {
    return `localhost:${this.#port}`;
  }

  /** On a free port the first time, and on that port from then on. */
  async start(): Promise<void> {
    const environment = { ...process.env, HOST: '', PORT: String(this.#port) };
    const child = spawn(process.execPath, [entry], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.#port = await printedPort(child);
  }

  /** Ends it as a crash would, or with the signal that lets it say goodbye. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

async function printedPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('Expected the output of the server, received none');
  for await (const line of createInterface(child.stdout)) {
    const port = /http:\/\/localhost:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('Expected the server to print its URL, received nothing: run npm run build');
}
