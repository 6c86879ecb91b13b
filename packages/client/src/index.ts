/** The public face of the client. */

export type {
  AnyContract,
  Contract,
  ContractOf,
  Data,
  DeliveryPolicy,
  Member,
  MessageHead,
  Position,
} from '@hawser/wire';
export type { Backoff } from './backoff.ts';
export {
  Channel,
  type ChannelOptions,
  type History,
  type HistoryOptions,
  type IterateOptions,
} from './channel.ts';
export type { ChannelEvents, Gap, Message, Subscribed } from './channel-events.ts';
export { type CallOptions, Client, type ClientEvents } from './client.ts';
export type { ClientStorage, KeptPublication, StorageHost } from './client-storage.ts';
export type { CancelTimer, Clock } from './clock.ts';
export type { ConnectionState } from './connection-machine.ts';
export type { DataChecks } from './data-checks.ts';
export { type ClientErrorCode, HawserError, type HawserErrorCode, type Problem } from './errors.ts';
export type { PublishOptions } from './hub-session.ts';
export type { ClientOptions, ReconnectOptions } from './options.ts';
export type { PageEvent, PageLifecycle } from './page-lifecycle.ts';
export type { Random } from './random.ts';
export type { SocketData, WebSocketConstructor, WebSocketLike } from './websocket-constructor.ts';
