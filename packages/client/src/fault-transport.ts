/**
 * A bad network for tests: wraps a WebSocket, so that whatever goes through it can be lost, late, cut or silent when the
 * test says so. It is handed to a client as its `WebSocket`.
 */

import type { Clock } from './clock.ts';
import type {
  SocketData,
  SocketEvents,
  WebSocketConstructor,
  WebSocketLike,
} from './websocket-constructor.ts';

/** What becomes of messages, until it is said otherwise. */
export interface Faults {
  /** The part of messages that vanish, each way, from 0 to 1. Real networks lose whole connections instead. Default 0. */
  drop: number;
  /** How late each message is, in ms; the order is kept. Default 0. */
  delayMs: number;
  /**
   * Whether nothing goes through either way, and nobody is told: the connection is half open. What is under way arrives
   * when this is over, in order, where the connection has lived so long. Default false.
   */
  isFrozen: boolean;
  /** Whether `close` is told twice, as some platforms do. Default false. */
  duplicatesClose: boolean;
  /** Whether no connection can be made. Default false. */
  refuses: boolean;
}

/** What a fault transport is made with. */
export interface FaultTransportOptions {
  /** Below it. */
  readonly WebSocket: WebSocketConstructor;
  readonly clock: Clock;
  /** Gives numbers from 0 to 1: which messages are lost. Default `Math.random`. */
  readonly random?: () => number;
}

type Listener<Name extends keyof SocketEvents> = (event: SocketEvents[Name]) => void;

/** A network whose faults the test chooses. */
export class FaultTransport {
  /** What is wrong with it now. Change it at any time. */
  readonly faults: Faults;
  /** Hand this to a client. */
  readonly WebSocket: WebSocketConstructor;
  readonly #sockets = new Set<FaultySocket>();
  readonly #held: (() => void)[] = [];
  #isFrozen = false;

  constructor(options: FaultTransportOptions) {
    this.faults = this.#makeFaults();
    const network = this;
    this.WebSocket = class extends FaultySocket {
      constructor(url: string, protocols?: string[]) {
        super(network, options, url, protocols);
        network.#sockets.add(this);
      }
    };
  }

  /** How many sockets have been made and not closed. */
  get connectionCount(): number {
    return [...this.#sockets].filter((socket) => !socket.isClosed).length;
  }

  /** Lets something arrive, now or when the network is no longer frozen. Of use to its sockets alone. */
  pass(arrive: () => void): void {
    if (this.#isFrozen) this.#held.push(arrive);
    else arrive();
  }

  #makeFaults(): Faults {
    const isFrozen = (): boolean => this.#isFrozen;
    const setFrozen = (value: boolean): void => {
      this.#isFrozen = value;
      if (!value) for (const arrive of this.#held.splice(0)) arrive();
    };
    return {
      drop: 0,
      delayMs: 0,
      duplicatesClose: false,
      refuses: false,
      get isFrozen() {
        return isFrozen();
      },
      set isFrozen(value) {
        setFrozen(value);
      },
    };
  }

  /** Cuts all connections: both sides hear of it, as of a reset. */
  cut(): void {
    for (const socket of this.#sockets) socket.cut();
    this.#sockets.clear();
  }
}

/** One connection over the bad network. */
class FaultySocket implements WebSocketLike {
  readonly #network: FaultTransport;
  readonly #options: FaultTransportOptions;
  readonly #inner: WebSocketLike | undefined;
  readonly #listeners: { [Name in keyof SocketEvents]: Listener<Name>[] } = {
    open: [],
    message: [],
    close: [],
  };
  #isClosed = false;

  constructor(network: FaultTransport, options: FaultTransportOptions, url: string, protocols?: string[]) {
    this.#network = network;
    this.#options = options;
    if (network.faults.refuses) options.clock.schedule(() => this.cut(), 0);
    else this.#inner = this.#connect(new options.WebSocket(url, protocols));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get binaryType(): string {
    return this.#inner?.binaryType ?? 'blob';
  }

  set binaryType(binaryType: string) {
    if (this.#inner) this.#inner.binaryType = binaryType;
  }

  get bufferedAmount(): number {
    return this.#inner?.bufferedAmount ?? 0;
  }

  get protocol(): string {
    return this.#inner?.protocol ?? '';
  }

  get extensions(): string {
    return this.#inner?.extensions ?? '';
  }

  addEventListener<Name extends keyof SocketEvents>(type: Name, listener: Listener<Name>): void {
    this.#listeners[type].push(listener);
  }

  send(data: SocketData): void {
    this.#pass(() => this.#inner?.send(data));
  }

  close(code?: number, reason?: string): void {
    this.#inner?.close(code, reason);
  }

  /** Ends it without a word. */
  cut(): void {
    this.#end({ code: 1006, reason: '', wasClean: false });
    this.#inner?.close();
  }

  #connect(inner: WebSocketLike): WebSocketLike {
    inner.addEventListener('open', (event) => this.#later(() => this.#tell('open', event)));
    inner.addEventListener('message', (event) => this.#pass(() => this.#tell('message', event)));
    inner.addEventListener('close', (event) => this.#later(() => this.#end(event)));
    return inner;
  }

  /** Has a message arrive, or not. */
  #pass(arrive: () => void): void {
    const { random = Math.random } = this.#options;
    if (random() < this.#network.faults.drop) return;
    this.#later(arrive);
  }

  #later(arrive: () => void): void {
    const { delayMs } = this.#network.faults;
    const pass = (): void =>
      this.#network.pass(() => {
        if (!this.#isClosed) arrive();
      });
    if (delayMs === 0) pass();
    else this.#options.clock.schedule(pass, delayMs);
  }

  #end(event: SocketEvents['close']): void {
    if (this.#isClosed) return;
    this.#tell('close', event);
    if (this.#network.faults.duplicatesClose) this.#tell('close', event);
    this.#isClosed = true;
  }

  #tell<Name extends keyof SocketEvents>(name: Name, event: SocketEvents[Name]): void {
    for (const listener of this.#listeners[name]) listener(event);
  }
}
