/**
 * The receiving half of the engine as a Writable, for those who have frames and no connection. A WebSocket does not
 * use it: it reads from its socket through `link.ts`.
 */

import { Writable } from 'node:stream';
import { Connection, type ConnectionEvent, Opcode } from '@hawser/websocket/driver';
import { toCodedError } from './errors.ts';
import { type ConnectionOptions, limitsOf } from './options.ts';
import { asBuffer, type BinaryType, emptyBuffer, toRawData } from './payload.ts';
import type { Extensions } from './per-message-deflate.ts';

/** What a receiver can be told. */
export interface ReceiverOptions extends ConnectionOptions {
  binaryType?: BinaryType | undefined;
  /** What was agreed on; the one that has accepted parameters decompresses. */
  extensions?: Extensions | undefined;
  /** Whether the frames come from a client, and so are masked. Default false. */
  isServer?: boolean | undefined;
}

type Done = (error?: Error | null) => void;

/** Emits `message`, `ping`, `pong` and `conclude`, which is a Close frame's code and reason. */
export class Receiver extends Writable {
  readonly #connection: Connection;
  readonly #binaryType: BinaryType;
  readonly #isSynchronous: boolean;

  constructor(options: ReceiverOptions = {}) {
    super();
    const common = {
      limits: limitsOf({ maxPayload: options.maxPayload ?? 0, maxFragments: options.maxFragments ?? 0 }),
      autoPong: false,
      extension: options.extensions?.['permessage-deflate']?.extension,
      validateUtf8: options.skipUTF8Validation !== true,
    };
    this.#binaryType = options.binaryType ?? 'nodebuffer';
    this.#isSynchronous = options.allowSynchronousEvents ?? true;
    this.#connection =
      options.isServer === true
        ? new Connection({ ...common, role: 'server' })
        : new Connection({ ...common, role: 'client', randomMaskingKey: () => 0 });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#connection.receive(chunk);
    this.#readOn(done);
  }

  #readOn(done: Done): void {
    const connection = this.#connection;
    for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent()) {
      if (event.type === 'fail') {
        done(toCodedError(event.error));
        return;
      }
      this.#report(event);
      if (!this.#isSynchronous) {
        setImmediate(() => this.#readOn(done));
        return;
      }
    }
    // What it would answer has nowhere to go.
    connection.takeOutput();
    done();
  }

  #report(event: ConnectionEvent): void {
    switch (event.type) {
      case 'message':
        return this.#reportMessage(asBuffer(event.payload), event.opcode === Opcode.Binary);
      case 'ping':
      case 'pong':
        this.emit(event.type, asBuffer(event.payload));
        return;
      case 'close':
        this.emit('conclude', event.code, event.reason === '' ? emptyBuffer : Buffer.from(event.reason));
        // What is written behind it in the same turn is ignored, not refused.
        process.nextTick(() => this.end());
        return;
      case 'fail':
      case 'lost':
      case 'piece':
        return;
    }
  }

  #reportMessage(payload: Buffer, isBinary: boolean): void {
    this.emit('message', isBinary ? toRawData(payload, this.#binaryType) : payload, isBinary);
  }
}
