/**
 * A port or Unix socket of a server's own, plain or with TLS: from `listen` to the sockets that clients open. Above:
 * `server.ts`, which reads the handshakes from them.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** Where a server listens on its own: a TCP port, or a Unix socket. */
export type ListenOptions = (
  | {
      /** 0 for any free port. */
      readonly port: number;
      /** Default: all addresses of the machine. */
      readonly host?: string;
    }
  | { readonly socketPath: string }
) & {
  /** Speaks TLS (`wss:`): at least `key` and `cert`. Default: plain. */
  readonly tls?: TlsOptions;
};

/** Who takes what a listener brings. */
export interface ListenerOwner {
  /** A client connected; TLS has been spoken, if it is to be. */
  take(socket: Socket): void;
  /** One client could not be accepted. */
  failed(error: Error): void;
  /** How long the TLS handshake may take, in ms. */
  readonly handshakeTimeoutMs: number;
}

/** A client may end its side right behind its Close frame: what we have to say to that must still leave. */
const HALF_OPEN = { allowHalfOpen: true } as const;

/** Listens in one place. */
export class Listener {
  readonly #server: Server;
  readonly #owner: ListenerOwner;
  /** The sockets under TLS: those whose handshake is unfinished have nobody else who knows them. */
  readonly #rawSockets = new Set<Socket>();

  constructor(owner: ListenerOwner, tls: TlsOptions | undefined) {
    const take = (socket: Socket): void => owner.take(socket);
    this.#owner = owner;
    this.#server = tls === undefined ? createServer(HALF_OPEN, take) : this.#createTlsServer(tls, take);
  }

  /** Begins to listen. Rejects with Node's own error, such as `EADDRINUSE`, if it cannot, or if it is closed meanwhile. */
  listen(options: ListenOptions): Promise<void> {
    const server = this.#server;
    const where = 'socketPath' in options ? { path: options.socketPath } : options;
    return new Promise((resolve, reject) => {
      const closed = (): void => reject(new Error('Expected to listen, received close() before'));
      server.once('error', reject).once('close', closed);
      server.listen(where, () => {
        server.off('error', reject).off('close', closed);
        // From here on an error is that of one connection which could not be accepted.
        server.on('error', (error) => this.#owner.failed(error));
        resolve();
      });
    });
  }

  /** Where it listens: the path for a Unix socket; undefined while it does not. */
  address(): AddressInfo | string | undefined {
    return this.#server.address() ?? undefined;
  }

  /** Accepts no more clients. Resolves when those that it accepted are gone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** Ends what is left under TLS. */
  destroySockets(): void {
    for (const socket of this.#rawSockets) socket.destroy();
  }

  #createTlsServer(options: TlsOptions, take: (socket: Socket) => void): Server {
    const handshakeTimeout = this.#owner.handshakeTimeoutMs;
    const server = createTlsServer({ ...HALF_OPEN, handshakeTimeout, ...options }, take);
    return server.on('connection', (socket: Socket) => {
      this.#rawSockets.add(socket);
      socket.once('close', () => this.#rawSockets.delete(socket));
    });
  }
}
