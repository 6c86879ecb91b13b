/**
 * The parts below `WebSocket` and `WebSocketServer`, for those who build another face on them: a protocol connection
 * over a Duplex, the handshake's pieces, compression, and the memory that the connections of a thread share. Unlike
 * the package's main entry point it hands out events and takes frames; who uses it answers for their order.
 */

export {
  acceptKey,
  applyMask,
  Connection,
  type ConnectionError,
  type ConnectionEvent,
  type Extension,
  type ExtensionElement,
  formatExtensionList,
  headerLength,
  isToken,
  type Limits,
  type MessageOpcode,
  Opcode,
  parseExtensionList,
  parseTokenList,
  type Role,
  resolveLimits,
  ViolationError,
  writeHeader,
} from '@hawser/protocol';
export { type CancelTimer, type Clock, systemClock } from './clock.ts';
export { type AcceptedDeflate, DeflateNegotiator, type DeflateOptions } from './deflate.ts';
export { detachHttp } from './detach-http.ts';
export { type DriverOptions, type DriverOwner, DuplexDriver } from './duplex-driver.ts';
export { randomMaskingKey } from './masking-keys.ts';
export { sharedBudget, sharedSlab } from './shared-memory.ts';
