/**
 * What the classes can be told: the options of `ws` by their names and defaults. What the engine makes of them stands
 * in `link.ts` and `deflate.ts`.
 */

import { constants } from 'node:buffer';
import type { ClientRequest, Server as HttpServer, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Server as HttpsServer, RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Limits, resolveLimits } from '@hawser/websocket/driver';

/** How messages are compressed (RFC 7692). */
export interface PerMessageDeflateOptions {
  serverNoContextTakeover?: boolean | undefined;
  clientNoContextTakeover?: boolean | undefined;
  serverMaxWindowBits?: number | boolean | undefined;
  clientMaxWindowBits?: number | boolean | undefined;
  /** Only `level` counts. */
  zlibDeflateOptions?: { level?: number | undefined } | undefined;
  /** Accepted and not used: nothing in it changes what comes out. */
  zlibInflateOptions?: object | undefined;
  /** Messages shorter than this, in bytes, are sent as they are. Default 1024. */
  threshold?: number | undefined;
  /** Accepted and not used: compression is synchronous. */
  concurrencyLimit?: number | undefined;
}

/** The options of a connection, whichever side it is on. */
export interface ConnectionOptions {
  /** Whether several messages may be emitted in one turn of the event loop. Default true. */
  allowSynchronousEvents?: boolean | undefined;
  /** Whether pings are answered. Default true. */
  autoPong?: boolean | undefined;
  /** How long a closing handshake may take before the socket is destroyed, in ms. Default 30,000. */
  closeTimeout?: number | undefined;
  /** Fills four bytes with the key that masks a frame. Default: random keys. */
  generateMask?: ((mask: Buffer) => void) | undefined;
  /** Accepted and not used: what is kept is counted in bytes. */
  maxBufferedChunks?: number | undefined;
  /** Most frames of a message; 0 for no limit. Default 16,384. */
  maxFragments?: number | undefined;
  /** Longest message, in bytes; 0 for no limit. Default 100 MiB. */
  maxPayload?: number | undefined;
  /** Accepted and not used: while the peer does not read, only its latest ping is answered. */
  maxPendingAutoPongs?: number | undefined;
  /** Whether text may be other than UTF-8. Default false. */
  skipUTF8Validation?: boolean | undefined;
}

/** The options of a client. Those of `https.request` are handed on to it. */
export interface ClientOptions extends ConnectionOptions, Omit<RequestOptions, 'headers'> {
  /** Sends the request, after the headers that it wants to add. Default: it is sent at once. */
  finishRequest?: ((request: ClientRequest, websocket: never) => void) | undefined;
  followRedirects?: boolean | undefined;
  headers?: OutgoingHttpHeaders | undefined;
  /** How long the server may be silent during the handshake, in ms. */
  handshakeTimeout?: number | undefined;
  /** Default 10. */
  maxRedirects?: number | undefined;
  /** The Origin header. */
  origin?: string | undefined;
  /** Default true. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** Default 13; 8 is the last draft. */
  protocolVersion?: number | undefined;
  /** Subprotocols, for callers who give none as an argument. */
  protocols?: string | string[] | undefined;
}

/** What `verifyClient` is told. */
export interface ClientInfo {
  origin: string | undefined;
  secure: boolean;
  req: IncomingMessage;
}

/** Decides at once if it has one parameter, later by the callback if it has two. */
export type VerifyClient = (
  info: ClientInfo,
  callback: (verified: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
) => unknown;

/** The options of a server. */
export interface ServerOptions<Client> extends ConnectionOptions {
  backlog?: number | null | undefined;
  /** Whether `clients` is kept. Default true. */
  clientTracking?: boolean | undefined;
  /** Chooses one of the client's subprotocols; false for none. Default: the first. */
  handleProtocols?:
    | ((protocols: Set<string>, request: IncomingMessage) => string | false | undefined)
    | null
    | undefined;
  host?: string | null | undefined;
  noServer?: boolean | undefined;
  path?: string | null | undefined;
  /** Default false. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  port?: number | null | undefined;
  server?: HttpServer | HttpsServer | null | undefined;
  verifyClient?: VerifyClient | null | undefined;
  /** The class of the connections. */
  WebSocket?: (new (address: null, protocols: undefined, options: ConnectionOptions) => Client) | undefined;
}

/** Where a server listens. */
export type ServerAddress = AddressInfo | string | null;

/** The defaults of every connection. */
export const connectionDefaults: Required<Omit<ConnectionOptions, 'generateMask'>> = {
  allowSynchronousEvents: true,
  autoPong: true,
  closeTimeout: 30_000,
  maxBufferedChunks: 256 * 1024,
  maxFragments: 16 * 1024,
  maxPayload: 100 * 1024 * 1024,
  maxPendingAutoPongs: 60,
  skipUTF8Validation: false,
};

/** Control frames are no messages: `maxPayload` does not count for them. */
const MAX_CONTROL_PAYLOAD_LENGTH = 125;

/** The engine's limits. What waits to be sent has no limit but the budget of the process. */
export function limitsOf({ maxPayload, maxFragments }: ConnectionOptions): Limits {
  const maxMessageLength = maxPayload ? maxPayload : constants.MAX_LENGTH;
  return resolveLimits({
    maxMessageLength,
    maxFramePayloadLength: Math.max(MAX_CONTROL_PAYLOAD_LENGTH, maxMessageLength),
    maxFragments: maxFragments ? maxFragments : Number.MAX_SAFE_INTEGER,
    maxBufferedOutput: Number.MAX_SAFE_INTEGER,
    maxHeldBytes: constants.MAX_LENGTH,
  });
}
