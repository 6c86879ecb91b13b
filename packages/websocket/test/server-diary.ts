/**
 * What a server's handlers were told, as lines: `open`, `message "Hello"`, `close 1000 "bye"`, `error invalid-utf8`.
 * A test hands `diary.handlers` to its server and waits for the line that it expects.
 */
import { setImmediate } from 'node:timers/promises';
import type { CommonServerOptions } from '../src/options.ts';

export class ServerDiary {
  readonly lines: string[] = [];
  readonly errors: Error[] = [];

  /** Handlers that write everything down and do nothing else. */
  readonly handlers: Required<
    Pick<CommonServerOptions<unknown>, 'open' | 'message' | 'close' | 'drain' | 'error' | 'refused'>
  > = {
    open: () => this.#write('open'),
    message: (_peer, message) => this.#write(`message ${tell(message)}`),
    close: (_peer, { code, reason, clean }) =>
      this.#write(`close ${code} ${JSON.stringify(reason)}${clean ? '' : ' unclean'}`),
    drain: () => this.#write('drain'),
    error: (_peer, error) => this.#writeError('error', error),
    refused: (error) => this.#writeError('refused', error),
  };

  /** Waits until a line stands there. */
  async until(line: string): Promise<void> {
    await until(() => this.lines.includes(line));
  }

  #write(line: string): void {
    this.lines.push(line);
  }

  #writeError(kind: string, error: Error): void {
    this.errors.push(error);
    this.#write(`${kind} ${'code' in error ? error.code : error.name}`);
  }
}

/** Lets the event loop turn until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

/** Lets the event loop turn once: what was sent in this turn has been written. */
export async function endOfTurn(): Promise<void> {
  await setImmediate();
}

function tell(message: string | Uint8Array): string {
  return typeof message === 'string' ? JSON.stringify(message) : Buffer.from(message).toString('hex');
}
