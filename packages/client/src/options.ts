/**
 * What a client can be told, with every default beside it, and the check of what it was told.
 */

import { type Backoff, defaultBackoff } from './backoff.ts';
import type { ClientStorage } from './client-storage.ts';
import { type Clock, systemClock } from './clock.ts';
import type { QueueLimits } from './command-queue.ts';
import type { ConnectionPorts } from './connection.ts';
import type { DataChecks } from './data-checks.ts';
import { browserLifecycle, type PageLifecycle } from './page-lifecycle.ts';
import { type Random, systemRandom } from './random.ts';
import { findWebSocket, type WebSocketConstructor, webSocketUrl } from './websocket-constructor.ts';

/** What every connection that comes back can be told. */
export interface ReconnectOptions {
  /** The bounds of the waits between attempts. Default 1,000 and 30,000 ms. */
  readonly backoff?: Partial<Backoff>;
  /** Longest time for each part of connecting: getting a token, opening, being let in; in ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Makes sockets. Default: the platform's; Node.js before 22 has none, so pass the one of `@hawser/websocket`. */
  readonly WebSocket?: WebSocketConstructor;
  /** Time. Default: the machine's. */
  readonly clock?: Clock;
  /** Randomness. Default: the platform's generator for cryptography. */
  readonly random?: Random;
  /** Network, visibility and freezing of the page. Default: the browser's, if there is one. */
  readonly lifecycle?: PageLifecycle;
}

/** What a `Client` can be told. */
export interface ClientOptions extends ReconnectOptions {
  /**
   * Says who the client is: a token, or a function that gets a fresh one, which is called for every connection and before
   * the token ends. It travels inside the connection, never in the URL. Default none: the hub goes by the page's cookies.
   */
  readonly token?: string | (() => string | Promise<string>);
  /** Checks of what is sent and received, such as `schemaChecks` makes. Default none: the contract is believed. */
  readonly checks?: DataChecks;
  /** How long the hub may be silent after a ping, in ms. Default 5,000. */
  readonly pongTimeoutMs?: number;
  /** How long a question (`call`, `history`, `presence`) may wait for its answer, in ms. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /**
   * Publications on their way. Defaults: `maxBytes` 1 MiB, beyond which `publish` is refused with `queue-full`;
   * `maxAgeMs` 300,000, after which one that still waits is refused with `timed-out`; `maxInFlight` 32 without a
   * confirmation. As many bytes again may wait in questions. Publications are stored in the order in which they were published, with one exception: one that the hub refuses
   * for the moment (`retryInMs`) may be overtaken by those that were in flight with it. With a `maxInFlight` of 1 nothing
   * is, and a round trip passes for each.
   */
  readonly outbox?: Partial<QueueLimits>;
  /** Bytes in the socket above which commands wait outside of it, so that a ping is not the last in a long line. Default 64 KiB. */
  readonly maxBufferedBytes?: number;
  /** Keeps outbox and positions across a reload, for example `webStorage('chat')` of `@hawser/client/storage`. Default none: memory alone. */
  readonly storage?: ClientStorage;
}

/** What a client is made with, filled in. */
export interface ClientSettings extends ConnectionPorts {
  readonly token: ClientOptions['token'];
  readonly checks: DataChecks | undefined;
  readonly requestTimeoutMs: number;
  readonly outbox: QueueLimits;
  readonly maxBufferedBytes: number;
  readonly storage: ClientStorage | undefined;
}

const defaults = {
  connectTimeoutMs: 10_000,
  pongTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  maxBufferedBytes: 64 * 1024,
  clock: systemClock,
  random: systemRandom,
  lifecycle: browserLifecycle,
};

const defaultOutbox: QueueLimits = { maxBytes: 1024 * 1024, maxAgeMs: 300_000, maxInFlight: 32 };

/**
 * Fills in the defaults.
 *
 * @throws SyntaxError or TypeError for a URL of another kind; HawserError `no-websocket`; RangeError if a number is
 *   negative or none.
 */
export function resolveOptions(
  url: string | { readonly href: string },
  protocols: string[],
  options: ClientOptions,
): ClientSettings {
  const { token, storage, checks, backoff, outbox } = options;
  return {
    ...withDefaults(defaults, options),
    token,
    storage,
    checks,
    url: webSocketUrl(url),
    protocols,
    WebSocket: findWebSocket(options.WebSocket),
    backoff: withDefaults(defaultBackoff, backoff),
    outbox: withDefaults(defaultOutbox, outbox),
  };
}

/**
 * Fills in defaults.
 *
 * @returns What is given of the names that have a default, and the defaults of the others.
 * @throws RangeError if a number is negative or none.
 */
export function withDefaults<Values extends object>(defaults: Values, given: Partial<Values> = {}): Values {
  const values = { ...defaults };
  for (const name in defaults) {
    const value = given[name] ?? defaults[name];
    if (typeof value === 'number' && !(value >= 0)) {
      throw new RangeError(`Expected ${name} to be at least 0, received ${value}`);
    }
    values[name] = value;
  }
  return values;
}
