/**
 * A WebSocket as a Node stream: what is written becomes messages, messages become what is read, and the reader's
 * backpressure pauses the connection.
 */

import { Duplex, type DuplexOptions } from 'node:stream';
import type { RawData } from './payload.ts';
import type { WebSocket } from './websocket.ts';

type Done = (error?: Error | null) => void;

/**
 * Wraps a WebSocket, open or still connecting.
 *
 * @param options Those of a Duplex.
 */
export function createWebSocketStream(websocket: WebSocket, options?: DuplexOptions): Duplex {
  return new WebSocketStream(websocket, options);
}

class WebSocketStream extends Duplex {
  readonly #websocket: WebSocket;
  /** After an error the connection ends by itself, with a Close frame that tells why. */
  #terminatesWhenDestroyed = true;

  constructor(websocket: WebSocket, options: DuplexOptions | undefined) {
    super({
      ...options,
      autoDestroy: false,
      emitClose: false,
      objectMode: false,
      writableObjectMode: false,
    });
    this.#websocket = websocket;
    // Those who wrap these call what they have wrapped without `this`.
    this._read = this._read.bind(this);
    this._final = this._final.bind(this);
    websocket.on('message', (data: RawData, isBinary: boolean) => this.#receive(data, isBinary));
    websocket.once('error', (error: Error) => this.#websocketFailed(error));
    websocket.once('close', () => {
      if (!this.destroyed) this.push(null);
    });
    this.on('end', () => {
      if (!this.destroyed && this.writableFinished) this.destroy();
    });
    this.on('error', this.#failed);
  }

  override _read(): void {
    if (this.#websocket.isPaused) this.#websocket.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: Done): void {
    const websocket = this.#websocket;
    if (websocket.readyState !== websocket.CONNECTING) websocket.send(chunk, done);
    else websocket.once('open', () => this._write(chunk, encoding, done));
  }

  override _final(done: Done): void {
    const websocket = this.#websocket;
    if (websocket.readyState === websocket.CONNECTING) {
      websocket.once('open', () => this._final(done));
      return;
    }
    const socket = websocket._socket;
    // Without a socket the handshake has failed, and its error is about to come.
    if (socket === null) return;
    if (socket.writableFinished) {
      done();
      if (this.readableEnded) this.destroy();
      return;
    }
    // It is destroyed once it ends, which the WebSocket's `close` makes it do.
    socket.once('finish', () => done());
    websocket.close();
  }

  override _destroy(error: Error | null, done: Done): void {
    const websocket = this.#websocket;
    if (websocket.readyState === websocket.CLOSED) {
      done(error);
      process.nextTick(() => this.emit('close'));
      return;
    }
    let isDone = false;
    websocket.once('error', (websocketError: Error) => {
      isDone = true;
      done(websocketError);
    });
    websocket.once('close', () => {
      if (!isDone) done(error);
      process.nextTick(() => this.emit('close'));
    });
    if (this.#terminatesWhenDestroyed) websocket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    const chunk = !isBinary && this.readableObjectMode ? data.toString() : data;
    if (!this.push(chunk)) this.#websocket.pause();
  }

  #websocketFailed(error: Error): void {
    if (this.destroyed) return;
    this.#terminatesWhenDestroyed = false;
    this.destroy(error);
  }

  /** An error that nobody listens for is thrown, as everywhere in Node. */
  readonly #failed = (error: Error): void => {
    this.off('error', this.#failed);
    this.destroy();
    if (this.listenerCount('error') === 0) this.emit('error', error);
  };
}
