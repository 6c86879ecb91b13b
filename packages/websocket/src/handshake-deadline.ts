/**
 * The handshakes under way at one server: how many there may be, how long each may take, and that all of them end
 * when the server closes. They all have the same time, so the first to begin is the first to be late, and one timer
 * and one set of listeners serve them all. Used by `server.ts`.
 */

import type { Duplex } from 'node:stream';
import { HandshakeError } from '@hawser/protocol';
import type { CancelTimer, Clock } from './clock.ts';

/** Bounds on handshakes. */
export interface HandshakeBounds {
  readonly clock: Clock;
  readonly handshakeTimeoutMs: number;
  readonly maxPendingHandshakes: number;
}

/** The client left before its handshake was answered. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';

  constructor() {
    super('Expected the client to wait for the answer to its handshake, received the end of the connection');
  }
}

/** Ends a handshake that cannot go on. */
export type Interrupt = (reason: Error) => void;

interface PendingHandshake {
  readonly deadline: number;
  readonly interrupt: Interrupt;
}

/** Keeps the handshakes of one server within bounds. */
export class PendingHandshakes {
  readonly #bounds: HandshakeBounds;
  /** By their sockets, in the order in which they began. */
  readonly #pending = new Map<Duplex, PendingHandshake>();
  readonly #clientGone: (this: Duplex) => void;
  #cancelTimer: CancelTimer | undefined;
  #isClosing = false;

  constructor(bounds: HandshakeBounds) {
    this.#bounds = bounds;
    const interrupt = (socket: Duplex): void => this.#interrupt(socket, new ClientGoneError());
    this.#clientGone = function () {
      interrupt(this);
    };
  }

  /**
   * Begins a handshake: until `end` is called it is interrupted if it takes too long, the client leaves or the server
   * closes.
   *
   * @throws HandshakeError if there are too many, or the server is closing.
   */
  begin(socket: Duplex, interrupt: Interrupt): void {
    this.#checkRoom();
    const { clock, handshakeTimeoutMs } = this.#bounds;
    this.#pending.set(socket, { deadline: clock.now() + handshakeTimeoutMs, interrupt });
    this.#cancelTimer ??= this.#schedule(handshakeTimeoutMs);
    const clientGone = this.#clientGone;
    socket.on('error', clientGone).on('end', clientGone).on('close', clientGone);
  }

  /** Ends a handshake. Returns whether it was under way: one that was interrupted is not. */
  end(socket: Duplex): boolean {
    if (!this.#pending.delete(socket)) return false;
    if (this.#pending.size === 0) this.#stopTimer();
    const clientGone = this.#clientGone;
    socket.off('error', clientGone).off('end', clientGone).off('close', clientGone);
    return true;
  }

  /** Whether a handshake is under way on this socket. */
  has(socket: Duplex): boolean {
    return this.#pending.has(socket);
  }

  /** Whether all handshakes are refused. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Refuses all handshakes from now on, those under way too. */
  close(): void {
    this.#isClosing = true;
    for (const socket of this.#pending.keys()) this.#interrupt(socket, closingError());
  }

  #checkRoom(): void {
    if (this.#isClosing) throw closingError();
    const { maxPendingHandshakes } = this.#bounds;
    if (this.#pending.size < maxPendingHandshakes) return;
    throw new HandshakeError('too-many-pending-handshakes', `one more than ${maxPendingHandshakes}`);
  }

  #interrupt(socket: Duplex, reason: Error): void {
    const pending = this.#pending.get(socket);
    if (this.end(socket)) pending?.interrupt(reason);
  }

  #schedule(delayMs: number): CancelTimer {
    return this.#bounds.clock.schedule(() => this.#interruptLate(), delayMs);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #interruptLate(): void {
    this.#stopTimer();
    const { clock, handshakeTimeoutMs } = this.#bounds;
    const now = clock.now();
    for (const [socket, { deadline }] of this.#pending) {
      if (deadline > now) {
        this.#cancelTimer = this.#schedule(deadline - now);
        return;
      }
      this.#interrupt(socket, timeoutError(handshakeTimeoutMs));
    }
  }
}

function timeoutError(handshakeTimeoutMs: number): HandshakeError {
  return new HandshakeError('handshake-timeout', `no end after ${handshakeTimeoutMs} ms`);
}

function closingError(): HandshakeError {
  return new HandshakeError('server-closing', 'a request while it closes');
}
