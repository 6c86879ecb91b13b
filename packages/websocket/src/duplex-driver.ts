/**
 * Joins one protocol connection to one Duplex (TCP, TLS, a pipe, an in-memory pair): the file that touches socket
 * bytes. It feeds what arrives to the connection, hands the events to its owner, writes the connection's output once
 * at the end of each turn, obeys the transport's backpressure and arms the close timer. Below: `@hawser/protocol`;
 * above: `peer.ts` and `websocket.ts`.
 */

import type { Duplex } from 'node:stream';
import type { CloseStatus, Connection, ConnectionEvent, Output } from '@hawser/protocol';
import type { CancelTimer, Clock } from './clock.ts';
import { flushAtEndOfTurn } from './turn.ts';

/** What a driver reports. None of these may throw. */
export interface DriverOwner {
  handleEvent(event: ConnectionEvent): void;
  /** All that waits goes to the transport now. What is returned is called once the transport has taken it. */
  handleWrite(): (() => void) | undefined;
  /** The transport is gone; nothing follows. `error` is the transport's, if it had one. */
  handleClosed(status: CloseStatus, error: Error | undefined): void;
}

/** How a driver behaves. */
export interface DriverOptions {
  readonly clock: Clock;
  /** How long a connection that is ending may take before its transport is destroyed, in ms. */
  readonly closeTimeoutMs: number;
}

/** Who drives which transport, until that has closed. */
const drivers = new Map<Duplex, DuplexDriver>();

/** Drives one connection. */
export class DuplexDriver {
  /** One set for all transports: closures of its own would weigh more than the rest of a driver. */
  static readonly #listeners = {
    data: listener((driver, chunk: Uint8Array) => driver.#receive(chunk)),
    end: listener((driver) => driver.#receiveEnd()),
    drain: listener((driver) => driver.#drained()),
    error: listener((driver, error: Error) => driver.#noteError(error)),
    close: listener((driver) => driver.#goneWith()),
  };

  readonly #duplex: Duplex;
  readonly #connection: Connection;
  readonly #owner: DriverOwner;
  readonly #options: DriverOptions;
  #isPaused = false;
  #isPumping = false;
  #flushIsDue = false;
  #isGone = false;
  #closedIsReported = false;
  #cancelCloseTimer: CancelTimer | undefined;
  #error: Error | undefined;
  /** When bytes last came, on the clock given. */
  lastReceivedAt: number;

  constructor(duplex: Duplex, connection: Connection, owner: DriverOwner, options: DriverOptions) {
    this.#duplex = duplex;
    this.#connection = connection;
    this.#owner = owner;
    this.#options = options;
    this.lastReceivedAt = options.clock.now();
  }

  /**
   * Begins to read and write.
   *
   * @param head Bytes that came behind the handshake and were read with it.
   */
  start(head: Uint8Array): void {
    const duplex = this.#duplex;
    const { data, end, drain, error, close } = DuplexDriver.#listeners;
    drivers.set(duplex, this);
    duplex.on('data', data).on('end', end).on('drain', drain).on('error', error).on('close', close);
    if (head.length > 0) this.#receive(head);
    // A transport that ended before we listened says so no more.
    if (duplex.destroyed) this.#goneWith();
    else if (duplex.readableEnded) this.#receiveEnd();
    // Whoever read the handshake may have paused the transport behind it.
    else duplex.resume();
  }

  /** Bytes, framing included, that the transport has not yet handed on. */
  get bufferedAmount(): number {
    return this.#connection.bufferedOutput + this.#duplex.writableLength;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Stops the events. What has arrived waits, and the transport is paused when more comes. The events of a connection
   * that is ending come all the same, messages among them.
   */
  pause(): void {
    this.#isPaused = true;
  }

  /** Goes on with the events, from where they stopped. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#pump();
    if (!this.#isPaused && this.#duplex.isPaused()) this.#duplex.resume();
  }

  /** To be called after the connection was used: has its output written at the end of this turn. */
  connectionUsed(): void {
    if (this.#connection.closeExpected) this.#expectClose();
    if (this.#flushIsDue || !this.#connection.hasOutput) return;
    this.#flushIsDue = true;
    flushAtEndOfTurn(this);
  }

  /** Writes what waits, as one write, unless the transport is still busy with what it has. */
  flush(): void {
    this.#flushIsDue = false;
    const duplex = this.#duplex;
    if (duplex.destroyed || !this.#connection.hasOutput) return;
    if (!this.#isStuck) {
      const whenTaken = this.#owner.handleWrite();
      write(duplex, this.#connection.takeOutput(), whenTaken);
    }
    this.#connection.setStuck(this.#isStuck);
  }

  /** Ends the transport now, without a closing handshake; what has arrived and not been read is dropped. */
  destroy(): void {
    this.#connection.abandon();
    this.#duplex.destroy();
    if (this.#isGone) this.#pump();
  }

  /** Whether the kernel has not taken what it was given; a `drain` will follow. */
  get #isStuck(): boolean {
    return this.#duplex.writableNeedDrain && this.#duplex.writableLength > 0;
  }

  #receive(chunk: Uint8Array): void {
    this.lastReceivedAt = this.#options.clock.now();
    this.#connection.receive(chunk);
    if (this.#isPaused && !this.#connection.closeExpected) this.#duplex.pause();
    else this.#pump();
  }

  #receiveEnd(): void {
    this.#connection.receiveEnd();
    this.#pump();
  }

  #drained(): void {
    this.#connection.setStuck(false);
    this.flush();
  }

  #noteError(error: Error): void {
    this.#error ??= error;
  }

  #goneWith(): void {
    this.#isGone = true;
    drivers.delete(this.#duplex);
    this.#cancelCloseTimer?.();
    this.#receiveEnd();
  }

  /** Pulls events until there are none or somebody pauses; an event's handler may well resume. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#isPaused || this.#connection.closeExpected) {
      const event = this.#connection.nextEvent();
      if (event === undefined) break;
      this.#owner.handleEvent(event);
    }
    this.#isPumping = false;
    if (this.#isGone) this.#reportClosed();
    else this.connectionUsed();
  }

  #reportClosed(): void {
    if (this.#closedIsReported || this.#connection.state !== 'closed') return;
    this.#closedIsReported = true;
    this.#connection.abandon();
    this.#owner.handleClosed(this.#connection.closeStatus, this.#error);
  }

  #expectClose(): void {
    // A reader that paused has not heard yet that the transport is gone.
    if (this.#isGone) return this.#pump();
    if (this.#cancelCloseTimer !== undefined) return;
    const { clock, closeTimeoutMs } = this.#options;
    this.#cancelCloseTimer = clock.schedule(() => this.destroy(), closeTimeoutMs);
    // A connection that is ending must not wait for its reader to read on.
    if (this.#duplex.isPaused()) this.#duplex.resume();
    this.#pump();
  }
}

/** A listener on a transport for whoever drives it. */
function listener<Value = void>(
  handle: (driver: DuplexDriver, value: Value) => void,
): (this: Duplex, value: Value) => void {
  return function (value) {
    const driver = drivers.get(this);
    if (driver !== undefined) handle(driver, value);
  };
}

function write(duplex: Duplex, outputs: readonly Output[], whenTaken: (() => void) | undefined): void {
  const isMany = outputs.length > 1;
  if (isMany) duplex.cork();
  const last = outputs.length - 1;
  outputs.forEach((output, index) => {
    const callback = index === last ? whenTaken : undefined;
    if (output.type === 'end') duplex.end(callback);
    else duplex.write(output.bytes, callback);
  });
  if (isMany) duplex.uncork();
}
