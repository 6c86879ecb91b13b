/** What most of the tests begin with: a server, a client that is connected to it, and the server's side of that. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Server as NetServer } from 'node:net';
import type { TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from '@hawser/ws';

type ServerOptions = NonNullable<ConstructorParameters<typeof WebSocketServer>[0]>;
type ClientOptions = NonNullable<ConstructorParameters<typeof WebSocket>[2]>;

export interface Pair {
  readonly server: WebSocketServer;
  readonly url: string;
  readonly client: WebSocket;
  /** The server's side of the connection. */
  readonly peer: WebSocket;
  readonly request: IncomingMessage;
}

/** A server that listens; it ends with the test, and so do its connections. */
export async function listen(
  t: TestContext,
  options: ServerOptions = {},
): Promise<{ server: WebSocketServer; url: string; port: number }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  t.after(() => {
    for (const client of server.clients ?? []) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  const port = portOf(server);
  return { server, port, url: `ws://127.0.0.1:${port}` };
}

/** Where a server listens. */
export function portOf(server: Pick<NetServer, 'address'>): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError('Expected a TCP server that listens');
  return address.port;
}

/** A connection whose both sides are open. */
export async function connect(
  t: TestContext,
  options: {
    readonly server?: ServerOptions;
    readonly client?: ClientOptions;
    readonly protocols?: string[];
  } = {},
): Promise<Pair> {
  const { server, url } = await listen(t, options.server);
  const client = new WebSocket(url, options.protocols ?? [], options.client);
  t.after(() => client.terminate());
  const [[peer, request]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
  return { server, url, client, peer, request };
}

/** The next messages that come, each with whether it is binary. */
export function messages(websocket: WebSocket, count: number): Promise<[data: Buffer, isBinary: boolean][]> {
  const received: [Buffer, boolean][] = [];
  return new Promise((resolve) => {
    websocket.on('message', (data: Buffer, isBinary: boolean) => {
      received.push([data, isBinary]);
      if (received.length === count) resolve(received);
    });
  });
}

/** How a connection was closed. */
export async function closed(websocket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = await once(websocket, 'close');
  return { code, reason: String(reason) };
}

/** The error that a connection emits, and then how it was closed. */
export async function failed(websocket: WebSocket): Promise<{ error: NodeJS.ErrnoException; code: number }> {
  const closing = new Promise<number>((resolve) => websocket.once('close', resolve));
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => websocket.once('error', resolve));
  return { error, code: await closing };
}

/** Calls `send` and the like, and waits for the callback. */
export function sent(send: (callback: (error?: Error) => void) => void): Promise<Error | undefined> {
  return new Promise((resolve) => send((error) => resolve(error ?? undefined)));
}
