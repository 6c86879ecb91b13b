/** Together with the npm package `ws`. */
import { once } from 'node:events';
import { describe, type TestContext } from 'node:test';
import { WebSocketServer as WsServer, WebSocket as WsWebSocket } from 'ws';
import { placeOf } from '../servers.ts';
import { type Compression, eachCompression, talkAsClient, talkAsServer } from './conversation.ts';

describe('ws', () => {
  eachCompression('as our client’s server', false, async (t, compression) => {
    await talkAsClient(await startEcho(t, compression), compression);
  });

  eachCompression('as our server’s client', false, async (t, compression) => {
    await talkAsServer(t, compression, (url) => {
      const socket = new WsWebSocket(url, { perMessageDeflate: compression !== 'off' });
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
  });
});

async function startEcho(t: TestContext, compression: Compression): Promise<string> {
  const server = new WsServer({ port: 0, host: '127.0.0.1', perMessageDeflate: compression !== 'off' });
  t.after(() => server.close());
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await once(server, 'listening');
  return `ws://127.0.0.1:${placeOf(server.address()).port}/`;
}
