/**
 * What a hub can be told, with every default beside it, and the check of what it was told. What holds for the channels is in
 * `namespaces.ts`, the rates of a connection in `rate-limits.ts`, those of an address in `address-limits.ts`.
 */

import type { AnyContract, Contract, ContractSchemas } from '@hawser/wire';
import type { AddressLimits } from './address-limits.ts';
import type { Authorize } from './authorization.ts';
import type { Broker } from './broker.ts';
import type { Clock } from './clock.ts';
import type { Authenticate } from './identity.ts';
import type { MethodHandlers } from './methods.ts';
import type { NamespaceOptions } from './namespaces.ts';
import type { RateLimits } from './rate-limits.ts';

/**
 * Every option of a hub.
 *
 * @typeParam C What channels carry and methods do.
 * @typeParam Prepared What `prepare` makes.
 * @typeParam Request What the application knows of a connection: `UpgradeRequest` of `@hawser/websocket`.
 */
export interface HubOptions<Prepared, Request, C extends Contract = AnyContract> {
  /** Encodes a message that goes to many: `(data) => new PreparedMessage(data)` of `@hawser/websocket`. */
  readonly prepare: (data: string | Uint8Array) => Prepared;
  /** What there is, by the part of a channel's name before the colon. */
  readonly namespaces: Readonly<Record<string, NamespaceOptions>>;
  /**
   * Says who a client is: your own function, or `jsonWebTokens(…)`. Danger: a cookie in `request` is sent by every page that
   * the server's `allowedOrigins` lets in.
   */
  readonly authenticate: Authenticate<Request>;
  /** Allows what the identity's permissions do not. Default: nothing. */
  readonly authorize?: Authorize;
  /** Checks what clients publish and call with. Default: whatever is JSON passes. */
  readonly schemas?: ContractSchemas<C>;
  /** What clients can call. Default: nothing. */
  readonly methods?: MethodHandlers<C>;
  /** The log behind the channels. Default: a `MemoryBroker`, which is gone with the process. */
  readonly broker?: Broker;
  /** The address that a connection counts for; undefined counts nowhere. Default: `request.remoteAddress`. */
  readonly addressOf?: (request: Request) => string | undefined;
  /** Hears of what failed inside: hooks and handlers that threw, the broker. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
  /** Bounds on what clients can make the hub hold. */
  readonly limits?: Partial<HubLimits>;
  /** How fast one connection may talk. */
  readonly rateLimits?: Partial<RateLimits>;
  /** How many connections one address may have and open. */
  readonly addressLimits?: Partial<AddressLimits>;
  /** How long the hub waits for what. */
  readonly timing?: Partial<HubTiming>;
  /** Time. Default: the machine's. */
  readonly clock?: Clock;
  /** Unguessable text, for the names of sessions. Default: 144 bits of the platform's secure randomness. */
  readonly random?: () => string;
}

/** How long a hub waits. */
export interface HubTiming {
  /** For `connect` to succeed, in ms; then the connection is closed. Default 10,000. */
  readonly connectTimeoutMs: number;
  /** How often clients are asked to send something, in ms; one that is silent for twice as long is dropped. Default 25,000. */
  readonly pingIntervalMs: number;
  /** For a client to take its session up again, in ms. Default 120,000. */
  readonly sessionKeepMs: number;
  /** For a user whose connection was lost to come back before others hear `leave`, in ms. Default 5,000. */
  readonly presenceGraceMs: number;
  /**
   * How long a revocation is remembered, in ms. Default 7 days. Danger: a token that lives longer can be used again
   * afterwards.
   */
  readonly revocationKeepMs: number;
  /** How long a channel without subscribers stays open, in ms. Default 60,000. */
  readonly channelIdleMs: number;
}

