/**
 * Recovery: the connection breaks, others go on talking, and the client misses nothing; what it says meanwhile is not lost
 * either, and nothing comes twice.
 *
 *     npm run example examples/recovery.ts
 */
import { Client } from '@hawser/client';
import { Hub } from '@hawser/hub';
import { PreparedMessage, WebSocket, WebSocketServer } from '@hawser/websocket';

const hub = new Hub({
  prepare: (data) => new PreparedMessage(data),
  // Who was away for no more than 100 messages misses nothing.
  namespaces: { room: { history: { messages: 100 } } },
  authenticate: () => ({ user: 'ann', permissions: { channels: { 'room:*': ['subscribe', 'publish'] } } }),
});
const server = new WebSocketServer(hub.serverOptions());
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.address();
const port = typeof address === 'object' ? address.port : 0;

const client = new Client(`ws://127.0.0.1:${port}/`, { WebSocket });
client.on('state', ({ status }) => console.log(`(${status})`));

const lobby = client.channel('room:lobby');
lobby.on('subscribed', ({ recovered }) => console.log(`(${recovered ? 'nothing' : 'something'} is missing)`));
const messages = lobby.messages();
await lobby.publish('Is anybody here?');

// The cable is pulled.
for (const peer of server.peers) peer.terminate();
await hub.publish('room:lobby', 'Yes, I am');
await hub.publish('room:lobby', 'Hello? Where are you?');

// Waits until there is a connection, and is done when the hub has it.
const published = lobby.publish('Sorry, I was in a tunnel');

for await (const { offset, data } of messages) {
  console.log(`${offset}. ${data}`);
  if (offset === 4) break;
}
console.log(`The hub has it as message ${(await published).offset}`);

client.close();
await hub.drain({ windowMs: 0 });
await server.close();
