/** The load while it runs: says lines on its way, the last of which is its result. */
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Core, start, stop } from './child-process.mjs';
import { commandFor } from './runtimes.mjs';

const FILE = join(import.meta.dirname, '..', 'load', 'main.mjs');
/** What a load may take besides the time that it measures for. */
const TIMEOUT_MS = 120_000;

export class LoadProcess {
  #child;
  #lines;
  #errors = '';
  #timer;

  /** @param work What `load/main.mjs` takes. */
  constructor(work) {
    this.#child = start(commandFor('bun', FILE, JSON.stringify(work)), Core.Load);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors += text;
    });
    this.#timer = setTimeout(() => this.#child.kill('SIGKILL'), work.warmUpMs + work.durationMs + TIMEOUT_MS);
  }

  /** The next thing it says. @throws Error with its own words if it fails. */
  async line() {
    const { value, done } = await this.#lines.next();
    if (!done) return value;
    if (!this.#child.stderr.closed) await once(this.#child.stderr, 'close');
    throw new Error(this.#errors.trim() || 'Expected a line from the load, received its end');
  }

  async result() {
    return JSON.parse(await this.line());
  }

  /** Has it go on with its next phase. */
  proceed() {
    this.#child.stdin.write('\n');
  }

  async stop() {
    clearTimeout(this.#timer);
    await stop(this.#child);
  }
}
