/** Our own hub as the server under test: what docs/wire.md, "Conformance", wants of one. */

import { Hub } from '@hawser/hub';
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

/** Starts our hub on a free port. */
export async function startOwnHub(): Promise<OwnHub> {
  const hub = new Hub({
    prepare: (data) => new PreparedMessage(data),
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
    timing: { connectTimeoutMs: 2_000, presenceGraceMs: 500 },
  });
  const server = new WebSocketServer(hub.serverOptions());
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

function urlOf(address: ReturnType<WebSocketServer['address']>): string {
  if (typeof address === 'object') return `ws://127.0.0.1:${address.port}/`;
  throw new TypeError(`Expected a port, received ${address}`);
}
