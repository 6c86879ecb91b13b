/**
 * The machine at work: does what `connection-machine.ts` says, with a socket, timers and the page's events, and tells it
 * what happened. Above it are the `Client`, which speaks with a hub, and `ReconnectingWebSocket`, which does not.
 */

import { assertNever } from './assert-never.ts';
import type { CancelTimer, Clock } from './clock.ts';
import {
  type ConnectionState,
  type Effect,
  initialState,
  type MachineEvent,
  type MachineSettings,
  transition,
} from './connection-machine.ts';
import { type Problem, problemOf } from './errors.ts';
import type { PageLifecycle } from './page-lifecycle.ts';
import { type Random, randomFraction } from './random.ts';
import type {
  SocketData,
  SocketEvents,
  WebSocketConstructor,
  WebSocketLike,
} from './websocket-constructor.ts';

/** What a connection is made with. */
export interface ConnectionPorts extends MachineSettings {
  readonly url: string;
  readonly protocols: string[];
  readonly WebSocket: WebSocketConstructor;
  readonly clock: Clock;
  readonly random: Random;
  readonly lifecycle: PageLifecycle;
}

/** Who uses it. */
export interface ConnectionUser {
  /** Gets a token, and dispatches `authorized` or `token-failed`. */
  authorize(): void;
  /** Says who we are, or hands in the new token, and dispatches `greeted`, `refreshed` or `lost`. */
  greet(): void;
  /** Asks for a sign of life, if the protocol has one. */
  ping(): void;
  /** A message has come. */
  receive(data: unknown): void;
  /** What it means that the socket has closed. */
  judge(event: SocketEvents['close']): { readonly problem: Problem; readonly isFinal: boolean };
  /** The state has changed. */
  changed(state: ConnectionState, previous: ConnectionState): void;
  /** The page may end. */
  hidden(): void;
}

/** How often the clock is looked at, and which jump shows that the machine has slept. */
const TICK_MS = 5_000;
const JUMP_MS = 5_000;

/** A connection that comes back. */
export class Connection {
  readonly #ports: ConnectionPorts;
  readonly #user: ConnectionUser;
  readonly #events: MachineEvent[] = [];
  #state: ConnectionState = initialState;
  #socket: WebSocketLike | undefined;
  #heardAt = 0;
  #buffered = 0;
  #isBusy = false;
  readonly #timers: { alarm?: CancelTimer | undefined; 'refresh-alarm'?: CancelTimer | undefined } = {};
  #stopWatching: (() => undefined) | undefined;

  constructor(ports: ConnectionPorts, user: ConnectionUser) {
    this.#ports = ports;
    this.#user = user;
  }

  /** Where it stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The socket of the moment; undefined if there is none. */
  get socket(): WebSocketLike | undefined {
    return this.#socket;
  }

  /**
   * Bytes that the socket has taken and not sent. A long upload may hold up the answer to a ping: while it moves, the server
   * is there.
   */
  measureBuffer(): number {
    const buffered = this.#socket?.bufferedAmount ?? 0;
    if (buffered < this.#buffered) this.#heardAt = this.#ports.clock.now();
    this.#buffered = buffered;
    return buffered;
  }

  /** Sends a message, if there is a socket. */
  send(message: SocketData): void {
    this.#socket?.send(message);
    this.#buffered = this.#socket?.bufferedAmount ?? 0;
  }

  /** Tells the machine what happened, and does what follows. What happens meanwhile waits for its turn. */
  dispatch(event: MachineEvent): void {
    this.#events.push(event);
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#step(next);
    this.#isBusy = false;
  }

  #step(event: MachineEvent): void {
    const { clock, random } = this.#ports;
    this.measureBuffer();
    const moment = { now: clock.now(), heardAt: this.#heardAt, fraction: randomFraction(random) };
    const previous = this.#state;
    const [state, ...effects] = transition(previous, event, moment, this.#ports);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state.status !== 'closed') this.#stopWatching ??= this.#watch();
    else this.#stopWatching = this.#stopWatching?.();
    if (state !== previous) this.#user.changed(state, previous);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'authorize':
      case 'greet':
      case 'ping':
        return this.#user[effect.type]();
      case 'dial':
        return this.#dial();
      case 'drop':
        return this.#drop();
      case 'alarm':
      case 'refresh-alarm':
        return this.#setTimer(effect.type, effect.inMs);
      default:
        return assertNever(effect);
    }
  }

  #setTimer(type: 'alarm' | 'refresh-alarm', inMs: number | undefined): void {
    this.#timers[type]?.();
    this.#timers[type] =
      inMs === undefined ? undefined : this.#ports.clock.schedule(() => this.dispatch({ type }), inMs);
  }

  #dial(): void {
    const { WebSocket, url, protocols } = this.#ports;
    try {
      const socket = new WebSocket(url, protocols);
      this.#socket = socket;
      this.#buffered = 0;
      socket.binaryType = 'arraybuffer';
      this.#listen(socket);
    } catch (cause) {
      // Refused before anything was tried, as a page of https: is that wants ws:. It will be the next time.
      this.dispatch({ type: 'lost', problem: problemOf('connect-failed', cause), isFinal: true });
    }
  }

  /** Hears of a socket until it is dropped: from then on nothing it says means anything. */
  #listen(socket: WebSocketLike): void {
    socket.addEventListener('open', () => {
      if (this.#socket === socket) this.dispatch({ type: 'opened' });
    });
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket !== socket) return;
      this.#heardAt = this.#ports.clock.now();
      this.#user.receive(data);
    });
    socket.addEventListener('close', (event) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.dispatch({ type: 'lost', ...this.#user.judge(event) });
    });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  #watch(): () => undefined {
    const { lifecycle, clock } = this.#ports;
    const stop = lifecycle.watch((event) =>
      event === 'hide' ? this.#user.hidden() : this.dispatch({ type: event }),
    );
    let date = clock.date();
    const tick = (): void => {
      const slept = clock.date() - date - TICK_MS;
      date = clock.date();
      cancel = clock.schedule(tick, TICK_MS);
      if (slept > JUMP_MS) this.dispatch({ type: 'wake' });
    };
    let cancel = clock.schedule(tick, TICK_MS);
    return () => {
      stop();
      cancel();
      return undefined;
    };
  }
}
