/** graphql-ws: its server on our server, its client on our client; a query, a subscription, one that is ended early. */

import { EventEmitter, once } from 'node:events';
import { buildSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';
import { report, whoseWs } from './report.mjs';

const schema = buildSchema(`
  type Query { greeting(name: String!): String }
  type Subscription { count(to: Int!): Int  ticks: Int }
`);
const ticksServed = new EventEmitter();
const roots = {
  query: { greeting: ({ name }) => `Hello ${name}` },
  subscription: {
    async *count({ to }) {
      for (let count = 1; count <= to; count += 1) yield { count };
    },
    async *ticks() {
      try {
        for (let ticks = 0; ; ticks += 1) yield { ticks };
      } finally {
        ticksServed.emit('end');
      }
    },
  },
};

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql' });
const served = useServer(
  { schema, roots, onConnect: ({ connectionParams }) => connectionParams?.key === 'open sesame' },
  server,
);
await once(server, 'listening');
const url = `ws://127.0.0.1:${server.address().port}/graphql`;

const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: { key: 'open sesame' } });
const protocol = new Promise((resolve) => {
  client.on('connected', (socket) => resolve([socket.protocol, socket instanceof WebSocket]));
});
const query = await take(client, 'query { greeting(name: "Ana") }');
const counted = await take(client, 'subscription { count(to: 3) }');
const ticksEnd = once(ticksServed, 'end');
const ticks = await take(client, 'subscription { ticks }', 2);
// Because the client has had enough, for it would go on for ever.
await ticksEnd;
const findings = {
  whose: whoseWs('graphql-ws'),
  protocol: await protocol,
  query,
  counted,
  ticks,
  refused: await refusal(),
};
await client.dispose();
await served.dispose();
server.close();
report(findings);

/** The first results of an operation. */
async function take(from, query, count = Number.POSITIVE_INFINITY) {
  const results = [];
  for await (const { data } of from.iterate({ query })) {
    results.push(data);
    if (results.length === count) break;
  }
  return results;
}

/** How a client without the key is turned away. */
async function refusal() {
  const stranger = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  try {
    return await take(stranger, 'query { greeting(name: "Bo") }');
  } catch ({ code, reason }) {
    return { code, reason };
  }
}
