/** y-websocket: two documents that become one through its server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { WebSocket, WebSocketServer } from 'ws';

// All of it by require: yjs may be loaded in one form only.
const require = createRequire(import.meta.url);
const Y = require('yjs');
const { WebsocketProvider } = require('y-websocket');
const { setupWSConnection } = require('y-websocket/bin/utils');
const httpServer = createServer();
const server = new WebSocketServer({ noServer: true });
server.on('connection', setupWSConnection);
httpServer.on('upgrade', (request, socket, head) => {
  server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
});
await once(httpServer.listen(0, '127.0.0.1'), 'listening');
const url = `ws://127.0.0.1:${httpServer.address().port}`;
const documents = [new Y.Doc(), new Y.Doc()];
const providers = documents.map(
  (document) =>
    new WebsocketProvider(url, 'room', document, { WebSocketPolyfill: WebSocket, disableBc: true }),
);
const [first, second] = documents.map((document) => document.getText('text'));
const arrived = new Promise((resolve) => second.observe(() => resolve(second.toString())));
await Promise.all(providers.map((provider) => new Promise((resolve) => provider.once('sync', resolve))));
first.insert(0, 'written together');
assert.equal(await arrived, 'written together');
for (const provider of providers) provider.destroy();
for (const client of server.clients) client.terminate();
httpServer.close();
// The server's room keeps a timer.
setImmediate(() => process.exit());
