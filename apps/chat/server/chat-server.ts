/**
 * The whole chat on one port: the page over HTTP, its endpoint and the guide's two over WebSocket. It puts the parts together,
 * sends each request to the one that it is for, and takes all of them down in order.
 */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { chatPath } from '../contract/messages.ts';
import { createChatEndpoint } from './chat-endpoint.ts';
import { ChatRoom } from './chat-room.ts';
import { broadcastPath, createBroadcastEndpoint, createHelloEndpoint, helloPath } from './guide-endpoints.ts';
import { type Schedule, scheduleWithNode } from './schedule.ts';
import { answer, pathOf, StaticFiles } from './static-files.ts';

export interface ChatServerOptions {
  /** The folder of the chat, with `web/` and, once it is built, `dist/` in it. */
  readonly root: string;
  readonly now?: () => number;
  readonly schedule?: Schedule;
}

export interface ListenOptions {
  readonly port: number;
  readonly hosts: readonly string[];
}

/** A WebSocket server, as far as this file deals with it. */
interface Endpoint {
  attach(server: Server, options: { readonly path: string }): void;
  close(options: { readonly deadlineMs: number }): Promise<void>;
}

/** Whoever has not said goodbye by then is left. */
const deadlineMs = 3_000;

export class ChatServer {
  readonly #files: StaticFiles;
  readonly #endpoints: ReadonlyMap<string, Endpoint>;
  readonly #servers: Server[] = [];

  constructor({ root, now = Date.now, schedule = scheduleWithNode }: ChatServerOptions) {
    this.#files = new StaticFiles([
      { prefix: '/', folder: join(root, 'web') },
      { prefix: '/style/', folder: join(root, 'web', 'style') },
      { prefix: '/web/', folder: join(root, 'dist', 'web') },
      { prefix: '/web/view/', folder: join(root, 'dist', 'web', 'view') },
      { prefix: '/contract/', folder: join(root, 'dist', 'contract') },
    ]);
    const room = new ChatRoom({ epoch: randomUUID(), now });
    this.#endpoints = new Map<string, Endpoint>([
      [chatPath, createChatEndpoint({ room, now, schedule })],
      [broadcastPath, createBroadcastEndpoint({ now })],
      [helloPath, createHelloEndpoint({ schedule })],
    ]);
  }

  /** Listens on every host, on the same port of each, and returns that port. Port 0 takes a free one. */
  async listen({ port, hosts }: ListenOptions): Promise<number> {
    let chosen = port;
    for (const host of hosts) {
      const server = createServer((request, response) => this.#answer(request, response));
      for (const [path, endpoint] of this.#endpoints) endpoint.attach(server, { path });
      try {
        chosen = await listenOn(server, chosen, host);
      } catch (error) {
        // Not every machine has both IPv4 and IPv6, and one address is enough.
        if (this.#servers.length > 0 && isAddressMissing(error)) continue;
        throw error;
      }
      this.#servers.push(server);
    }
    return chosen;
  }

  /** Takes no more connections, says goodbye on those that are open, and ends when all are closed. */
  async close(): Promise<void> {
    const closed = this.#servers.map(closeServer);
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close({ deadlineMs })));
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#endpoints.has(pathOf(request))) return this.#files.handle(request, response);
    answer(response, 426, 'Expected a WebSocket handshake\n', {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
    });
  }
}

function listenOn(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function isAddressMissing(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  return error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';
}
