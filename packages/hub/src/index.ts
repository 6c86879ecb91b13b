/** The public face of the hub. */

export type { Position } from '@hawser/wire';
export type { AddressLimits } from './address-limits.ts';
export { authenticateByCookie, type CookieOptions, type CookieRequest } from './authenticate-by-cookie.ts';
export type { Authorize } from './authorization.ts';
export type * from './broker.ts';
export { BrokerError, type BrokerErrorCode } from './broker-error.ts';
export type { Clock } from './clock.ts';
export { CommandError } from './command-error.ts';
export type { Connection } from './connection.ts';
export type { HistoryPage, HistoryQuery } from './history.ts';
export {
  type DrainOptions,
  Hub,
  type HubStats,
  type PublishOptions,
  type Target,
} from './hub.ts';
export {
  type Authenticate,
  AuthenticationError,
  type AuthenticationErrorCode,
  type Claims,
  type Credentials,
  type Identity,
} from './identity.ts';
export {
  type JsonWebTokenOptions,
  jsonWebTokens,
  type TokenPayload,
  type TokenRequirements,
  type UserClaims,
} from './json-web-tokens.ts';
export type { KeySetOptions } from './key-set.ts';
export { MemoryBroker, type MemoryBrokerOptions } from './memory-broker.ts';
export { CallError, type Caller, type MethodHandler, type MethodHandlers } from './methods.ts';
export type { NamespaceOptions } from './namespaces.ts';
export type { HubLimits, HubOptions, HubTiming } from './options.ts';
export { type Action, type ChannelAction, type Grants, Permissions } from './permissions.ts';
export type { RateLimits } from './rate-limits.ts';
export type { Revocable } from './revocation.ts';
export type { HubPeer, HubServerOptions } from './server-options.ts';
export type { KeySource, PublicJsonWebKey, SignatureAlgorithm } from './signature-keys.ts';
export type { Rate } from './token-bucket.ts';
export type { Transport } from './transport.ts';
