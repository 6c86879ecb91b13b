/**
 * What a WebSocket sends, in order: a Blob has to be read before it can be sent, and nothing overtakes it meanwhile,
 * neither messages nor the Close frame. Without a Blob under way everything goes straight to the connection. It also
 * counts what the transport has taken, for `bufferedAmount`. Below: `duplex-driver.ts`; above: `websocket.ts`.
 */

import type { Duplex } from 'node:stream';
import {
  type Connection,
  type ConnectionError,
  InternalError,
  LimitError,
  type Limits,
  Opcode,
} from '@hawser/protocol';
import type { DuplexDriver } from './duplex-driver.ts';
import type { SendableData } from './message-data.ts';

/** Where the queue leads. */
export interface SendQueueOptions {
  readonly duplex: Duplex;
  readonly connection: Connection;
  readonly driver: DuplexDriver;
  readonly limits: Limits;
  /** Called when the transport has taken messages, with their length in bytes of payload. */
  readonly onTaken: (length: number) => void;
}

type Entry =
  | { readonly type: 'message'; readonly data: SendableData; readonly length: number }
  | { readonly type: 'close'; readonly code: number | undefined; readonly reason: string };

/** The outgoing messages of one connection. */
export class SendQueue {
  readonly #options: SendQueueOptions;
  /** What waits for the Blob that is being read, and how many bytes of memory that is. */
  #waiting: Entry[] = [];
  #waitingLength = 0;
  #isReading = false;
  /** Bytes of payload that the connection has and the transport has not been given. */
  #encoded = 0;

  constructor(options: SendQueueOptions) {
    this.#options = options;
  }

  /** Sends a message of so many bytes of payload. The caller may change its bytes afterwards. */
  send(data: SendableData, length: number): void {
    if (this.#isReading) this.#wait(data, length);
    else if (data instanceof Blob) this.#read(data, length);
    else this.#encode(data, length);
  }

  /** Begins the closing handshake once all messages have been sent. */
  close(code: number | undefined, reason: string): void {
    const { connection, driver } = this.#options;
    if (this.#isReading) {
      this.#waiting.push({ type: 'close', code, reason });
      return;
    }
    connection.close(code, reason);
    driver.connectionUsed();
  }

  /** Everything encoded goes to the transport now. Returns what to call once it has been taken. */
  handleWrite(): ((error?: Error | null) => void) | undefined {
    const length = this.#encoded;
    if (length === 0) return undefined;
    this.#encoded = 0;
    const { duplex, onTaken } = this.#options;
    return (error) => {
      if (!error && !duplex.destroyed) onTaken(length);
    };
  }

  /** Forgets everything: the connection has dropped what it had, and takes no more. */
  clear(): void {
    this.#waiting = [];
    this.#waitingLength = 0;
    this.#encoded = 0;
  }

  #wait(data: SendableData, length: number): void {
    if (data instanceof Blob) {
      this.#waiting.push({ type: 'message', data, length });
      return;
    }
    const snapshot = typeof data === 'string' ? data : data.slice();
    this.#waiting.push({ type: 'message', data: snapshot, length });
    this.#waitingLength += length;
    const { maxBufferedOutput } = this.#options.limits;
    if (this.#waitingLength <= maxBufferedOutput) return;
    const received = `${this.#waitingLength} bytes waiting, the limit is ${maxBufferedOutput}`;
    this.#fail(new LimitError('too-much-buffered-output', received));
  }

  #encode(data: string | Uint8Array, length: number): void {
    const { connection, driver } = this.#options;
    const wasTaken =
      typeof data === 'string'
        ? connection.sendText(data, true)
        : connection.sendBytes(data, Opcode.Binary, true);
    if (wasTaken) this.#encoded += length;
    driver.connectionUsed();
  }

  #read(blob: Blob, length: number): void {
    // A connection that has ended meanwhile does not want what waited.
    if (this.#options.connection.state !== 'open') return;
    this.#isReading = true;
    blob.arrayBuffer().then(
      (buffer) => {
        this.#encode(new Uint8Array(buffer), length);
        this.#goOn();
      },
      (cause: unknown) => {
        this.#fail(new InternalError('unexpected-condition', 'a Blob that cannot be read', { cause }));
      },
    );
  }

  #fail(error: ConnectionError): void {
    const { connection, driver } = this.#options;
    connection.fail(error);
    driver.connectionUsed();
  }

  /** Sends what waited, up to the next Blob. */
  #goOn(): void {
    this.#isReading = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    for (const entry of waiting) {
      if (entry.type === 'close') this.close(entry.code, entry.reason);
      else this.send(entry.data, entry.length);
    }
  }
}
