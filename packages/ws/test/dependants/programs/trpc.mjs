/** @trpc/server's adapter for ws: a query, a mutation and a subscription. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocket, WebSocketServer } from 'ws';

const t = initTRPC.create();
let total = 0;
const router = t.router({
  hello: t.procedure.query(() => 'world'),
  add: t.procedure
    .input((value) => Number(value))
    .mutation(({ input }) => {
      total += input;
      return total;
    }),
  count: t.procedure.subscription(async function* () {
    for (let count = 1; count <= 3; count++) yield count;
  }),
});
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
const handler = applyWSSHandler({ wss: server, router, createContext: () => ({}) });
await once(server, 'listening');
const wsClient = createWSClient({ url: `ws://127.0.0.1:${server.address().port}`, WebSocket });
const client = createTRPCClient({ links: [wsLink({ client: wsClient })] });
assert.equal(await client.hello.query(), 'world');
assert.equal(await client.add.mutate(5), 5);
const received = [];
await new Promise((resolve, reject) => {
  client.count.subscribe(undefined, {
    onData: (value) => received.push(value),
    onComplete: resolve,
    onError: reject,
  });
});
assert.deepEqual(received, [1, 2, 3]);
await wsClient.close();
handler.broadcastReconnectNotification();
server.close();
