/** Servers that end with their test, and connections to them: over real sockets, or in memory. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server as HttpServer, IncomingMessage } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type Peer, WebSocketServer, type WebSocketServerOptions } from '../src/index.ts';
import { MemoryTransport } from './memory-transport.ts';
import { destroyClients } from './raw-client.ts';

/** Where a client connects to. */
export interface Place {
  readonly port: number;
  readonly host: string;
}

/** A server on a free port of 127.0.0.1. */
export async function startServer<Data>(
  t: TestContext,
  options: WebSocketServerOptions<Data>,
): Promise<{ server: WebSocketServer<Data>; place: Place }> {
  const server = new WebSocketServer<Data>(options);
  await server.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => {
    destroyClients();
    return server.close({ deadlineMs: 0 });
  });
  return { server, place: placeOf(server.address()) };
}

/** Has an `http` server listen on a free port of 127.0.0.1. */
export async function startHttp(t: TestContext, server: HttpServer): Promise<Place> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return placeOf(server.address());
}

/** The place that a server tells as its address. */
export function placeOf(address: AddressInfo | string | null | undefined): Place {
  assert.ok(typeof address === 'object' && address !== null);
  return { port: address.port, host: address.address };
}

/** Opens a connection in memory: the server's peer, and the transport with the test at its other end. */
export async function openInMemory<Data>(
  server: WebSocketServer<Data>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ peer: Peer<Data>; transport: MemoryTransport }> {
  const transport = new MemoryTransport();
  const peer = await server.handleUpgrade(upgradeRequest(headers), transport, Buffer.alloc(0));
  assert.ok(peer);
  transport.writes.length = 0;
  transport.chunks.length = 0;
  return { peer, transport };
}

/** A valid handshake, as Node's `http` hands it on. */
function upgradeRequest(headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  request.url = '/';
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  const all = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  request.rawHeaders = Object.entries(all).flat();
  return request;
}
