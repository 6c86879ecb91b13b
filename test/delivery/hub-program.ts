/**
 * The server of the delivery test: `node hub-program.ts DIRECTORY`. A hub with its log and its socket in a directory; it tells its
 * parent when it listens, and how many subscriptions are behind whenever the parent asks. All limits are those that hold for everybody.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Hub } from '@hawser/hub';
import { LmdbBroker } from '@hawser/lmdb';
import { PreparedMessage, WebSocketServer } from '@hawser/websocket';

/** Nothing is trimmed: the test wants to see every message. */
const history = { messages: 1e9, bytes: 1e12, ageMs: 1e12 };

const [directory = ''] = process.argv.slice(2);
const broker = await LmdbBroker.open({ directory: join(directory, 'log') });
const hub = new Hub({
  prepare: (data) => new PreparedMessage(data),
  namespaces: { room: { history } },
  authenticate: ({ token }) =>
    token === undefined
      ? undefined
      : { user: token, permissions: { channels: { 'room:*': ['subscribe', 'publish'] } } },
  broker,
});
const server = new WebSocketServer(hub.serverOptions());
const socketPath = join(directory, 'socket');
// One that was killed leaves it behind.
await rm(socketPath, { force: true });
await server.listen({ socketPath });

process.send?.('listening');
process.on('message', () => process.send?.(hub.stats().behind));
// Nobody is left to kill it.
process.on('disconnect', () => process.exit());
