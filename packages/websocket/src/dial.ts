/**
 * Establishes a WebSocket connection (WebSockets Standard §2, RFC 6455 §4.1): resolves the URL's parts, opens TCP or
 * TLS, sends the handshake's request and checks the response. What it returns is handed to `duplex-driver.ts`. A
 * redirect is not followed; a certificate is always checked. Before: `websocket-url.ts`; after: `websocket.ts` and
 * `websocket-stream.ts`.
 */

import { randomBytes } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createSecureContext } from 'node:tls';
import {
  type Agreement,
  type ClientHandshake,
  checkResponse,
  createRequest,
  formatRequestHead,
  HandshakeError,
  HeadCollector,
  type Limits,
  type PerMessageDeflate,
  parseResponseHead,
} from '@hawser/protocol';
import type { ClientSettings, OpenTransport, TransportTarget } from './client-options.ts';

/** A call that is ready to be made. */
export interface Call {
  readonly target: TransportTarget;
  readonly handshake: ClientHandshake;
  /** The handshake's request as it stands on the wire, one character a byte. */
  readonly requestHead: string;
  readonly settings: ClientSettings;
}

/** A connection that is established. The duplex is paused, and its errors are listened to. */
export interface Dialed {
  readonly duplex: Duplex;
  /** What the server sent behind its response. */
  readonly head: Uint8Array;
  readonly agreement: Agreement;
  /** The negotiated compression; to be closed with the connection. */
  readonly extension: PerMessageDeflate | undefined;
}

const NONCE_LENGTH = 16;
const DEFAULT_PORT = { 'ws:': 80, 'wss:': 443 } as const;

/**
 * Prepares a call.
 *
 * @throws TypeError if a header cannot stand in a request, or is one that the handshake sets itself.
 */
export function prepareCall(url: URL, protocols: readonly string[], settings: ClientSettings): Call {
  const handshake: ClientHandshake = {
    // RFC 6455 §4.1: the port stands in Host unless it is the scheme's default; URLs are serialized likewise.
    host: url.host,
    // RFC 6455 §3: the path, and the query if it is not empty.
    resourceName: url.pathname + url.search,
    nonce: randomBytes(NONCE_LENGTH),
    subprotocols: protocols,
    extensions: settings.deflate === undefined ? [] : [settings.deflate.offer()],
    headers: requestHeaders(url, settings),
  };
  const requestHead = formatRequestHead(createRequest(handshake));
  return { target: targetOf(url), handshake, requestHead, settings };
}

/**
 * Makes a call.
 *
 * @param controller Aborting it gives the call up; the promise is then rejected with the reason.
 * @throws HandshakeError if the server does not agree or takes too long, or the error of the transport. It is always
 *   an Error.
 */
export async function dial(call: Call, controller: AbortController): Promise<Dialed> {
  const { clock, handshakeTimeoutMs } = call.settings;
  const cancelTimer = clock.schedule(() => {
    controller.abort(new HandshakeError('handshake-timeout', `none after ${handshakeTimeoutMs} ms`));
  }, handshakeTimeoutMs);
  try {
    const duplex = await openTransport(call, controller.signal);
    return await shakeHands(duplex, call);
  } catch (error) {
    throw asError(error);
  } finally {
    cancelTimer();
  }
}

function requestHeaders(url: URL, settings: ClientSettings): [name: string, value: string][] {
  const headers = Array.from(settings.headers, ([name, value]): [string, string] => [name, value]);
  if (settings.origin !== undefined) headers.push(['Origin', settings.origin]);
  const isAuthorized = headers.some(([name]) => name.toLowerCase() === 'authorization');
  if (!isAuthorized && (url.username !== '' || url.password !== '')) {
    headers.push(['Authorization', basicAuthorization(url)]);
  }
  return headers;
}

