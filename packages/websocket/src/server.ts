/**
 * The WebSocket server: takes handshakes from a port of its own, from an `http` server or by hand, decides on them,
 * and holds the peers. Below: `upgrade.ts` decides, `peer.ts` lives on; above: the application. (Longer than a file should
 * be: it is one public class, whose contract is a fifth of the lines.)
 */

import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CloseCode, type Limits, type RequestHead } from '@hawser/protocol';
import { negotiatorFor } from './deflate.ts';
import { detachHttp } from './detach-http.ts';
import { ClientGoneError, PendingHandshakes } from './handshake-deadline.ts';
import { type Beat, Heartbeat } from './heartbeat.ts';
import { resolveMessageLimits } from './incoming-message.ts';
import { Listener, type ListenOptions } from './listener.ts';
import { resolveSettings, type ServerSettings, type WebSocketServerOptions } from './options.ts';
import { Peer, type PeerContext } from './peer.ts';
import { readRequest } from './request-reader.ts';
import { sharedBudget, sharedSlab } from './shared-memory.ts';
import {
  type Authorizer,
  authorizerOf,
  decideUpgrade,
  encodeRefusal,
  type Policy,
  refusalFor,
  type UpgradeAcceptance,
  type UpgradeDecision,
} from './upgrade.ts';
import { type CheckedRequest, checkUpgrade, requestHeadOf } from './upgrade-request.ts';
import { addRoute } from './upgrade-router.ts';

/** Which requests of an `http` server are taken. */
export interface AttachOptions {
  /** The path that is served, for example `/chat`. Default: every path that no other attached server serves. */
  readonly path?: string;
}

/** How a server ends. */
export interface CloseOptions {
  /** How long peers may take for the closing handshake before they are terminated, in ms. Default 10,000. */
  readonly deadlineMs?: number;
}

const DEFAULT_CLOSE_DEADLINE_MS = 10_000;

/**
 * A WebSocket server.
 *
 * @typeParam Data What `authorize` makes of a request: `peer.data`.
 * @example
 * const server = new WebSocketServer({
 *   message(peer, message) {
 *     peer.send(message);
 *   },
 * });
 * await server.listen({ port: 8080, host: 'localhost' });
 */
export class WebSocketServer<Data = undefined> {
  readonly #options: WebSocketServerOptions<Data>;
  readonly #authorize: Authorizer<Data>;
  readonly #settings: ServerSettings;
  readonly #limits: Limits;
  readonly #peerContext: PeerContext<Data>;
  readonly #policy: Policy<Data>;
  readonly #pending: PendingHandshakes;
  readonly #heartbeat: Heartbeat;
  readonly #peers = new Map<Peer<Data>, Beat | undefined>();
  readonly #detach = new Set<() => void>();
  readonly #whenEmpty = new Set<() => void>();
  /** Clients that were refused and have not gone yet. */
  readonly #refused = new Set<Duplex>();
  #listener: Listener | undefined;

