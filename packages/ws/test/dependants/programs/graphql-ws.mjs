/** graphql-ws: a query and a subscription, client and server. */
import assert from 'node:assert/strict';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { hello: { type: GraphQLString, resolve: () => 'world' } },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      count: {
        type: GraphQLInt,
        async *subscribe() {
          for (let count = 1; count <= 3; count++) yield { count };
        },
      },
    },
  }),
});
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/graphql' });
const disposable = useServer({ schema }, server);
await new Promise((resolve) => server.on('listening', resolve));
const client = createClient({
  url: `ws://127.0.0.1:${server.address().port}/graphql`,
  webSocketImpl: WebSocket,
});
const results = async (query) => {
  const received = [];
  for await (const { data } of client.iterate({ query })) received.push(data);
  return JSON.stringify(received);
};
assert.equal(await results('{ hello }'), '[{"hello":"world"}]');
assert.equal(await results('subscription { count }'), '[{"count":1},{"count":2},{"count":3}]');
await client.dispose();
await disposable.dispose();
