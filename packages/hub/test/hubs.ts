/** Hubs for tests, with clients in memory and a clock that the test turns. */
import type { Command, Data, Position, ServerMessage } from '@hawser/wire';
import { type Broker, Hub, type HubOptions, MemoryBroker } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryTransport, type Prepared } from './memory-transport.ts';

type Request = { readonly remoteAddress?: string };
type Options = HubOptions<Prepared, Request>;

/** What a client says, its `id` left to the test client. */
type Said = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never;

export interface TestHub {
  readonly hub: Hub<Prepared, Request>;
  readonly clock: FakeClock;
  readonly broker: Broker;
  /** What the hub's `onError` heard. */
  readonly errors: unknown[];
  /** How often a message was encoded for many. */
  readonly prepared: () => number;
  /** A client that has connected: a user may do everything. */
  client(user?: string): Promise<TestClient>;
  /** A client that has not said a word. */
  stranger(request?: Request): TestClient;
}

/** All that can be done, for everybody. */
export const everything = {
  channels: {
    'room:*': ['subscribe', 'publish', 'history', 'presence'],
    'price:*': ['subscribe', 'publish', 'history', 'presence'],
    'game:*': ['subscribe', 'publish', 'history', 'presence'],
  },
  methods: ['*'],
} as const;

/** Whoever shows a token is the user of that name, and may do everything. */
export function startHub(options: Partial<Options> = {}, clock: FakeClock = new FakeClock()): TestHub {
  const broker = options.broker ?? new MemoryBroker({ clock });
  const errors: unknown[] = [];
  let prepared = 0;
  const hub = new Hub<Prepared, Request>({
    namespaces: { room: {}, price: { policy: 'latest' }, game: { policy: 'volatile' } },
    authenticate: ({ token }) => (token === undefined ? undefined : { user: token, permissions: everything }),
    onError: (error) => errors.push(error),
    ...options,
    prepare: (data) => {
      prepared += 1;
      return { data };
    },
    broker,
    clock,
  });
  const stranger = (request: Request = {}): TestClient => new TestClient(hub, clock, request);
  return {
    hub,
    clock,
    broker,
    errors,
    prepared: () => prepared,
    stranger,
    client: async (user = 'ann') => {
      const client = stranger();
      await client.ask({ type: 'connect', token: user });
      return client;
    },
  };
}

/** Lets everything happen that can without time passing. */
export async function settle(clock: FakeClock): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(0);
  }
}

/** The other end of a connection in memory. It reads when it is told to. */
export class TestClient {
  readonly transport: MemoryTransport;
  readonly #clock: FakeClock;
  /** What was read and not asked for yet. */
  #inbox: ServerMessage[] = [];
  #nextId = 1;

  constructor(hub: Hub<Prepared, Request>, clock: FakeClock, request: Request) {
    this.transport = new MemoryTransport(hub.highWaterMark);
    this.#clock = clock;
    this.transport.connection = hub.open(this.transport, request);
  }

  /** Sends a command, and does not wait. Returns its id. */
  say(command: Said): number {
    const id = this.#nextId++;
    this.transport.command({ ...command, id });
    return id;
  }

  /** Sends a frame as it is. */
  sayRaw(frame: string | Uint8Array): void {
    this.transport.connection?.receive(frame);
  }

  /** Sends a command and returns the reply; what came beside it waits for `read`. */
  async ask(command: Said): Promise<ServerMessage> {
    const id = this.say(command);
    for (let turn = 0; turn < 100; turn++) {
      this.#inbox.push(...this.transport.take());
      const index = this.#inbox.findIndex((message) => 'id' in message && message.id === id);
      const [reply] = index === -1 ? [] : this.#inbox.splice(index, 1);
      if (reply !== undefined) return reply;
      await settle(this.#clock);
    }
    throw new Error(`Expected a reply to ${command.type}, received none`);
  }

  subscribe(channel: string, since?: Position): Promise<ServerMessage> {
    return this.ask({ type: 'subscribe', channel, ...(since && { since }) });
  }

  publish(
    channel: string,
    data: Data,
    more: { messageId?: string; key?: string } = {},
  ): Promise<ServerMessage> {
    return this.ask({ type: 'publish', channel, data, ...more });
  }

  /** Takes what has come so far. */
  async read(): Promise<ServerMessage[]> {
    await settle(this.#clock);
    const read = [...this.#inbox, ...this.transport.take()];
    this.#inbox = [];
    return read;
  }

  /** Reads until nothing comes any more. */
  async readAll(): Promise<ServerMessage[]> {
    const all: ServerMessage[] = [];
    for (let read = await this.read(); read.length > 0; read = await this.read()) all.push(...read);
    return all;
  }

  /** The connection breaks. */
  lose(): void {
    this.transport.closeCode ??= 1006;
    this.transport.connection?.closed('lost');
  }

  /** The client closes it. */
  leave(): void {
    this.transport.closeCode ??= 1000;
    this.transport.connection?.closed('left');
  }
}
