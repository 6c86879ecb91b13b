/** Together with the npm package `faye-websocket`, which compresses with `permessage-deflate`. */
import { createServer } from 'node:http';
import { describe, type TestContext } from 'node:test';
import FayeWebSocket from 'faye-websocket';
import permessageDeflate from 'permessage-deflate';
import { startHttp } from '../servers.ts';
import { type Compression, eachCompression, talkAsClient, talkAsServer } from './conversation.ts';

describe('faye-websocket', () => {
  eachCompression('as our client’s server', false, async (t, compression) => {
    await talkAsClient(await startEcho(t, compression), compression);
  });

  eachCompression('as our server’s client', false, async (t, compression) => {
    await talkAsServer(t, compression, (url) => {
      echo(new FayeWebSocket.Client(url, [], optionsFor(compression)));
    });
  });
});

async function startEcho(t: TestContext, compression: Compression): Promise<string> {
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    echo(new FayeWebSocket(request, socket, head, [], optionsFor(compression)));
  });
  const { host, port } = await startHttp(t, server);
  return `ws://${host}:${port}/`;
}

function optionsFor(compression: Compression): { extensions: readonly object[] } {
  return { extensions: compression === 'off' ? [] : [permessageDeflate] };
}

function echo(socket: FayeWebSocket): void {
  socket.onmessage = ({ data }) => socket.send(data);
}
