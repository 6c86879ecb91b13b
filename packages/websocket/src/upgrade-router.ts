/**
 * Shares the `upgrade` event of one `http` server among the WebSocket servers attached to it, by path. A path that
 * none of them serves is refused with 404, unless somebody else listens to the event too and may take it.
 */

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { HandshakeError } from '@hawser/protocol';
import { pathnameOf } from './upgrade-request.ts';

/** One WebSocket server on an `http` server. */
export interface Route {
  /** The path that it serves; undefined for all. */
  readonly path: string | undefined;
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  refuse(socket: Duplex, error: HandshakeError): void;
}

const routers = new WeakMap<Server, UpgradeRouter>();

/** Adds a route to an `http` (or `https`) server. Returns how to take it away again. */
export function addRoute(server: Server, route: Route): () => void {
  const router = routers.get(server) ?? new UpgradeRouter(server);
  routers.set(server, router);
  return router.add(route);
}

class UpgradeRouter {
  readonly #server: Server;
  readonly #routes = new Set<Route>();

  constructor(server: Server) {
    this.#server = server;
  }

  add(route: Route): () => void {
    if (this.#routes.size === 0) this.#server.on('upgrade', this.#dispatch);
    this.#routes.add(route);
    return () => {
      this.#routes.delete(route);
      if (this.#routes.size === 0) this.#server.off('upgrade', this.#dispatch);
    };
  }

  readonly #dispatch = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const path = pathnameOf(request.url ?? '');
    const route = this.#find(path);
    if (route !== undefined) route.handle(request, socket, head);
    else if (this.#server.listenerCount('upgrade') === 1) this.#refuse(socket, path);
  };

  /** An exact path goes before a server that takes all. */
  #find(path: string): Route | undefined {
    const routes = [...this.#routes];
    return routes.find((route) => route.path === path) ?? routes.find((route) => route.path === undefined);
  }

  #refuse(socket: Duplex, path: string): void {
    const [route] = this.#routes;
    route?.refuse(socket, new HandshakeError('path-not-found', JSON.stringify(path)));
  }
}
