/** tRPC over WebSockets: a query, a mutation, a subscription that both sides end, the notice to reconnect. */

import { EventEmitter, on, once } from 'node:events';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { initTRPC, TRPCError } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocket, WebSocketServer } from 'ws';
import { report } from './report.mjs';

const t = initTRPC.context().create();
const posts = [];
const news = new EventEmitter();
const text = (value) => {
  if (typeof value === 'string') return value;
  throw new TRPCError({ code: 'BAD_REQUEST', message: 'Expected text' });
};
const router = t.router({
  whoAmI: t.procedure.query(({ ctx }) => ctx.name),
  post: t.procedure.input(text).mutation(({ input }) => {
    news.emit('post', input);
    return posts.push(input);
  }),
  posts: t.procedure.subscription(async function* ({ signal }) {
    // Listens first: whoever hears of the beginning may post at once.
    const coming = on(news, 'post', { signal });
    yield 'begin';
    for await (const [post] of coming) {
      yield post;
      if (post === 'end') return;
    }
  }),
});

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
const handler = applyWSSHandler({
  wss: server,
  router,
  createContext: ({ req, info }) => ({ name: `${info.connectionParams?.name} at ${req.url.split('?')[0]}` }),
  keepAlive: { enabled: true },
});
await once(server, 'listening');

let opened = 0;
const reopened = Promise.withResolvers?.() ?? deferred();
const wsClient = createWSClient({
  url: `ws://127.0.0.1:${server.address().port}/trpc`,
  WebSocket,
  connectionParams: { name: 'Ana' },
  retryDelayMs: () => 0,
  onOpen: () => {
    opened += 1;
    if (opened === 2) reopened.resolve();
  },
});
const client = createTRPCClient({ links: [wsLink({ client: wsClient })] });

const query = await client.whoAmI.query();
const heard = await subscription();
const mistake = await client.post.mutate(5).catch((error) => error.data.code);
handler.broadcastReconnectNotification();
await reopened.promise;
const again = await client.whoAmI.query();
const isOurs = wsClient.connection?.ws instanceof WebSocket;
await wsClient.close();
for (const peer of server.clients) peer.terminate();
server.close();
report({ isOurs, query, heard, posts, mistake, again, opened });

/** What a subscriber hears. */
function subscription() {
  const heard = [];
  return new Promise((resolve, reject) => {
    client.posts.subscribe(undefined, {
      onData: (post) => {
        heard.push(post);
        if (post === 'begin') client.post.mutate('one').then(() => client.post.mutate('end'), reject);
      },
      onComplete: () => resolve(heard),
      onError: reject,
    });
  });
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve) => {
    made.resolve = resolve;
  });
  return made;
}