/** RFC 7617 §2: user and password of the URL, in base64. */
function basicAuthorization({ username, password }: URL): string {
  const credentials = `${decodePercent(username)}:${decodePercent(password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** A URL may hold "%" before anything; what does not decode stays as it is. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function targetOf(url: URL): TransportTarget {
  const isSecure = url.protocol === 'wss:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? DEFAULT_PORT[isSecure ? 'wss:' : 'ws:'] : Number(url.port);
  return { host, port, isSecure };
}

async function openTransport(call: Call, signal: AbortSignal): Promise<Duplex> {
  signal.throwIfAborted();
  const open = call.settings.openTransport;
  const duplex = await (open ? openGiven(open, call, signal) : openSocket(call, signal));
  // An error that nobody listens to would end the process; whoever waits at that time listens besides.
  duplex.on('error', ignore);
  signal.addEventListener('abort', () => duplex.destroy(signal.reason), { once: true });
  return duplex;
}

/** Calls what opens transports, and does not wait for it longer than the call lasts. */
function openGiven(open: OpenTransport, { target }: Call, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const opened = (async () => open(target, signal))();
    opened.then((duplex) => {
      if (signal.aborted) duplex.destroy();
      resolve(duplex);
    }, reject);
  });
}

function openSocket({ target, settings }: Call, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = target.isSecure ? openTls(target, settings) : openTcp(target);
    signal.addEventListener('abort', () => socket.destroy(signal.reason), { once: true });
    socket.setNoDelay(true);
    socket.once('error', reject);
    // Not before the server's certificate is known to be right is a byte written.
    socket.once(target.isSecure ? 'secureConnect' : 'connect', () => resolve(socket));
  });
}

/** A server may end its side right behind its Close frame; ours has to stay open for the answer (RFC 6455 §5.5.1). */
const halfOpen = { allowHalfOpen: true };

function openTcp({ host, port }: TransportTarget): Socket {
  return connectTcp({ host, port, ...halfOpen });
}

function openTls({ host, port }: TransportTarget, settings: ClientSettings): Socket {
  // RFC 6066 §3: an IP address is no server name. The certificate is checked against it all the same.
  const servername = settings.servername ?? (isIP(host) === 0 ? host : undefined);
  return connectTls({
    host,
    port,
    ...halfOpen,
    ...(servername === undefined ? {} : { servername }),
    // A context takes nothing that could switch the check off.
    secureContext: createSecureContext(settings.secureContext),
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  });
}

async function shakeHands(duplex: Duplex, call: Call): Promise<Dialed> {
  const { handshake, settings } = call;
  try {
    duplex.write(call.requestHead, 'latin1');
    const { head, rest } = await readHead(duplex, settings.limits);
    const agreement = checkResponse(parseResponseHead(head, settings.limits), handshake);
    checkProtocolIsChosen(agreement, handshake);
    const extension = settings.deflate?.check(agreement.extensions);
    return { duplex, head: rest, agreement, extension };
  } catch (error) {
    duplex.destroy();
    throw error;
  }
}

/** WebSockets Standard §2.2: a server that chooses none of the subprotocols that were asked for is refused. */
function checkProtocolIsChosen({ subprotocol }: Agreement, { subprotocols = [] }: ClientHandshake): void {
  if (subprotocols.length > 0 && subprotocol === undefined) {
    throw new HandshakeError('unrequested-subprotocol', 'none');
  }
}

/** Reads the response's head. The duplex is paused behind it. */
function readHead(duplex: Duplex, limits: Limits): Promise<{ head: string; rest: Uint8Array }> {
  const collector = new HeadCollector(limits);
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      duplex.off('data', receive).off('end', end).off('close', end).off('error', fail);
      duplex.pause();
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const end = (): void => fail(duplex.errored ?? endedTooEarly(collector.length));
    const receive = (chunk: Uint8Array): void => {
      try {
        const collected = collector.push(chunk);
        if (collected === undefined) return;
        settle();
        resolve(collected);
      } catch (error) {
        fail(error);
      }
    };
    duplex.on('data', receive).on('end', end).on('close', end).on('error', fail);
    if (duplex.destroyed) end();
  });
}

function endedTooEarly(length: number): HandshakeError {
  return new HandshakeError('malformed-status-line', `the end of the connection after ${length} bytes`);
}

/** What opens transports may throw anything. */
function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error('The transport could not be opened', { cause: value });
}

function ignore(): void {}
