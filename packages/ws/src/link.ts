/**
 * One established connection: the engine's connection and its driver, told in the terms of `ws`. It turns events into
 * calls of the owner and sends into frames, and keeps the callbacks of what has been sent until the socket has taken
 * it. Below: `@hawser/websocket/driver`; above: `websocket.ts`. (A little longer than a file should be: what is sent,
 * what is reported and whose callback is called when depend on each other, and are read best in one place.)
 */

import type { Duplex } from 'node:stream';
import {
  Connection,
  type ConnectionEvent,
  type DriverOwner,
  DuplexDriver,
  type Extension,
  type Limits,
  Opcode,
  type Role,
  sharedBudget,
  sharedSlab,
  systemClock,
} from '@hawser/websocket/driver';
import { BlobQueue } from './blob-queue.ts';
import { toCodedError } from './errors.ts';
import { EventPacer } from './event-pacer.ts';
import { buildFrame, maskingKeysOf, type SendCallback } from './frame.ts';
import { asBuffer, byteLength, isBlob, type OutgoingData, toBuffer } from './payload.ts';

/** What a link reports. What these throw is thrown again outside of the engine, as an uncaught exception. */
export interface LinkOwner {
  handleMessage(payload: Buffer, isBinary: boolean): void;
  handlePing(payload: Buffer): void;
  handlePong(payload: Buffer): void;
  /** The connection is about to end, by whichever side. */
  handleClosing(): void;
  /** It broke. */
  handleError(error: Error): void;
  /** It is gone; nothing follows. */
  handleClosed(code: number, reason: string, wasClean: boolean): void;
}

/** What a link is made of. */
export interface LinkOptions {
  readonly role: Role;
  readonly extension: Extension | undefined;
  readonly limits: Limits;
  readonly allowSynchronousEvents: boolean;
  readonly autoPong: boolean;
  readonly closeTimeout: number;
  readonly generateMask: ((mask: Buffer) => void) | undefined;
  readonly skipUTF8Validation: boolean;
}

/** How a message is sent. */
export interface MessageOptions {
  readonly binary: boolean;
  readonly compress: boolean;
  readonly fin: boolean;
  /** Undefined for what the side of the connection asks for. */
  readonly mask: boolean | undefined;
}

/** From this length on a payload is written at once: callers may change it as soon as `send` has returned. */
const WRITE_AT_ONCE_FROM = 4 * 1024;

