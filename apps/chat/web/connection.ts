/**
 * A connection that comes back: it opens sockets one after the other, waits between them as `backoff.ts` says, and tells in
 * which phase it is. It carries texts and knows nothing of what is in them; above it stands `chat.ts`, below it the browser's
 * WebSocket (`browser-socket.ts`), or in tests a stand-in.
 */

import { backoffDelayMs } from './backoff.ts';
import type { Schedule } from './schedule.ts';

export type ConnectionState =
  /** Nobody has asked for a connection, or it was given up. */
  | { readonly phase: 'idle' }
  /** From a try until whoever uses the connection says that it works. Failures are counted since it last did. */
  | { readonly phase: 'connecting'; readonly failures: number }
  | { readonly phase: 'connected' }
  /** Until `retryAt`, in milliseconds since 1970, or until `retryNow`. */
  | { readonly phase: 'waiting'; readonly retryAt: number };

/** What is needed of a WebSocket. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  readonly opened: () => void;
  readonly received: (data: unknown) => void;
  /** Once, however it ended. */
  readonly closed: () => void;
}

/** Begins to open a socket. The events come later, never before it has returned. */
export type OpenSocket = (events: SocketEvents) => Socket;

export interface ConnectionOptions {
  readonly openSocket: OpenSocket;
  readonly schedule: Schedule;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface ConnectionEvents {
  readonly changed: (state: ConnectionState) => void;
  /** The socket is open: time to say who we are. */
  readonly opened: () => void;
  readonly received: (data: unknown) => void;
}

/** A try that has not led to a working connection by then has failed. */
export const connectTimeoutMs = 10_000;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  #state: ConnectionState = { phase: 'idle' };
  #socket: Socket | undefined;
  #failures = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  start(): void {
    if (this.#state.phase === 'idle') this.#open();
  }

  stop(): void {
    this.#failures = 0;
    this.#release();
    this.#change({ phase: 'idle' });
  }

  /** Ends the waiting. In any other phase there is nothing to hurry. */
  retryNow(): void {
    if (this.#state.phase === 'waiting') this.#open();
  }

  /** The other side has answered as it should, so the next loss starts counting from the beginning. */
  confirm(): void {
    if (this.#state.phase !== 'connecting') return;
    this.#failures = 0;
    this.#cancelTimer();
    this.#change({ phase: 'connected' });
  }

  /** Gives the socket up for lost, although it is open, and tries another. */
  drop(): void {
    if (this.#state.phase === 'connecting' || this.#state.phase === 'connected') this.#fail();
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  #open(): void {
    this.#release();
    this.#change({ phase: 'connecting', failures: this.#failures });
    const socket = this.#options.openSocket({
      // A socket that was given up may still have something to say. Nobody listens.
      opened: () => this.#socket === socket && this.#events.opened(),
      received: (data) => this.#socket === socket && this.#events.received(data),
      closed: () => this.#socket === socket && this.#fail(),
    });
    this.#socket = socket;
    this.#cancelTimer = this.#options.schedule(connectTimeoutMs, () => this.drop());
  }

  #fail(): void {
    this.#release();
    this.#failures += 1;
    const delayMs = backoffDelayMs(this.#failures, this.#options.random);
    this.#cancelTimer = this.#options.schedule(delayMs, () => this.retryNow());
    this.#change({ phase: 'waiting', retryAt: this.#options.now() + delayMs });
  }

  #release(): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #change(state: ConnectionState): void {
    this.#state = state;
    this.#events.changed(state);
  }
}
