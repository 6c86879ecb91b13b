/** The public face of the hub's message contract. */

export { isChannelName, namespaceOf } from './channel-name.ts';
export { type CloseName, type CloseRow, closeCodes, reconnectsAfter } from './close-codes.ts';
export type {
  AnyContract,
  ChannelData,
  ChannelName,
  Contract,
  MethodInput,
  MethodName,
  MethodOutput,
} from './contract.ts';
export {
  type ContractOf,
  type ContractSchemas,
  findByPattern,
  type MethodSchemas,
} from './contract-schemas.ts';
export { decodeCommand } from './decode-command.ts';
export { decodeServerMessage } from './decode-server-message.ts';
export { encodeCommand } from './encode-command.ts';
export {
  encodeHistoryReply,
  encodeMessageEvent,
  encodeServerMessage,
  type StoredMessage,
} from './encode-server-message.ts';
export { type ErrorCode, type ErrorRow, errorCodes, temporaryErrorCodes } from './error-codes.ts';
export type * from './messages.ts';
export { SUBPROTOCOL } from './messages.ts';
export { checkSchema, type SchemaIssue, type SchemaResult, type StandardSchema } from './standard-schema.ts';
export { utf8Length } from './utf8-length.ts';
export { WireError, type WireErrorCode, type WireProblem } from './wire-error.ts';
export { type WireLimits, wireLimits } from './wire-limits.ts';
