/**
 * One TCP connection of the compliance peer: writes that are really separate, reads that can be waited for. It knows
 * bytes only. Before: `cut.ts`; after: `http-head.ts` and `conversation.ts`.
 */

import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Cut, cutBytes, whole } from './cut.ts';

/** A TCP connection to what is tested, or from it. */
export class Channel {
  readonly #socket: Socket;
  readonly #waiters = new Set<() => void>();
  #received: Buffer[] = [];
  #hasEnded = false;
  #isReset = false;
  #listener: ((chunk: Buffer) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', () => {
      this.#isReset = true;
    });
    socket.on('close', () => this.#end());
  }

  /** Whether the other side has ended its direction, or the connection is gone. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the connection ended with an error, such as ECONNRESET. */
  get isReset(): boolean {
    return this.#isReset;
  }

  /** Whether bytes have come that nobody has listened to. */
  get hasUnread(): boolean {
    return this.#received.length > 0;
  }

  /** Hands on what has been received, and whatever comes from now on. */
  listen(listener: (chunk: Buffer) => void): void {
    this.#listener = listener;
    const received = this.#received;
    this.#received = [];
    for (const chunk of received) listener(chunk);
  }

  /** Takes back bytes that were handed on and belong to whoever listens next. */
  unread(bytes: Buffer): void {
    this.#listener = undefined;
    if (bytes.length > 0) this.#received.unshift(bytes);
  }

  /** Writes the bytes as they are cut; stops when the other side is gone. Never rejects. */
  async write(frames: readonly Buffer[], cut: Cut = whole): Promise<void> {
    for (const piece of cutBytes(frames, cut)) {
      if (this.#hasEnded || this.#socket.destroyed) return;
      await this.#writePiece(piece);
      // Whoever reads gets its turn, so that pieces are not joined on the way.
      if (cut.type !== 'whole') await nextTurn();
    }
  }

  /**
   * Waits for a condition that depends on what is received.
   *
   * @returns Whether it came true in time; it is also looked at when the connection ends.
   */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition() || this.#hasEnded) return condition();
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        resolve(condition());
      };
      const look = (): void => {
        if (condition() || this.#hasEnded) settle();
      };
      const timer = setTimeout(settle, timeoutMs);
      this.#waiters.add(look);
    });
  }

  /** Ends our direction, behind some last bytes. */
  end(last: Buffer = Buffer.alloc(0)): void {
    if (!this.#socket.destroyed) this.#socket.end(last);
  }

  /** Ends both directions at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #writePiece(piece: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('close', done);
        resolve();
      };
      // A write that the other side never takes is given up when the connection is.
      this.#socket.once('close', done);
      this.#socket.write(piece, done);
    });
  }

  #receive(chunk: Buffer): void {
    if (this.#listener === undefined) this.#received.push(chunk);
    else this.#listener(chunk);
    this.#wake();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiters]) look();
  }
}
