/** Our own hub as the server under test: what docs/wire.md, "Conformance", wants of one. */

import { Hub, type Transport } from '@hawser/hub';
import { PreparedMessage, WebSocketServer } from '@hawser/websocket';
import type { Subject } from './runner.ts';

/** A server under test that was started here. */
export interface OwnHub extends Subject {
  close(): Promise<void>;
}

const tokens = { first: 'token-of-ann', second: 'token-of-bob' } as const;
const users: ReadonlyMap<string | undefined, string> = new Map([
  [tokens.first, 'ann'],
  [tokens.second, 'bob'],
]);
const everything = ['subscribe', 'publish', 'history', 'presence'] as const;
/** What its users may do. Namespaces that there are not are among it, so that not only the permission refuses them. */
const permissions = {
  channels: {
    'every:*': everything,
    'latest:*': everything,
    'volatile:*': everything,
    'trimmed:*': everything,
    'nowhere:*': everything,
    '__proto__:*': everything,
    'constructor:*': everything,
  },
  methods: ['*'],
};
const unlimited = { perSecond: Infinity, burst: Infinity };
const keepsAll = { messages: 10_000, bytes: 64 * 1024 * 1024, ageMs: 600_000 };

/** Changes a frame that the hub sends: so tests make it wrong. */
export type EditFrame = (frame: string | Uint8Array) => string | Uint8Array;

/** Starts our hub on a free port. */
export async function startOwnHub(edit?: EditFrame): Promise<OwnHub> {
  const hub = new Hub({
    prepare: (data) => new PreparedMessage(edit ? edit(data) : data),
    namespaces: {
      every: { history: keepsAll, presence: true },
      latest: { policy: 'latest', history: keepsAll },
      volatile: { policy: 'volatile' },
      trimmed: { history: { messages: 4 } },
      deny: {},
    },
    authenticate: ({ token }) => {
      const user = users.get(token);
      return user === undefined ? undefined : { user, permissions };
    },
    methods: { echo: (data) => data },
    rateLimits: { commands: unlimited, bytes: unlimited, subscriptions: unlimited, refusals: unlimited },
    addressLimits: { connects: unlimited },
    timing: { connectTimeoutMs: 5_000 },
  });
  const options = hub.serverOptions();
  const open = (peer: Parameters<typeof options.open>[0]): void => {
    peer.data = hub.open(edit ? edited(peer, edit) : peer, peer.request);
  };
  const server = new WebSocketServer({ ...options, open });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    url: urlOf(server.address()),
    tokens,
    close: async () => {
      await hub.drain({ windowMs: 1 });
      await server.close();
    },
  };
}

/** The transport, with another `send`. */
function edited(transport: Transport<PreparedMessage>, edit: EditFrame): Transport<PreparedMessage> {
  return {
    send: (message) => transport.send(message instanceof PreparedMessage ? message : edit(message)),
    get bufferedAmount() {
      return transport.bufferedAmount;
    },
    pause: () => transport.pause(),
    resume: () => transport.resume(),
    close: (code, reason) => transport.close(code, reason),
    terminate: () => transport.terminate(),
  };
}

function urlOf(address: ReturnType<WebSocketServer['address']>): string {
  if (typeof address === 'object') return `ws://127.0.0.1:${address.port}/`;
  throw new TypeError(`Expected a port, received ${address}`);
}
