/**
 * A client's connection from its handshake to its end: the protocol's connection, its driver and its queue, reported
 * in the terms of the WebSockets Standard. Each message is a task of its own: before the next one comes, the microtasks
 * that its listeners left have run. Below: `duplex-driver.ts` and `send-queue.ts`; above: `websocket.ts` and
 * `websocket-stream.ts`.
 */

import type { Duplex } from 'node:stream';
import {
  type CloseStatus,
  Connection,
  type ConnectionEvent,
  type Extension,
  type MessageOpcode,
  type PieceEvent,
} from '@hawser/protocol';
import { assertNever } from './assert-never.ts';
import type { ClientSettings } from './client-options.ts';
import { type DriverOwner, DuplexDriver } from './duplex-driver.ts';
import { randomMaskingKey } from './masking-keys.ts';
import type { SendableData } from './message-data.ts';
import type { MessageSource, StreamOptions } from './outgoing-streams.ts';
import { SendQueue } from './send-queue.ts';
import { sharedSlab } from './shared-memory.ts';

/** What a session reports. None of these may throw. */
export interface SessionOwner {
  /** A WebSocket message has been received. Returns whether the next may come; if not, `resume` asks for it. */
  handleMessage(opcode: MessageOpcode, payload: Uint8Array): boolean;
  /**
   * A part of a message has been received. With it the session is in streaming mode, and `handleMessage` is not called;
   * what follows comes until `pause`.
   */
  handlePiece?(piece: PieceEvent): void;
  /** The WebSocket closing handshake is started. */
  handleClosing(): void;
  /** The transport has taken messages with so many bytes of payload. */
  handleTaken(length: number): void;
  /** The WebSocket connection is closed; nothing follows. `failure` says why, if it was failed. */
  handleClosed(status: CloseStatus, failure: Error | undefined): void;
}

/** One established connection. */
export class ClientSession implements DriverOwner {
  readonly #owner: SessionOwner;
  readonly #connection: Connection;
  readonly #driver: DuplexDriver;
  readonly #queue: SendQueue;
  readonly #resume = (): void => this.#driver.resume();
  // Queued by a microtask, a tick runs when no microtask is left.
  readonly #resumeInNextTick = (): void => process.nextTick(this.#resume);
  #failure: Error | undefined;
  #isLost = false;

  /** @param extension The negotiated compression, which ends with the connection. */
  constructor(
    duplex: Duplex,
    extension: Extension | undefined,
    settings: ClientSettings,
    owner: SessionOwner,
  ) {
    const { limits, budget } = settings;
    const slab = sharedSlab;
    const connection = new Connection({
      role: 'client',
      randomMaskingKey,
      slab,
      limits,
      budget,
      extension,
      streaming: owner.handlePiece !== undefined,
    });
    const driver = new DuplexDriver(duplex, connection, this, settings);
    const onTaken = (length: number): void => owner.handleTaken(length);
    this.#owner = owner;
    this.#connection = connection;
    this.#driver = driver;
    this.#queue = new SendQueue({ duplex, connection, driver, limits, onTaken });
  }

  /**
   * Begins. What the server says is reported after `resume` or `resumeAfterMicrotasks`.
   *
   * @param head Bytes that came behind the handshake and were read with it.
   */
  start(head: Uint8Array): void {
    this.#driver.pause();
    this.#driver.start(head);
  }

  /** Goes on with the events once the current task has run to its end, its microtasks included. */
  resumeAfterMicrotasks(): void {
    microtask.then(this.#resumeInNextTick);
  }

  /** Goes on with the events now. */
  resume(): void {
    this.#driver.resume();
  }

  /** Stops the events; those of a connection that is ending come all the same. */
  pause(): void {
    this.#driver.pause();
  }

  get isPaused(): boolean {
    return this.#driver.isPaused;
  }

  /** Whether messages can be sent and are received. */
  get isOpen(): boolean {
    return this.#connection.state === 'open';
  }

  /** Sends a message of so many bytes of payload. The caller may change its bytes afterwards. */
  send(data: SendableData, length: number): void {
    this.#queue.send(data, length);
  }

  /** Sends a message from a source, and resolves when all of it has been handed on. See `SendQueue.sendStream`. */
  sendStream(source: MessageSource, options: StreamOptions): Promise<void> {
    return this.#queue.sendStream(source, options);
  }

  /** Waits until there is room for more. Resolves with false if the connection ends first. */
  room(): Promise<boolean> {
    return this.#queue.room();
  }

  /** Begins the closing handshake once all messages have been sent. */
  close(code: number | undefined, reason: string): void {
    this.#queue.close(code, reason);
  }

  /** Begins the closing handshake at once, and does not complete a message that is being sent. */
  cutShort(code: number | undefined, reason: string): void {
    this.#queue.cutShort(code, reason);
  }

  // Called by the driver

  handleEvent(event: ConnectionEvent): void {
    switch (event.type) {
      case 'message':
        this.#driver.pause();
        if (this.#owner.handleMessage(event.opcode, event.payload)) this.resumeAfterMicrotasks();
        return;
      case 'piece':
        return this.#owner.handlePiece?.(event);
      case 'close':
        return this.#owner.handleClosing();
      case 'fail':
        this.#failure = event.error;
        if (droppedOutput.includes(event.error.code)) this.#queue.clear();
        return this.#owner.handleClosing();
      case 'lost':
        this.#isLost = true;
        return;
      case 'ping':
      case 'pong':
        return;
      default:
        return assertNever(event);
    }
  }

  handleWrite(): (() => void) | undefined {
    return this.#queue.handleWrite();
  }

  handleClosed(status: CloseStatus, error: Error | undefined): void {
    this.#queue.clear();
    // RFC 6455 §7.2.1: a client whose transport is lost fails the connection.
    if (this.#isLost) this.#failure = error ?? new Error(LOST);
    this.#owner.handleClosed(status, this.#failure);
  }
}

const LOST = 'Expected a Close frame before the end of the connection, received none';

/** The failures that drop what waits: the transport will never take it. */
const droppedOutput: readonly string[] = ['too-much-buffered-output', 'output-over-budget'];

const microtask = Promise.resolve();