/** One connection. */
export class Link implements DriverOwner {
  readonly socket: Duplex;
  readonly #owner: LinkOwner;
  readonly #options: LinkOptions;
  readonly #connection: Connection;
  readonly #driver: DuplexDriver;
  readonly #pacer: EventPacer | undefined;
  readonly #blobs: BlobQueue = new BlobQueue({
    isGone: () => this.socket.destroyed,
    onError: (error) => this.#blobFailed(error),
  });
  #callbacks: SendCallback[] = [];
  #isInsideMessage = false;
  #isClosed = false;

  constructor(socket: Duplex, owner: LinkOwner, options: LinkOptions) {
    this.socket = socket;
    this.#owner = owner;
    this.#options = options;
    this.#connection = createConnection(options);
    this.#driver = new DuplexDriver(socket, this.#connection, this, {
      clock: systemClock,
      closeTimeoutMs: options.closeTimeout,
    });
    if (!options.allowSynchronousEvents) this.#pacer = new EventPacer(this.#driver);
  }

  /** Begins to read and write, the bytes that came behind the handshake first. */
  start(head: Uint8Array): void {
    if (head.length > 0) this.socket.unshift(head);
    this.#driver.start(new Uint8Array(0));
  }

  /** Bytes that the socket has not handed on, or that have not been given to it. */
  get bufferedAmount(): number {
    this.flush();
    return this.#driver.bufferedAmount + this.#blobs.length;
  }

  /** Writes what was sent in this turn now: whoever uses the socket besides expects it to be there. */
  flush(): void {
    this.#driver.flush();
  }

  /** Sends a message, or a fragment of one. */
  send(data: OutgoingData, options: MessageOptions, callback: SendCallback | undefined): void {
    const blobs = this.#blobs;
    if (isBlob(data)) blobs.read(data, (bytes) => this.#sendNow(bytes, options, callback), callback);
    else if (!blobs.isReading) this.#sendNow(data, options, callback);
    else blobs.defer(byteLength(data), () => this.#sendNow(data, options, callback), callback);
  }

  /** Sends a ping or a pong of at most 125 bytes. */
  sendControl(
    opcode: typeof Opcode.Ping | typeof Opcode.Pong,
    data: OutgoingData,
    mask: boolean | undefined,
    callback: SendCallback | undefined,
  ): void {
    const blobs = this.#blobs;
    const sendNow = (bytes: Buffer): void => this.#sendControlNow(opcode, bytes, mask, callback);
    if (isBlob(data)) return blobs.read(data, sendNow, callback);
    const bytes = toBuffer(data);
    if (blobs.isReading) blobs.defer(bytes.length, () => sendNow(bytes), callback);
    else sendNow(bytes);
  }

  /** Sends what is a frame already. */
  sendFrame(list: readonly (Buffer | string)[], callback: SendCallback | undefined): void {
    const bytes = list.map((part) => toBuffer(part));
    const sendNow = (): void => {
      let wasTaken = true;
      for (const part of bytes) wasTaken = this.#connection.sendEncoded(part) && wasTaken;
      this.#sent(wasTaken, callback);
    };
    if (this.#blobs.isReading) this.#blobs.defer(0, sendNow, callback);
    else sendNow();
  }

  /** Begins the closing handshake, once all that was sent before has gone. */
  close(code: number | undefined, reason: string): void {
    const closeNow = (): void => {
      this.#connection.close(code, reason);
      this.#driver.connectionUsed();
    };
    if (this.#blobs.isReading) this.#blobs.defer(0, closeNow, undefined);
    else closeNow();
  }

  /** Ends the connection without a closing handshake. What was sent before is still handed to the system. */
  terminate(): void {
    this.flush();
    this.#driver.destroy();
  }

  /** Stops the events. */
  pause(): void {
    if (this.#pacer === undefined) this.#driver.pause();
    else this.#pacer.pause();
    this.socket.pause();
  }

  /** Goes on with the events. */
  resume(): void {
    if (this.#pacer === undefined) this.#driver.resume();
    else this.#pacer.resume();
  }

  // Called by the driver

  handleEvent(event: ConnectionEvent): void {
    if (this.#pacer === undefined) this.#report(event);
    else this.#pacer.add(() => this.#report(event));
  }

  handleWrite(): ((error?: Error | null) => void) | undefined {
    if (this.#callbacks.length === 0) return undefined;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    return (error) => {
      for (const callback of callbacks) callSafely(callback, error ?? undefined);
    };
  }

  handleClosed({ code, reason, clean }: { code: number; reason: string; clean: boolean }): void {
    const report = (): void => {
      this.#isClosed = true;
      for (const callback of this.#callbacks.splice(0)) callSafely(callback, destroyedError());
      guard(() => this.#owner.handleClosed(code, reason, clean));
    };
    if (this.#pacer === undefined) report();
    else this.#pacer.add(report);
  }

  #report(event: ConnectionEvent): void {
    try {
      this.#tellOwner(event);
    } catch (error) {
      throwOutside(error);
    }
  }

  #tellOwner(event: ConnectionEvent): void {
    switch (event.type) {
      case 'message':
        return this.#owner.handleMessage(asBuffer(event.payload), event.opcode === Opcode.Binary);
      case 'ping':
        return this.#owner.handlePing(asBuffer(event.payload));
      case 'pong':
        return this.#owner.handlePong(asBuffer(event.payload));
      case 'fail':
        this.#owner.handleClosing();
        return this.#owner.handleError(toCodedError(event.error));
      case 'close':
      case 'lost':
        return this.#owner.handleClosing();
      case 'piece':
        return;
    }
  }

  #sendNow(
    data: string | Buffer,
    { binary, compress, fin, mask }: MessageOptions,
    callback: SendCallback | undefined,
  ): void {
    const connection = this.#connection;
    const opcode = binary ? Opcode.Binary : Opcode.Text;
    const isFirst = !this.#isInsideMessage;
    this.#isInsideMessage = !fin;
    if (mask !== undefined && mask !== (this.#options.role === 'client')) {
      const frame = { fin, opcode: isFirst ? opcode : Opcode.Continuation, mask };
      this.sendFrame(buildFrame(data, frame), callback);
    } else if (!fin || !isFirst) {
      this.#sent(connection.sendFragment(toBuffer(data), opcode, fin, compress), callback);
    } else if (typeof data === 'string' && !binary) {
      this.#sent(connection.sendText(data, compress), callback);
    } else {
      this.#sent(connection.sendBytes(toBuffer(data), opcode, compress), callback, data.length);
    }
  }

  #sendControlNow(
    opcode: typeof Opcode.Ping | typeof Opcode.Pong,
    bytes: Buffer,
    mask: boolean | undefined,
    callback: SendCallback | undefined,
  ): void {
    if (mask !== undefined && mask !== (this.#options.role === 'client')) {
      return this.sendFrame(buildFrame(bytes, { fin: true, opcode, mask }), callback);
    }
    const connection = this.#connection;
    const wasTaken = opcode === Opcode.Ping ? connection.sendPing(bytes) : connection.sendPong(bytes);
    this.#sent(wasTaken, callback);
  }

  #sent(wasTaken: boolean, callback: SendCallback | undefined, length = 0): void {
    if (callback !== undefined) {
      if (wasTaken) this.#callbacks.push(callback);
      else process.nextTick(callback, destroyedError());
    }
    this.#driver.connectionUsed();
    if (length > WRITE_AT_ONCE_FROM) this.#driver.flush();
  }

  #blobFailed(error: Error): void {
    // Nothing follows the end. The callback has been told.
    if (this.#isClosed) return;
    this.#owner.handleClosing();
    this.flush();
    this.socket.end();
    this.#owner.handleError(error);
  }
}

function createConnection(options: LinkOptions): Connection {
  const common = {
    limits: options.limits,
    budget: sharedBudget,
    slab: sharedSlab,
    extension: options.extension,
    autoPong: options.autoPong,
    validateUtf8: !options.skipUTF8Validation,
    explainsFailure: false,
    endsTransport: true,
  };
  if (options.role === 'server') return new Connection({ ...common, role: 'server' });
  return new Connection({ ...common, role: 'client', randomMaskingKey: maskingKeysOf(options.generateMask) });
}

function callSafely(callback: SendCallback, error: Error | undefined): void {
  guard(() => (error === undefined ? callback() : callback(error)));
}

/** What a listener throws must not stop the engine, and is not to be lost either. */
function guard(action: () => void): void {
  try {
    action();
  } catch (error) {
    throwOutside(error);
  }
}

function throwOutside(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

/** What Node's streams say to those who write to one that is gone. */
function destroyedError(): Error {
  const error = new Error('Cannot call write after a stream was destroyed');
  return Object.assign(error, { code: 'ERR_STREAM_DESTROYED' });
}
