/**
 * The handshakes under way at one server: how many there may be, how long each may take, and that all of them end
 * when the server closes. Used by `server.ts`.
 */

import type { Duplex } from 'node:stream';
import { HandshakeError } from '@hawser/protocol';
import type { Clock } from './clock.ts';

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

/** Keeps the handshakes of one server within bounds. */
export class PendingHandshakes {
  readonly #bounds: HandshakeBounds;
  readonly #interrupts = new Set<(reason: Error) => void>();
  #isClosing = false;

  constructor(bounds: HandshakeBounds) {
    this.#bounds = bounds;
  }

  /**
   * Runs a handshake to its end or to its deadline.
   *
   * @throws HandshakeError if there are too many, it takes too long or the server closes; ClientGoneError.
   */
  async run<Result>(socket: Duplex, handshake: () => Promise<Result>): Promise<Result> {
    this.#checkRoom();
    const { clock, handshakeTimeoutMs } = this.#bounds;
    const { promise: interrupted, reject: interrupt } = withReject();
    const cancelDeadline = clock.schedule(
      () => interrupt(timeoutError(handshakeTimeoutMs)),
      handshakeTimeoutMs,
    );
    const clientGone = (): void => interrupt(new ClientGoneError());
    socket.on('error', clientGone).on('end', clientGone).on('close', clientGone);
    this.#interrupts.add(interrupt);
    try {
      return await Promise.race([handshake(), interrupted]);
    } finally {
      this.#interrupts.delete(interrupt);
      socket.off('error', clientGone).off('end', clientGone).off('close', clientGone);
      cancelDeadline();
    }
  }

  /** Whether all handshakes are refused. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Refuses all handshakes from now on, those under way too. */
  close(): void {
    this.#isClosing = true;
    for (const interrupt of this.#interrupts) interrupt(closingError());
  }

  #checkRoom(): void {
    if (this.#isClosing) throw closingError();
    const { maxPendingHandshakes } = this.#bounds;
    if (this.#interrupts.size < maxPendingHandshakes) return;
    throw new HandshakeError('too-many-pending-handshakes', `one more than ${maxPendingHandshakes}`);
  }
}

function withReject(): { promise: Promise<never>; reject: (reason: Error) => void } {
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<never>((_resolve, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}

function timeoutError(handshakeTimeoutMs: number): HandshakeError {
  return new HandshakeError('handshake-timeout', `no end after ${handshakeTimeoutMs} ms`);
}

function closingError(): HandshakeError {
  return new HandshakeError('server-closing', 'a request while it closes');
}