/** Bounds on what a hub holds. Bytes unless they say otherwise. */
export interface HubLimits {
  /**
   * What may wait for one connection's socket. A subscriber that has no room is not pushed to until the socket has drained.
   * Default 256 KiB. Danger: it has to hold two of the largest messages, and is held for every slow connection.
   */
  readonly outboundBytes: number;
  /** Subscriptions of one connection. Default 128. */
  readonly subscriptions: number;
  /** Commands of one connection that are not answered yet; above it no more are read. Default 64. */
  readonly commandsUnderWay: number;
  /** Commands of all connections that are not answered yet; above it they are refused. Default 64 MiB. */
  readonly commandBytes: number;
  /** Channels with subscribers at a time. Default 100,000. */
  readonly channels: number;
  /** Members of a channel that are shown. Default 1000. */
  readonly membersPerChannel: number;
  /** One reply to `history`. Default 128 KiB. */
  readonly historyBytes: number;
  /** One reading of the log for a subscription that is behind. Default 64 KiB. */
  readonly readBytes: number;
  /** Messages of one such reading. Default 512. */
  readonly readMessages: number;
  /** Subscriptions that read at a time. Default 64. */
  readonly readers: number;
  /** Keys of a channel with the policy `latest`; the oldest make room. Default 10,000. */
  readonly latestKeys: number;
  /** Values of a channel with the policy `latest`; the oldest make room. Default 1 MiB. */
  readonly latestBytes: number;
  /** Encoded messages that are kept for those who read just behind the head, all channels together. Default 16 MiB. */
  readonly frameCacheBytes: number;
  /** The same for one channel. Default 512 KiB. */
  readonly channelFrameCacheBytes: number;
  /** Sessions that wait for their client; the one that has waited longest makes room. Default 100,000. */
  readonly waitingSessions: number;
  /** Revocations that are remembered. Default 100,000. */
  readonly revocations: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The limits that hold where none are given. */
export const defaultHubLimits: HubLimits = {
  outboundBytes: 256 * KIB,
  subscriptions: 128,
  commandsUnderWay: 64,
  commandBytes: 64 * MIB,
  channels: 100_000,
  membersPerChannel: 1000,
  historyBytes: 128 * KIB,
  readBytes: 64 * KIB,
  readMessages: 512,
  readers: 64,
  latestKeys: 10_000,
  latestBytes: MIB,
  frameCacheBytes: 16 * MIB,
  channelFrameCacheBytes: 512 * KIB,
  waitingSessions: 100_000,
  revocations: 100_000,
};

/** The durations that hold where none are given. */
export const defaultHubTiming: HubTiming = {
  connectTimeoutMs: 10_000,
  pingIntervalMs: 25_000,
  sessionKeepMs: 120_000,
  presenceGraceMs: 5_000,
  revocationKeepMs: 7 * 24 * 60 * 60_000,
  channelIdleMs: 60_000,
};

/** What may be nothing at all: a cache, a wait. Everything else has to be one at least. */
const mayBeZero: readonly string[] = [
  'frameCacheBytes',
  'channelFrameCacheBytes',
  'waitingSessions',
  'sessionKeepMs',
  'presenceGraceMs',
  'channelIdleMs',
];

/**
 * Fills in the defaults.
 *
 * @throws RangeError with the path of what is out of range.
 */
export function resolveLimits(given: Partial<HubLimits> | undefined, maxMessageBytes: number): HubLimits {
  const limits = { ...defaultHubLimits, ...given };
  checkNumbers('limits', { ...limits });
  if (limits.outboundBytes < 2 * maxMessageBytes) {
    throw new RangeError(
      `Expected limits.outboundBytes to hold two messages of ${maxMessageBytes} bytes, received ${limits.outboundBytes}`,
    );
  }
  return limits;
}

/**
 * Fills in the defaults.
 *
 * @throws RangeError with the path of what is out of range.
 */
export function resolveTiming(given: Partial<HubTiming> = {}): HubTiming {
  const timing = { ...defaultHubTiming, ...given };
  checkNumbers('timing', { ...timing });
  return timing;
}

function checkNumbers(path: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    const least = mayBeZero.includes(name) ? 0 : 1;
    if (value >= least) continue;
    throw new RangeError(`Expected ${path}.${name} to be a number of at least ${least}, received ${value}`);
  }
}
