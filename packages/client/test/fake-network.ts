/** A network in memory, on a clock that the test turns: sockets whose other ends the test holds. */
import type { FakeClock } from '../src/testing.ts';
import type { SocketEvents, WebSocketConstructor, WebSocketLike } from '../src/websocket-constructor.ts';

type Frame = string | Uint8Array;
type Listener = (event: never) => void;

/** How long a frame is under way. */
export const LATENCY_MS = 5;

/** The server's end of a connection. */
export class ServerEnd {
  readonly url: string;
  readonly protocols: readonly string[];
  /** What has come, in order. */
  readonly received: Frame[] = [];
  onFrame: (frame: Frame) => void = () => {};
  onClose: () => void = () => {};
  readonly #client: ClientEnd;

  constructor(client: ClientEnd, url: string, protocols: readonly string[]) {
    this.#client = client;
    this.url = url;
    this.protocols = protocols;
  }

  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  send(frame: Frame): void {
    this.#client.arrive(frame);
  }

  close(code: number, reason = ''): void {
    this.#client.closeLater({ code, reason, wasClean: true });
  }
}

/** The client's end: what the client sees as a WebSocket. */
class ClientEnd implements WebSocketLike {
  binaryType = 'blob';
  bufferedAmount = 0;
  protocol = '';
  readonly extensions = '';
  readonly server: ServerEnd;
  isOpen = false;
  isOver = false;
  readonly #network: FakeNetwork;
  readonly #listeners = new Map<string, Listener[]>();

  constructor(network: FakeNetwork, url: string, protocols: readonly string[] = []) {
    this.#network = network;
    this.server = new ServerEnd(this, url, protocols);
    network.clock.schedule(() => this.#open(protocols), LATENCY_MS);
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: Frame | ArrayBuffer): void {
    const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    if (this.#network.isStuck) {
      this.bufferedAmount += frame.length;
      return;
    }
    this.#later(() => {
      this.server.received.push(frame);
      this.server.onFrame(frame);
    });
  }

  close(): void {
    if (this.isOver) return;
    this.closeLater({ code: 1000, reason: '', wasClean: true });
  }

  arrive(frame: Frame): void {
    // A copy, with a buffer of its own, as it would come from a network.
    this.#later(() =>
      this.#tell('message', { data: typeof frame === 'string' ? frame : frame.slice().buffer }),
    );
  }

  closeLater(event: SocketEvents['close']): void {
    this.#network.clock.schedule(() => this.end(event), LATENCY_MS);
  }

  end(event: SocketEvents['close']): void {
    if (this.isOver) return;
    this.isOver = true;
    this.isOpen = false;
    this.#network.forget(this);
    this.server.onClose();
    this.#tell('close', event);
  }

  #open(protocols: readonly string[]): void {
    if (this.isOver) return;
    if (this.#network.isDown) return this.end({ code: 1006, reason: '', wasClean: false });
    this.isOpen = true;
    this.protocol = this.#network.protocol ?? protocols[0] ?? '';
    this.#network.connected(this.server);
    this.#tell('open', {});
  }

  #later(arrive: () => void): void {
    this.#network.clock.schedule(() => {
      this.#network.pass(() => {
        if (this.isOpen) arrive();
      });
    }, LATENCY_MS);
  }

  #tell(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) Reflect.apply(listener, undefined, [event]);
  }
}

/** Where the connections of a test run. */
export class FakeNetwork {
  readonly clock: FakeClock;
  readonly WebSocket: WebSocketConstructor;
  /** The servers' ends of all connections there have been. */
  readonly connections: ServerEnd[] = [];
  onConnection: (end: ServerEnd) => void = () => {};
  /** No connection can be made. */
  isDown = false;
  /** What is sent stays in the socket. */
  isStuck = false;
  /** What servers choose; undefined for the first that is offered. */
  protocol: string | undefined;
  readonly #open = new Set<ClientEnd>();
  #isFrozen = false;
  readonly #held: (() => void)[] = [];

  constructor(clock: FakeClock) {
    this.clock = clock;
    const made = (socket: ClientEnd): void => void this.#open.add(socket);
    const network = this;
    this.WebSocket = class extends ClientEnd {
      constructor(url: string, protocols?: string[]) {
        super(network, url, protocols);
        made(this);
      }
    };
  }

  /** Nothing arrives, and nobody is told. What was under way arrives afterwards, in order, where somebody is still there. */
  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  set isFrozen(isFrozen: boolean) {
    this.#isFrozen = isFrozen;
    if (!isFrozen) for (const arrive of this.#held.splice(0)) arrive();
  }

  /** Lets something arrive, now or when the network is no longer frozen. */
  pass(arrive: () => void): void {
    if (this.#isFrozen) this.#held.push(arrive);
    else arrive();
  }

  /** The newest connection. */
  get last(): ServerEnd {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('Expected a connection, received none');
    return last;
  }

  /** Cuts every connection, and what is under way with it. */
  cut(): void {
    for (const socket of this.#open) socket.end({ code: 1006, reason: '', wasClean: false });
  }

  /** Some of what stayed in the sockets is gone. */
  shrink(bytes: number): void {
    for (const socket of this.#open) socket.bufferedAmount = Math.max(0, socket.bufferedAmount - bytes);
  }

  /** Lets go what stayed in the sockets. */
  drain(): void {
    this.isStuck = false;
    for (const socket of this.#open) socket.bufferedAmount = 0;
  }

  connected(end: ServerEnd): void {
    this.connections.push(end);
    this.onConnection(end);
  }

  forget(socket: ClientEnd): void {
    this.#open.delete(socket);
  }
}
