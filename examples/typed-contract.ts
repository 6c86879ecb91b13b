/**
 * A typed contract: schemas, written down once, from which both ends have their types and the checks at run time.
 *
 *     npm run example examples/typed-contract.ts
 */
import { Client, type ContractOf, HawserError } from '@hawser/client';
import { schemaChecks } from '@hawser/client/schemas';
import { Hub } from '@hawser/hub';
import { PreparedMessage, type UpgradeRequest, WebSocket, WebSocketServer } from '@hawser/websocket';
import { z } from 'zod';

// What server and client share. Any library will do that speaks Standard Schema.
const schemas = {
  channels: {
    'room:*': z.object({ text: z.string().max(200) }),
    'price:*': z.object({ bid: z.number(), ask: z.number() }),
  },
};
type Contract = ContractOf<typeof schemas>;

const hub = new Hub<PreparedMessage, UpgradeRequest, Contract>({
  prepare: (data) => new PreparedMessage(data),
  namespaces: { room: {}, price: { policy: 'latest' } },
  authenticate: () => ({ user: 'ann', permissions: { channels: { 'room:*': ['subscribe', 'publish'] } } }),
  schemas,
});
const server = new WebSocketServer(hub.serverOptions());
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.address();
const port = typeof address === 'object' ? address.port : 0;

const client = new Client<Contract>(`ws://127.0.0.1:${port}/`, { WebSocket, checks: schemaChecks(schemas) });
const lobby = client.channel('room:lobby');
const messages = lobby.messages();
await lobby.publish({ text: 'Hello' });
for await (const { data } of messages) {
  console.log('Received:', data.text.toUpperCase());
  break;
}

try {
  // @ts-expect-error The compiler knows what a room carries.
  await lobby.publish({ txet: 'Hello' });
} catch (error) {
  console.log('Refused:', error instanceof HawserError ? error.message : error);
}

client.close();
await hub.drain({ windowMs: 0 });
await server.close();
