/**
 * What a server can be told, with every default beside it, and the check of what it was told.
 */

import type { Budget, Limits } from '@hawser/protocol';
import { type Clock, systemClock } from './clock.ts';
import type { DeflateOptions } from './deflate.ts';
import type { PeerHandlers } from './peer.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

/** What may open a connection, going by the Origin that browsers send. */
export type AllowedOrigins =
  | 'same-origin'
  | 'any'
  | readonly string[]
  | ((origin: string, request: UpgradeRequest) => boolean);

/**
 * Subprotocols that the server speaks, or a function that chooses one of those offered; a choice that was not offered
 * refuses with 500.
 */
export type Subprotocols =
  | readonly string[]
  | ((offered: readonly string[], request: UpgradeRequest) => string | undefined);

/** What `authorize` decided. */
export type Authorization<Data> =
  | {
      readonly allow: true;
      /** Becomes `peer.data`. */
      readonly data: Data;
      /** Further headers for the 101, such as Set-Cookie. */
      readonly headers?: Iterable<readonly [name: string, value: string]>;
    }
  | {
      readonly allow: false;
      /** HTTP status, 300 to 599. */
      readonly status: number;
      readonly headers?: Iterable<readonly [name: string, value: string]>;
      /** Shown to the client, as plain text unless the headers say otherwise. */
      readonly body?: string;
    };

/** What a server can be told. A server whose peers have data must say, by `authorize`, where it comes from. */
export type WebSocketServerOptions<Data> = CommonServerOptions<Data> &
  (undefined extends Data ? { authorize?: Authorize<Data> } : { authorize: Authorize<Data> });

/**
 * Decides on a request before it is answered, and makes `peer.data`. What it throws refuses with 500.
 * Default: everybody is allowed in, with `data` undefined.
 */
type Authorize<Data> = (request: UpgradeRequest) => Authorization<Data> | Promise<Authorization<Data>>;

/** The options of every server, whether or not its peers have data. */
export interface CommonServerOptions<Data> extends PeerHandlers<Data> {
  /**
   * Which pages may connect. `same-origin`: pages of this host and port; `any`: every page on the web, with its
   * visitor's cookies. A client that sends no Origin is no page, and passes. Default `same-origin`.
   */
  readonly allowedOrigins?: AllowedOrigins;
  /** Subprotocols; of a list the first that the client offers is chosen. Default none. */
  readonly subprotocols?: Subprotocols;
  /**
   * Hears of handshakes that were refused by an error. What it throws is ignored. Default: ignored; the client got the
   * status.
   */
  refused?(error: Error, remoteAddress: string | undefined): void;
  /** Bounds on what a peer can make the server hold. Default `defaultLimits`. */
  readonly limits?: Partial<Limits>;
  /**
   * Compresses messages (RFC 7692) with clients that offer it: `true` for the defaults. Do not send a secret in one
   * message with text that an attacker chose, or pass `compress: false` with it: the length tells (RFC 7692 §8).
   * Default false.
   */
  readonly perMessageDeflate?: boolean | DeflateOptions;
  /** What all connections that share the budget may hold together, in bytes. Default: one of 1 GiB for all servers. */
  readonly budget?: Budget;
  /** Longest opening handshake, `authorize` included, in ms. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** Most handshakes under way at once; more are refused with 503. Default 16,384. */
  readonly maxPendingHandshakes?: number;
  /** Silence after which a peer is pinged, in ms; 0 for never. Default 30,000. */
  readonly heartbeatIntervalMs?: number;
  /** How long a ping may stay unanswered before the peer is dropped, in ms; 0 for ever. Default 10,000. */
  readonly heartbeatTimeoutMs?: number;
  /** How long a closing handshake may take before the socket is destroyed, in ms. Default 10,000. */
  readonly closeTimeoutMs?: number;
  /** Bytes that wait for a peer above which `send` returns false. Default 256 KiB. */
  readonly highWaterMark?: number;
  /** Time. Default: the machine's. */
  readonly clock?: Clock;
}

/** The options that are numbers, filled in, and the clock that they go by. */
export interface ServerSettings {
  readonly handshakeTimeoutMs: number;
  readonly maxPendingHandshakes: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly highWaterMark: number;
  readonly clock: Clock;
}

const defaults = {
  handshakeTimeoutMs: 10_000,
  maxPendingHandshakes: 16_384,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 10_000,
  closeTimeoutMs: 10_000,
  highWaterMark: 256 * 1024,
} as const satisfies Omit<ServerSettings, 'clock'>;

/**
 * Fills in the defaults.
 *
 * @throws RangeError if a number is negative or not finite.
 */
export function resolveSettings(options: Partial<ServerSettings>): ServerSettings {
  const { clock = systemClock, ...given } = options;
  const numbers = {
    handshakeTimeoutMs: given.handshakeTimeoutMs ?? defaults.handshakeTimeoutMs,
    maxPendingHandshakes: given.maxPendingHandshakes ?? defaults.maxPendingHandshakes,
    heartbeatIntervalMs: given.heartbeatIntervalMs ?? defaults.heartbeatIntervalMs,
    heartbeatTimeoutMs: given.heartbeatTimeoutMs ?? defaults.heartbeatTimeoutMs,
    closeTimeoutMs: given.closeTimeoutMs ?? defaults.closeTimeoutMs,
    highWaterMark: given.highWaterMark ?? defaults.highWaterMark,
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new RangeError(`Expected ${name} to be a finite number of at least 0, received ${value}`);
  }
  return { ...numbers, clock };
}
