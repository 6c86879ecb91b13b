/** The public face of the Node client and server. */

export {
  Budget,
  CloseCode,
  type CloseStatus,
  type ConnectionError,
  defaultLimits,
  HandshakeError,
  HttpHeaders,
  InternalError,
  LimitError,
  type Limits,
  PreparedMessage,
  ProtocolError,
  ViolationError,
  WindowPool,
} from '@hawser/protocol';
export type { OpenTransport, TransportTarget, WebSocketOptions } from './client-options.ts';
export type { CancelTimer, Clock } from './clock.ts';
export type { WebSocketCloseInfo } from './close-info.ts';
export { ConnectionEndedError } from './connection-ended-error.ts';
export type { DeflateOptions } from './deflate.ts';
export type { EventHandler } from './event-handler.ts';
export type { IncomingMessage } from './incoming-message.ts';
export type { ListenOptions } from './listener.ts';
export type { ReadChunk, ReceivedChunk, WrittenChunk } from './message-streams.ts';
export type {
  AllowedOrigins,
  Authorization,
  Subprotocols,
  WebSocketServerOptions,
} from './options.ts';
export { OutgoingMessage } from './outgoing-message.ts';
export type { MessageSource, StreamOptions } from './outgoing-streams.ts';
export type { Peer, PeerHandlers, SendOptions } from './peer.ts';
export { type AttachOptions, type CloseOptions, WebSocketServer } from './server.ts';
export type { UpgradeRequest } from './upgrade-request.ts';
export { type BinaryType, WebSocket } from './websocket.ts';
export { WebSocketError } from './websocket-error.ts';
export {
  CloseEvent,
  type CloseEventInit,
  ErrorEvent,
  type ErrorEventInit,
  type WebSocketEventMap,
} from './websocket-events.ts';
export { type WebSocketOpenInfo, WebSocketStream, type WebSocketStreamOptions } from './websocket-stream.ts';
