/** The public face of the engine. */

export { Budget } from './budget.ts';
export type { Allocate } from './bytes.ts';
export { CloseCode, type CloseStatus, MAX_CLOSE_REASON_LENGTH } from './close.ts';
export { Connection, type ConnectionOptions, type ConnectionState } from './connection.ts';
export type { ConnectionEvent, Output, PieceEvent } from './connection-events.ts';
export {
  type ConnectionError,
  HandshakeError,
  InternalError,
  LimitError,
  ProtocolError,
  ViolationError,
} from './errors.ts';
export type { Extension, ShareableMessage } from './extension.ts';
export { headerLength, type MessageOpcode, Opcode, type Role } from './frame.ts';
export { writeHeader } from './frame-encoder.ts';
export { acceptKey } from './handshake/accept-key.ts';
export { type Agreement, type ClientHandshake, checkResponse, createRequest } from './handshake/client.ts';
export {
  type ExtensionElement,
  type ExtensionParameter,
  formatExtensionList,
  HttpHeaders,
  isToken,
  parseExtensionList,
  parseTokenList,
} from './handshake/headers.ts';
export {
  formatRequestHead,
  formatResponseHead,
  HeadCollector,
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
} from './handshake/http-head.ts';
export {
  type Acceptance,
  checkRequest,
  createAcceptance,
  createRefusal,
  type Refusal,
  refusalOf,
  type ServerHandshake,
} from './handshake/server.ts';
export { defaultLimits, type Limits, resolveLimits } from './limits.ts';
export { applyMask } from './mask.ts';
export { Slab } from './output-queue.ts';
export type { Codec, Inflated } from './permessage-deflate/codec.ts';
export {
  type AcceptedOffer,
  acceptOffer,
  checkAnswer,
  checkPreferences,
  type DeflateParameters,
  describeOffer,
} from './permessage-deflate/parameters.ts';
export { PerMessageDeflate, type PerMessageDeflateOptions } from './permessage-deflate/transform.ts';
export { WindowPool } from './permessage-deflate/window-pool.ts';
export { PreparedMessage, type PreparedMessageOptions } from './prepared-message.ts';
export { type ViolationKind, type ViolationName, violations } from './violations.ts';
