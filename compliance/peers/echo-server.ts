/** Our server as the compliance cases want it: it echoes, and prints its URL when it listens. */

import { WebSocketServer } from '@hawser/websocket';

const server = new WebSocketServer({
  allowedOrigins: 'any',
  // Everything is compressed that may be, in every way that may be agreed on.
  perMessageDeflate: { threshold: 0, serverContextTakeover: true, clientContextTakeover: true },
  message(peer, message) {
    peer.send(message);
  },
});
await server.listen({ port: Number(process.argv[2] ?? 0), host: '127.0.0.1' });
const address = server.address();
if (typeof address === 'object') console.log(`ws://127.0.0.1:${address.port}/`);
process.once('SIGTERM', () => process.exit());
