/** Two Yjs documents come to agree through y-websocket's server: what was there, what comes, who is there, who left. */

import { createServer } from 'node:http';
import { docs, setupWSConnection } from '@y/websocket-server/utils';
import { WebSocket, WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { listen, report, whoseWs } from './report.mjs';

const http = createServer();
const server = new WebSocketServer({ noServer: true });
server.on('connection', setupWSConnection);
http.on('upgrade', (request, socket, head) => {
  server.handleUpgrade(request, socket, head, (websocket) => server.emit('connection', websocket, request));
});
const url = `ws://127.0.0.1:${await listen(http)}`;

const ana = join();
ana.text.insert(0, 'Hello');
const bo = join();
const before = await until(bo, () => bo.text.toString() === 'Hello' && bo.text.toString());
bo.text.insert(5, ' world');
const after = await until(ana, () => ana.text.toString().endsWith('world') && ana.text.toString());

ana.provider.awareness.setLocalStateField('user', 'Ana');
const seen = await until(bo, () => stateOf(ana, bo)?.user);

// Both write while one is away, and find together when it is back.
ana.provider.disconnect();
const gone = await until(bo, () => stateOf(ana, bo) === undefined);
ana.text.insert(0, '> ');
bo.text.insert(bo.text.length, '!');
ana.provider.connect();
const merged = await until(bo, () => bo.text.toString().startsWith('> ') && bo.text.toString());
await until(ana, () => ana.text.toString() === merged);

const isOurs = [ana, bo].map(({ provider }) => provider.ws instanceof WebSocket);
const peers = [...docs.get('page').conns.keys()].map((peer) => peer instanceof WebSocket);
for (const { provider, doc } of [ana, bo]) {
  provider.destroy();
  doc.destroy();
}
await Promise.all([...server.clients].map((peer) => new Promise((resolve) => peer.once('close', resolve))));
http.close();
// The server keeps a document for ever, and with it a timer.
for (const doc of docs.values()) doc.destroy();
report({
  whose: whoseWs('@y/websocket-server'),
  isOurs,
  peers,
  before,
  after,
  seen,
  gone,
  merged,
});

function join() {
  const doc = new Y.Doc();
  // Without the channel on which pages of one browser talk past the server.
  const provider = new WebsocketProvider(url, 'page', doc, { WebSocketPolyfill: WebSocket, disableBc: true });
  return { doc, provider, text: doc.getText('body') };
}

function stateOf(whom, who) {
  return who.provider.awareness.getStates().get(whom.doc.clientID);
}

/** What the condition gives, once that is something; it is asked after each change. */
function until({ doc, provider }, condition) {
  return new Promise((resolve) => {
    const check = () => {
      const value = condition();
      if (!value) return;
      doc.off('update', check);
      provider.awareness.off('change', check);
      resolve(value);
    };
    doc.on('update', check);
    provider.awareness.on('change', check);
    check();
  });
}
