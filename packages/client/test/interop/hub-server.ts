/** A real hub on a real port, which can be taken away and come back. */
import { Hub, MemoryBroker } from '@hawser/hub';
import { PreparedMessage, type UpgradeRequest, WebSocketServer } from '@hawser/websocket';

/** Whoever shows a token is the user of that name, and may do everything in rooms. */
export class HubServer {
  readonly broker = new MemoryBroker();
  #hub: Hub<PreparedMessage, UpgradeRequest> | undefined;
  #server: { readonly peers: Iterable<{ terminate(): void }>; close(): Promise<void> } | undefined;
  #port = 0;

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/`;
  }

  get hub(): Hub<PreparedMessage, UpgradeRequest> {
    if (this.#hub === undefined) throw new Error('Expected a hub that was started');
    return this.#hub;
  }

  /** Begins, on the same port as before. */
  async start(): Promise<void> {
    const hub = new Hub<PreparedMessage, UpgradeRequest>({
      prepare: (data) => new PreparedMessage(data),
      namespaces: { room: { presence: true } },
      authenticate: ({ token }) => (token === undefined ? undefined : { user: token, permissions }),
      methods: { double: (input) => Number(input) * 2 },
      broker: this.broker,
    });
    const server = new WebSocketServer({ ...hub.serverOptions(), allowedOrigins: 'any' });
    await server.listen({ port: this.#port, host: '127.0.0.1' });
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    this.#hub = hub;
    this.#server = server;
  }

  /** Ends every connection, as a network does. */
  cut(): void {
    for (const peer of this.#server?.peers ?? []) peer.terminate();
  }

  /** Ends, as a deployment does. What is published meanwhile has to wait. */
  async stop(): Promise<void> {
    await this.#hub?.drain({ windowMs: 0 });
    await this.#server?.close();
  }

  /** Ends and begins. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }
}

const permissions = {
  channels: { 'room:*': ['subscribe', 'publish', 'history', 'presence'] },
  methods: ['*'],
} as const;