  /** @throws RangeError if a number among the options is out of range. */
  constructor(options: WebSocketServerOptions<Data>) {
    this.#options = options;
    this.#authorize = authorizerOf(options);
    this.#settings = resolveSettings(options);
    this.#limits = resolveMessageLimits(options.limits, options.stream !== undefined);
    this.#peerContext = {
      handlers: options,
      settings: this.#settings,
      connection: {
        role: 'server',
        limits: this.#limits,
        budget: options.budget ?? sharedBudget,
        slab: sharedSlab,
        streaming: options.stream !== undefined,
      },
      onGone: (peer) => this.#peerGone(peer),
    };
    this.#policy = { ...options, deflate: negotiatorFor('server', options.perMessageDeflate) };
    this.#pending = new PendingHandshakes(this.#settings);
    this.#heartbeat = new Heartbeat(this.#settings);
  }

  /** The open connections, in the order in which they were opened. */
  get peers(): Iterable<Peer<Data>> {
    return this.#peers.keys();
  }

  /** How many connections are open. */
  get peerCount(): number {
    return this.#peers.size;
  }

  /**
   * Listens on a port or socket of its own. What turns out to be plain HTTP is answered with 426.
   *
   * Rejects with Node's own error, such as `EADDRINUSE`, if it cannot. A server that was closed never listens again.
   */
  async listen(options: ListenOptions): Promise<void> {
    this.#checkNotClosed();
    if (this.#listener !== undefined) {
      throw new TypeError('Expected a server that does not listen yet, received one that does');
    }
    const { handshakeTimeoutMs } = this.#settings;
    const owner = {
      take: (socket: Socket) => this.#takeSocket(socket),
      failed: (error: Error) => this.#tellRefused(error, undefined),
      handshakeTimeoutMs,
    };
    this.#listener = new Listener(owner, options.tls);
    try {
      await this.#listener.listen(options);
    } catch (error) {
      this.#listener = undefined;
      throw error;
    }
  }

  /** Where it listens; undefined if it does not, the path for a Unix socket. */
  address(): AddressInfo | string | undefined {
    return this.#listener?.address();
  }

  /**
   * Takes the upgrade requests of an `http` or `https` server. Its other requests are not touched.
   *
   * @throws TypeError if this server was closed.
   */
  attach(server: HttpServer, { path }: AttachOptions = {}): void {
    this.#checkNotClosed();
    const detach = addRoute(server, {
      path,
      handle: (request, socket, head) => {
        this.handleUpgrade(request, socket, head);
      },
      refuse: (socket, error) => this.#refuse(socket, error),
    });
    this.#detach.add(detach);
  }

  /**
   * Takes one request, from an `upgrade` event or from a `request` event of Node's `http` server.
   *
   * @param head The bytes that came behind the request; none in a `request` event.
   * @returns The peer, or undefined if the request was refused. Never rejects.
   */
  async handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
  ): Promise<Peer<Data> | undefined> {
    detachHttp(socket);
    const interrupted = new Promise<undefined>((resolve) => {
      this.#begin(socket, () => resolve(undefined));
    });
    await pauseBehindRequest(socket);
    return Promise.race([this.#answer(socket, () => requestHeadOf(request), head), interrupted]);
  }

  /**
   * Ends gracefully: accepts no more connections, refuses handshakes under way, closes every peer with 1001 and
   * terminates what has not ended by the deadline.
   *
   * Resolves when all connections are gone. An `http` server that it was attached to is left running.
   */
  async close({ deadlineMs = DEFAULT_CLOSE_DEADLINE_MS }: CloseOptions = {}): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    const listenerClosed = listener?.close();
    for (const detach of this.#detach) detach();
    this.#pending.close();
    for (const peer of this.peers) peer.close(CloseCode.GoingAway);
    const cancelDeadline = this.#settings.clock.schedule(() => {
      for (const peer of this.peers) peer.terminate();
      for (const socket of this.#refused) socket.destroy();
      listener?.destroySockets();
    }, deadlineMs);
    await this.#allGone();
    await listenerClosed;
    cancelDeadline();
  }

  /** A server that refuses everybody must not keep a port, or take the requests of others. */
  #checkNotClosed(): void {
    if (!this.#pending.isClosing) return;
    throw new TypeError('Expected a server that was not closed, received one that was');
  }

  #allGone(): Promise<void> {
    if (this.#peers.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenEmpty.add(resolve);
    });
  }

  #takeSocket(socket: Socket): void {
    if (!this.#begin(socket, () => undefined)) return;
    readRequest(socket, this.#limits, {
      received: (head, rest) => this.#answer(socket, () => head, rest),
      failed: (error) => this.#fail(socket, error),
    });
  }

  /** Begins a handshake, or refuses it. `interrupted` is called if it comes to no answer. */
  #begin(socket: Duplex, interrupted: () => void): boolean {
    const interrupt = (reason: unknown): void => {
      this.#refuse(socket, reason);
      interrupted();
    };
    try {
      this.#pending.begin(socket, interrupt);
      return true;
    } catch (error) {
      interrupt(error);
      return false;
    }
  }

  /** Answers a request, at once if `authorize` decides at once. Never throws or rejects. */
  #answer(
    socket: Duplex,
    readHead: () => RequestHead,
    rest: Uint8Array,
  ): Peer<Data> | undefined | Promise<Peer<Data> | undefined> {
    // The handshake may have run out of time while the request came.
    if (!this.#pending.has(socket)) return undefined;
    try {
      const checked = checkUpgrade(readHead(), socket);
      const decision = decideUpgrade(checked, this.#authorize, this.#policy);
      if (!(decision instanceof Promise)) return this.#carryOut(socket, checked, decision, rest);
      // What comes behind the request waits for the peer.
      socket.pause();
      return decision
        .then((decided) => this.#carryOut(socket, checked, decided, rest))
        .catch((error: unknown) => this.#fail(socket, error));
    } catch (error) {
      return this.#fail(socket, error);
    }
  }

  #carryOut(
    socket: Duplex,
    checked: CheckedRequest,
    decision: UpgradeDecision<Data>,
    rest: Uint8Array,
  ): Peer<Data> | undefined {
    // The handshake may have run out of time while the application made up its mind.
    if (isOver(socket) || !this.#pending.end(socket)) {
      if (decision.allow) decision.extension?.close();
      return undefined;
    }
    if (!decision.allow) {
      this.#end(socket, decision.response);
      return undefined;
    }
    socket.write(decision.response, 'latin1');
    const peer = this.#createPeer(socket, checked, decision);
    peer.start(rest);
    return peer;
  }

  #fail(socket: Duplex, error: unknown): undefined {
    if (this.#pending.end(socket) || !isOver(socket)) this.#refuse(socket, error);
  }

  #createPeer(
    socket: Duplex,
    { request }: CheckedRequest,
    { data, subprotocol, extension }: UpgradeAcceptance<Data>,
  ): Peer<Data> {
    // Frames leave when they are written: no Nagle.
    if (socket instanceof Socket) socket.setNoDelay(true);
    request.headers.pack();
    const peer = new Peer<Data>(socket, { data, request, subprotocol, extension }, this.#peerContext);
    this.#peers.set(peer, this.#heartbeat.add(peer));
    return peer;
  }

  #peerGone(peer: Peer<Data>): void {
    const beat = this.#peers.get(peer);
    if (beat !== undefined) this.#heartbeat.remove(beat);
    this.#peers.delete(peer);
    if (this.#peers.size > 0) return;
    for (const resolve of this.#whenEmpty) resolve();
    this.#whenEmpty.clear();
  }

  #refuse(socket: Duplex, error: unknown): void {
    const remoteAddress = socket instanceof Socket ? socket.remoteAddress : undefined;
    if (error instanceof Error) this.#tellRefused(error, remoteAddress);
    if (error instanceof ClientGoneError || socket.destroyed) socket.destroy();
    else this.#end(socket, encodeRefusal(refusalFor(error)));
  }

  /** Nobody is left to hear of what `refused` itself throws. */
  #tellRefused(error: Error, remoteAddress: string | undefined): void {
    try {
      this.#options.refused?.(error, remoteAddress);
    } catch {
      // The handshake has to be answered all the same.
    }
  }

  /** Writes a refusal and ends the connection: nothing behind a refused request is read as another one. */
  #end(socket: Duplex, response: Buffer): void {
    const { clock, closeTimeoutMs } = this.#settings;
    const cancelTimer = clock.schedule(() => socket.destroy(), closeTimeoutMs);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      cancelTimer();
      this.#refused.delete(socket);
    });
    this.#refused.add(socket);
    socket.end(response);
    socket.resume();
  }
}

/** Whether a handshake has been answered or given up. */
function isOver(socket: Duplex): boolean {
  return socket.destroyed || socket.writableEnded;
}

/** Has what follows a request wait for the peer. `http` lets the socket flow once more, right behind its event. */
async function pauseBehindRequest(socket: Duplex): Promise<void> {
  await undefined;
  socket.pause();
}
