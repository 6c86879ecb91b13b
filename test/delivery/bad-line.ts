/**
 * The network between one client and the hub: a proxy that can be cut in the middle of a message, and that can stand still,
 * when nothing moves either way and nobody is told.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** How a connection is cut. */
export interface Cut {
  /** How many bytes still pass, both ways together. */
  readonly afterBytes: number;
  /** Whether the client sees a reset; otherwise an end. */
  readonly withReset: boolean;
}

/** One client's line. */
export class BadLine {
  readonly #server: Server;
  readonly #socketPath: string;
  readonly #passages = new Set<Passage>();
  /** Those who came while it stood still. */
  readonly #waiting = new Set<Socket>();
  #isFrozen = false;

  private constructor(socketPath: string) {
    this.#socketPath = socketPath;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#take(socket));
  }

  /** Opens a line from a free port to the hub's socket. */
  static async open(socketPath: string): Promise<BadLine> {
    const line = new BadLine(socketPath);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new TypeError('Expected a line that is open');
    return `ws://127.0.0.1:${address.port}/`;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Cuts what goes through it; returns whether anything did. */
  cut(cut: Cut): boolean {
    for (const passage of this.#passages) passage.cut(cut);
    return this.#passages.size > 0;
  }

  /** Lets nothing through any more. */
  freeze(): void {
    this.#isFrozen = true;
    for (const passage of this.#passages) passage.freeze();
  }

  /** Goes on where it stood. */
  thaw(): void {
    this.#isFrozen = false;
    for (const passage of this.#passages) passage.thaw();
    for (const socket of this.#waiting) this.#take(socket);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.thaw();
    this.cut({ afterBytes: 0, withReset: true });
    await closed;
  }

  #take(socket: Socket): void {
    if (this.#isFrozen) {
      this.#waiting.add(socket);
      return;
    }
    const passage = new Passage(socket, connect(this.#socketPath));
    this.#passages.add(passage);
    socket.once('close', () => this.#passages.delete(passage));
    socket.resume();
  }
}

/** One connection through a line: two sockets, and what passes between them. */
class Passage {
  readonly #sockets: readonly [near: Socket, far: Socket];
  #bytesLeft = Infinity;
  #withReset = false;
  #isFrozen = false;

  constructor(near: Socket, far: Socket) {
    near.setNoDelay(true);
    this.#sockets = [near, far];
    this.#relay(near, far);
    this.#relay(far, near);
  }

  cut({ afterBytes, withReset }: Cut): void {
    this.#bytesLeft = afterBytes;
    this.#withReset = withReset;
    if (afterBytes === 0) this.#end();
  }

  freeze(): void {
    this.#isFrozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const socket of this.#sockets) socket.resume();
  }

  #relay(from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => this.#pass(chunk, from, to));
    to.on('drain', () => {
      if (!this.#isFrozen) from.resume();
    });
    // Whatever the error is, `close` follows.
    from.on('error', () => {});
    // What has come is handed on. What would still come the other way is nobody's.
    from.on('close', (hasFailed) => (hasFailed ? to.destroy() : to.destroySoon()));
  }

  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    const passes = chunk.subarray(0, this.#bytesLeft);
    this.#bytesLeft -= passes.length;
    if (!to.write(passes)) from.pause();
    if (this.#bytesLeft === 0) this.#end();
  }

  #end(): void {
    const [near, far] = this.#sockets;
    // Node.js cannot reset what is being ended: the socket would stay for ever.
    if (this.#withReset && !near.writableEnded) near.resetAndDestroy();
    else near.destroy();
    far.destroy();
  }
}
