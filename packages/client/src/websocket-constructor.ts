/**
 * The WebSocket below, as far as the client uses it: the standard's, of a browser, of Node.js 22 and later, or of
 * `@hawser/websocket`; or a wrapper around one of them (`@hawser/client/testing`).
 */

import { HawserError, problemOf } from './errors.ts';

/** What comes from a socket. */
export interface SocketEvents {
  readonly open: object;
  readonly message: { readonly data: unknown };
  readonly close: { readonly code: number; readonly reason: string; readonly wasClean: boolean };
}

/** What can be sent. */
export type SocketData = string | ArrayBuffer | Uint8Array<ArrayBuffer>;

/** A socket, opened or being opened. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly protocol: string;
  readonly extensions: string;
  send(data: SocketData): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open', listener: (event: SocketEvents['open']) => void): void;
  addEventListener(type: 'message', listener: (event: SocketEvents['message']) => void): void;
  addEventListener(type: 'close', listener: (event: SocketEvents['close']) => void): void;
}

/** What makes sockets. */
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

interface Platform {
  readonly WebSocket?: WebSocketConstructor;
  readonly location?: { readonly href: string };
}

const platform: Platform & typeof globalThis = globalThis;

const missing = 'Expected a WebSocket, such as that of @hawser/websocket';

/**
 * The platform's WebSocket, if none is given.
 *
 * @throws HawserError `no-websocket`
 */
export function findWebSocket(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? platform.WebSocket;
  if (found === undefined) throw new HawserError(problemOf('no-websocket', undefined, missing));
  return found;
}

/**
 * Checks a URL, as the standard's constructor does: relative to the page, http: for ws:.
 *
 * @throws SyntaxError
 */
export function webSocketUrl(url: string | { readonly href: string }): string {
  const { href } = new URL(typeof url === 'string' ? url : url.href, platform.location?.href);
  if (/^(ws|http)s?:[^#]*$/.test(href)) return href.replace('http', 'ws');
  throw new SyntaxError('Expected a URL of ws: or wss: without a fragment');
}
