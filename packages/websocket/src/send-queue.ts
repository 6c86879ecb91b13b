/**
 * What a WebSocket sends, in order: a Blob has to be read before it can be sent, and nothing overtakes it meanwhile,
 * neither messages nor the Close frame. Without a Blob under way everything goes straight to the connection. It also
 * counts what the transport has taken, for `bufferedAmount`. Below: `duplex-driver.ts`; above: `websocket.ts`.
 */

import type { Duplex } from 'node:stream';
import { type Connection, InternalError, LimitError, type Limits } from '@hawser/protocol';
import type { DuplexDriver } from './duplex-driver.ts';
import { payloadLength, type SendableData } from './message-data.ts';

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
  | { readonly type: 'message'; readonly data: SendableData }
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

  /** Sends a message. The caller may change its bytes afterwards. */
  send(data: SendableData): void {
    if (this.#isReading) this.#wait(data);
    else this.#perform({ type: 'message', data });
  }

  /** Begins the closing handshake once all messages have been sent. */
  close(code: number | undefined, reason: string): void {
    const entry: Entry = { type: 'close', code, reason };
    if (this.#isReading) this.#waiting.push(entry);
    else this.#perform(entry);
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

  #wait(data: SendableData): void {
    if (data instanceof Blob) {
      this.#waiting.push({ type: 'message', data });
      return;
    }
    this.#waiting.push({ type: 'message', data: typeof data === 'string' ? data : data.slice() });
    this.#waitingLength += payloadLength(data);
    const { maxBufferedOutput } = this.#options.limits;
    if (this.#waitingLength <= maxBufferedOutput) return;
    const received = `${this.#waitingLength} bytes waiting, the limit is ${maxBufferedOutput}`;
    this.#options.connection.fail(new LimitError('too-much-buffered-output', received));
    this.#options.driver.connectionUsed();
  }

  #perform(entry: Entry): void {
    const { connection, driver } = this.#options;
    if (connection.state !== 'open') return;
    if (entry.type === 'close') connection.close(entry.code, entry.reason);
    else if (entry.data instanceof Blob) return this.#read(entry.data);
    else this.#encode(entry.data);
    driver.connectionUsed();
  }

  #encode(data: string | Uint8Array): void {
    const { connection } = this.#options;
    const wasTaken = typeof data === 'string' ? connection.sendText(data) : connection.sendBytes(data);
    if (wasTaken) this.#encoded += payloadLength(data);
  }

  #read(blob: Blob): void {
    this.#isReading = true;
    blob.arrayBuffer().then(
      (buffer) => {
        this.#perform({ type: 'message', data: new Uint8Array(buffer) });
        this.#goOn();
      },
      (cause: unknown) => {
        const { connection, driver } = this.#options;
        connection.fail(new InternalError('unexpected-condition', 'a Blob that cannot be read', { cause }));
        driver.connectionUsed();
      },
    );
  }

  /** Sends what waited, up to the next Blob. */
  #goOn(): void {
    this.#isReading = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    for (const entry of waiting) {
      if (entry.type === 'close') this.close(entry.code, entry.reason);
      else this.send(entry.data);
    }
  }
}
