/** A client over a real socket whose messages a test awaits one by one. */

import { WebSocket } from '@hawser/websocket';

export interface TestSocketOptions {
  readonly protocol?: string;
  readonly origin?: string;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class TestSocket {
  readonly #socket: WebSocket;
  readonly #messages: unknown[] = [];
  readonly #waiting: ((message: unknown) => void)[] = [];
  readonly opened: Promise<boolean>;
  readonly closed: Promise<Closed>;

  constructor(url: string, { protocol, origin }: TestSocketOptions = {}) {
    this.#socket = new WebSocket(url, protocol ?? [], origin === undefined ? {} : { origin });
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }) => this.#receive(data));
    this.opened = new Promise((resolve) => {
      this.#socket.addEventListener('open', () => resolve(true));
      this.#socket.addEventListener('error', () => resolve(false));
    });
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  async send(message: string | Uint8Array): Promise<void> {
    await this.opened;
    this.#socket.send(typeof message === 'string' ? message : Uint8Array.from(message));
  }

  next(): Promise<unknown> {
    if (this.#messages.length > 0) return Promise.resolve(this.#messages.shift());
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(message: unknown): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#messages.push(message);
    else waiting(message);
  }
}
