/** A client, a hub and the network between them, all in memory, on one clock. */
import { Client, type ClientOptions, HawserError } from '../src/index.ts';
import { FakeClock } from '../src/testing.ts';
import { FakeNetwork } from './fake-network.ts';
import { ModelHub } from './model-hub.ts';

export class Scene {
  readonly clock = new FakeClock(1_000_000);
  readonly network = new FakeNetwork(this.clock);
  readonly hub = new ModelHub(this.network);
  readonly #clients: Client[] = [];
  #seed = 0;

  /** A client that has begun to connect. */
  client(options: ClientOptions = {}): Client {
    const { clock, network } = this;
    const lifecycle = { watch: () => () => {} };
    const random = (): number => {
      this.#seed = (this.#seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
      return this.#seed;
    };
    const client = new Client('ws://hub.test/', {
      WebSocket: network.WebSocket,
      clock,
      random,
      lifecycle,
      token: 'ana',
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** Closes every client. */
  close(): void {
    for (const client of this.#clients) client.close();
  }

  /** Lets time pass in small steps, and what waits for promises run between them. */
  async pass(ms = 50, stepMs = 5): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await settle();
      this.clock.advance(Math.min(stepMs, ms - passed));
    }
    await settle();
  }
}

/** Lets everything run that waits for promises. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The code with which a promise is rejected. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof HawserError) return error.code;
    throw error;
  }
  throw new Error('Expected a rejection, received a result');
}
