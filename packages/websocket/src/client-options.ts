/**
 * What the client can be told beyond the standard's two arguments, with every default beside it, and the check of
 * what it was told. Used by `dial.ts` and `websocket.ts`.
 */

import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { Budget, Limits } from '@hawser/protocol';
import { type Clock, systemClock } from './clock.ts';
import { type DeflateNegotiator, type DeflateOptions, negotiatorFor } from './deflate.ts';
import { resolveMessageLimits } from './incoming-message.ts';
import { sharedBudget } from './shared-memory.ts';

/** Where a transport has to lead. */
export interface TransportTarget {
  /** The host as the URL names it, IPv6 addresses without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the scheme is wss. */
  readonly isSecure: boolean;
}

/**
 * Opens a transport that is ready to be written to, TLS included if the target asks for it. What it throws is the
 * reason why the connection failed.
 *
 * @param signal Aborted when the connection is given up.
 */
export type OpenTransport = (target: TransportTarget, signal: AbortSignal) => Duplex | Promise<Duplex>;

/** The third argument of `new WebSocket`, which browsers do not have. */
export interface WebSocketOptions {
  /** Further headers of the handshake, such as Cookie or Authorization. Default none. */
  readonly headers?: Iterable<readonly [name: string, value: string]> | Readonly<Record<string, string>>;
  /** The Origin header, as browsers send for their pages. Default none: this is not a page. */
  readonly origin?: string;
  /** Certificates of authorities to trust, instead of those that Node.js trusts; PEM. For `wss:` only. */
  readonly ca?: SecureContextOptions['ca'];
  /** The name that the server's certificate must be for. Default the host of the URL. For `wss:` only. */
  readonly servername?: string;
  /** What else belongs to TLS, such as a client's `cert` and `key`. Certificates are always checked. */
  readonly tls?: SecureContextOptions;
  /** Longest opening handshake, with name resolution, TCP and TLS, in ms. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** How long a closing handshake may take before the socket is destroyed, in ms. Default 10,000. */
  readonly closeTimeoutMs?: number;
  /** Bounds on what the server can make us hold, and on what may wait to be sent. Default `defaultLimits`. */
  readonly limits?: Partial<Limits>;
  /** Offers to compress messages (RFC 7692): `true` for the defaults. The server decides. Default false. */
  readonly perMessageDeflate?: boolean | DeflateOptions;
  /** What all connections that share the budget may hold together, in bytes. Default: one of 1 GiB for all. */
  readonly budget?: Budget;
  /** Opens the transport: a unix socket, a proxy's tunnel, a pair in memory. Default TCP, with TLS for `wss:`. */
  readonly openTransport?: OpenTransport;
  /** Time, for tests. Default: the machine's. */
  readonly clock?: Clock;
}

/** The options, filled in and checked. */
export interface ClientSettings {
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly origin: string | undefined;
  readonly secureContext: SecureContextOptions;
  readonly servername: string | undefined;
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly limits: Limits;
  readonly deflate: DeflateNegotiator | undefined;
  readonly budget: Budget;
  readonly openTransport: OpenTransport | undefined;
  readonly clock: Clock;
}

const defaults = { handshakeTimeoutMs: 10_000, closeTimeoutMs: 10_000 } as const;

/**
 * Fills in the defaults.
 *
 * @param isStreaming Whether messages are read while they arrive.
 * @throws RangeError if a number is out of range.
 */
export function resolveClientOptions(options: WebSocketOptions, isStreaming = false): ClientSettings {
  const { ca, tls, headers = [] } = options;
  return {
    headers: isIterable(headers) ? headers : Object.entries(headers),
    origin: options.origin,
    secureContext: ca === undefined ? { ...tls } : { ...tls, ca },
    servername: options.servername,
    handshakeTimeoutMs: duration(options, 'handshakeTimeoutMs'),
    closeTimeoutMs: duration(options, 'closeTimeoutMs'),
    limits: resolveMessageLimits(options.limits, isStreaming),
    deflate: negotiatorFor('client', options.perMessageDeflate),
    budget: options.budget ?? sharedBudget,
    openTransport: options.openTransport,
    clock: options.clock ?? systemClock,
  };
}

function duration(options: WebSocketOptions, name: keyof typeof defaults): number {
  const value = options[name] ?? defaults[name];
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`Expected ${name} to be a finite number of at least 0, received ${value}`);
}

function isIterable<T>(value: Iterable<T> | object): value is Iterable<T> {
  return Symbol.iterator in value;
}
