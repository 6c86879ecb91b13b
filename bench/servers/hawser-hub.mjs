/**
 * The hub on a port of its own: clients say who they are by a token, subscribe to `fan:all`, which delivers everything
 * to everyone, and publish there. The rates of clients and addresses are set so that a load can come from one of each;
 * they are metered all the same.
 */
import process from 'node:process';
import { Hub } from '../../packages/hub/dist/index.js';
import { PreparedMessage, WebSocketServer } from '../../packages/websocket/dist/index.js';

const PLENTY = 1_000_000_000;
const plenty = { perSecond: PLENTY, burst: PLENTY };

const hub = new Hub({
  prepare: (data) => new PreparedMessage(data),
  namespaces: { fan: { policy: 'every' } },
  authenticate: ({ token }) => {
    const user = /^token of ([\w-]+)$/.exec(token ?? '')?.[1];
    if (user === undefined) return undefined;
    return { user, permissions: { channels: { 'fan:*': ['subscribe', 'publish'] } } };
  },
  rateLimits: { commands: plenty, bytes: plenty },
  addressLimits: { maxConnectionsPerAddress: PLENTY, connects: plenty },
});

const server = new WebSocketServer({
  ...hub.serverOptions(),
  perMessageDeflate: process.env.DEFLATE === '1',
});

await server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
