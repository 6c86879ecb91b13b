/**
 * Gives the class the rest of the package as properties, so that `require` and the default export have everything:
 * `WebSocket.Server`, `WebSocket.createWebSocketStream`, and `WebSocket.WebSocket` for those who destructure.
 */

import { extension } from './extension.ts';
import { PerMessageDeflate } from './per-message-deflate.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { WebSocketServer } from './server.ts';
import { createWebSocketStream } from './stream.ts';
import { subprotocol } from './subprotocol.ts';
import { WebSocket } from './websocket.ts';

Object.assign(WebSocket, {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  Server: WebSocketServer,
  subprotocol,
  WebSocket,
  WebSocketServer,
});

export { WebSocket } from './websocket.ts';
