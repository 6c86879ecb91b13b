/** The public face of the hub's message contract. */

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
export { type ErrorCode, type ErrorRow, errorCodes } from './error-codes.ts';
export type * from './messages.ts';
export { SUBPROTOCOL } from './messages.ts';
