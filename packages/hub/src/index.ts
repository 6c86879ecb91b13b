/** The public face of the hub. */

export type { Position } from '@hawser/wire';
export type * from './broker.ts';
export { BrokerError, type BrokerErrorCode } from './broker-error.ts';
export { CommandError } from './command-error.ts';
export type { Connection } from './connection.ts';
export type { HistoryQuery } from './history.ts';
export {
  type DrainOptions,
  type HistoryPage,
  Hub,
  type HubPeer,
  type HubServerOptions,
  type HubStats,
  type PublishOptions,
  type Target,
} from './hub.ts';
export { MemoryBroker, type MemoryBrokerOptions } from './memory-broker.ts';
export { CallError, type Caller, type MethodHandler, type MethodHandlers } from './methods.ts';
export type { NamespaceOptions } from './namespaces.ts';
export type { HubLimits, HubOptions, HubTiming } from './options.ts';
export type { Transport } from './transport.ts';
