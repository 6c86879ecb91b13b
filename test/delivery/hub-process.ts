/** The server of the delivery test in a process of its own, which can be killed and started again on the same log. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('hub-program.ts', import.meta.url));

/** A hub that can be killed. */
export class HubProcess {
  readonly #directory: string;
  #child: ChildProcess | undefined;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes one with an empty log, and starts it. */
  static async start(): Promise<HubProcess> {
    const hub = new HubProcess(await mkdtemp(join(tmpdir(), 'hawser-delivery-')));
    await hub.start();
    return hub;
  }

  /** Where it listens: the same for all its lives. Of what waits in a Unix socket the kernel keeps little, so a hub soon feels who does not read. */
  get socketPath(): string {
    return join(this.#directory, 'socket');
  }

  /** Where its log is. */
  get logDirectory(): string {
    return join(this.#directory, 'log');
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  async start(): Promise<void> {
    const child = fork(program, [this.#directory], {
      execArgv: ['--conditions=hawser-source', '--import=tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await Promise.race([once(child, 'message'), endOf(child)]);
    this.#child = child;
  }

  /** How many subscriptions the hub does not push to, because they are not at the head of their channels. */
  async countBehind(): Promise<number> {
    if (this.#child === undefined) throw new Error('Expected a hub that runs, received one that was killed');
    this.#child.send('How many are behind?');
    const [count] = await once(this.#child, 'message');
    return Number(count);
  }

  /** Ends it as a power failure would: it hears nothing of it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Ends it for good. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function endOf(child: ChildProcess): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`Expected a hub that listens, received one that ended with ${code ?? signal}`);
}
