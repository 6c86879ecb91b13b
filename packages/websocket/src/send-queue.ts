/**
 * What a WebSocket sends, in order: a Blob is read and sent part by part, and nothing overtakes it meanwhile, neither
 * messages nor the Close frame. Without a Blob under way everything goes straight to the connection. It also counts
 * what the transport has taken, for `bufferedAmount`, and tells when there is room for more. Below:
 * `outgoing-streams.ts` and `duplex-driver.ts`; above: `client-session.ts`.
 */

import type { Duplex } from 'node:stream';
import { type Connection, type ConnectionError, type Limits, Opcode } from '@hawser/protocol';
import type { DuplexDriver } from './duplex-driver.ts';
import type { SendableData } from './message-data.ts';
import { type MessageSource, OutgoingStreams, type StreamOptions } from './outgoing-streams.ts';

/** Where the queue leads. */
export interface SendQueueOptions {
  readonly duplex: Duplex;
  readonly connection: Connection;
  readonly driver: DuplexDriver;
  readonly limits: Limits;
  /** Called when the transport has taken messages, with their length in bytes of payload. */
  readonly onTaken: (length: number) => void;
}

/** There is room while no more bytes than this wait, and no more than a part of what may wait. */
const HIGH_WATER_MARK = 256 * 1024;
const HIGH_WATER_MARKS_PER_BUFFER = 4;

/** The outgoing messages of one connection. */
export class SendQueue {
  readonly #options: SendQueueOptions;
  readonly #highWaterMark: number;
  readonly #streams: OutgoingStreams;
  /** Bytes of payload that the connection has and the transport has not been given. */
  #encoded = 0;
  #hasEnded = false;
  #whenRoom: ((isThere: boolean) => void)[] = [];

  constructor(options: SendQueueOptions) {
    const { limits } = options;
    this.#options = options;
    this.#highWaterMark = Math.min(HIGH_WATER_MARK, limits.maxBufferedOutput / HIGH_WATER_MARKS_PER_BUFFER);
    const target = {
      sendFragment: (bytes: Uint8Array, options: StreamOptions, isLast: boolean) =>
        this.#sendFragment(bytes, options, isLast),
      room: () => this.room(),
      // What waits here waits by `defer`, for its payload counts when it is encoded.
      hold: ignore,
      release: ignore,
      fail: (error: ConnectionError) => this.#fail(error),
    };
    this.#streams = new OutgoingStreams(target, limits);
  }

  /** Sends a message of so many bytes of payload. The caller may change its bytes afterwards. */
  send(data: SendableData, length: number): void {
    if (data instanceof Blob) {
      // Whatever goes wrong ends the connection, which tells of it.
      this.#streams.send(data, { compress: true }).catch(ignore);
    } else if (this.#streams.isBusy) {
      const snapshot = typeof data === 'string' ? data : data.slice();
      this.#streams.defer(() => this.#encode(snapshot, length), length);
    } else {
      this.#encode(data, length);
    }
  }

  /**
   * Sends a message from a source. Rejects with a ConnectionEndedError if the connection ends or is cut short first, or
   * with what the source throws, which fails the connection.
   */
  sendStream(source: MessageSource, options: StreamOptions): Promise<void> {
    return this.#streams.send(source, options);
  }

  /** Waits until there is room for more. Resolves with false if the connection ends first. */
  room(): Promise<boolean> {
    if (this.#hasEnded || this.#hasRoom) return Promise.resolve(!this.#hasEnded);
    return new Promise((resolve) => {
      this.#whenRoom.push(resolve);
    });
  }

  /** Begins the closing handshake once all messages have been sent. */
  close(code: number | undefined, reason: string): void {
    const { connection, driver } = this.#options;
    if (this.#streams.isBusy) {
      this.#streams.defer(() => this.close(code, reason), 0);
      return;
    }
    connection.close(code, reason);
    driver.connectionUsed();
  }

  /** Begins the closing handshake now, in the middle of a message if there is one: it is not completed. */
  cutShort(code: number | undefined, reason: string): void {
    const { connection, driver } = this.#options;
    connection.close(code, reason);
    this.#streams.clear();
    driver.connectionUsed();
  }

  /** Everything encoded goes to the transport now. Returns what to call once it has been taken. */
  handleWrite(): (error?: Error | null) => void {
    const length = this.#encoded;
    this.#encoded = 0;
    const { duplex, onTaken } = this.#options;
    return (error) => {
      if (length > 0 && !error && !duplex.destroyed) onTaken(length);
      if (this.#hasRoom) this.#tellOfRoom();
    };
  }

  /** Forgets everything: the connection has dropped what it had, and takes no more. */
  clear(): void {
    this.#streams.clear();
    this.#encoded = 0;
    this.#hasEnded = true;
    this.#tellOfRoom();
  }

  get #hasRoom(): boolean {
    return this.#options.driver.bufferedAmount <= this.#highWaterMark;
  }

  #tellOfRoom(): void {
    for (const resolve of this.#whenRoom.splice(0)) resolve(!this.#hasEnded);
  }

  #encode(data: string | Uint8Array, length: number): void {
    const { connection } = this.#options;
    this.#count(typeof data === 'string' ? connection.sendText(data) : connection.sendBytes(data), length);
  }

  #sendFragment(bytes: Uint8Array, { type, compress }: StreamOptions, isLast: boolean): boolean {
    const opcode = type === 'text' ? Opcode.Text : Opcode.Binary;
    const wasTaken = this.#options.connection.sendFragment(bytes, opcode, isLast, compress);
    this.#count(wasTaken, bytes.length);
    return wasTaken;
  }

  #count(wasTaken: boolean, length: number): void {
    if (wasTaken) this.#encoded += length;
    this.#options.driver.connectionUsed();
  }

  #fail(error: ConnectionError): void {
    const { connection, driver } = this.#options;
    connection.fail(error);
    driver.connectionUsed();
  }
}

function ignore(): void {}
