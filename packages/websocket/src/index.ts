/** The public face of the Node client and server. */

export {
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
} from '@hawser/protocol';
export type { CancelTimer, Clock } from './clock.ts';
export type {
  AllowedOrigins,
  Authorization,
  PeerHandlers,
  Subprotocols,
  WebSocketServerOptions,
} from './options.ts';
export type { Peer } from './peer.ts';
export { type AttachOptions, type CloseOptions, type ListenOptions, WebSocketServer } from './server.ts';
export type { UpgradeRequest } from './upgrade-request.ts';
