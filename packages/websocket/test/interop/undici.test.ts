/** Together with the npm package `undici`, which is Node.js's own `WebSocket`. It has no server. */
import { describe } from 'node:test';
import { WebSocket as UndiciWebSocket } from 'undici';
import { eachCompression, talkAsServer } from './conversation.ts';

describe('undici', () => {
  // It offers compression always; whether there is any is the server's choice.
  eachCompression('as our server’s client', false, async (t, compression) => {
    await talkAsServer(t, compression, (url) => {
      const socket = new UndiciWebSocket(url);
      socket.binaryType = 'arraybuffer';
      socket.onmessage = ({ data }) => socket.send(data);
    });
  });
});
