/** A client made of a bare socket: it sends what the test says, right or wrong, and reads what comes back. */
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { after } from 'node:test';
import { type ReadFrame, readFrame, tellFrame } from './frames.ts';

/** RFC 6455 §1.3's own key. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A response to a handshake. */
export interface Response {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The text of a valid handshake, with headers added or replaced; `undefined` leaves one out. */
export function handshake(
  headers: Readonly<Record<string, string | undefined>> = {},
  target = '/',
  method = 'GET',
): string {
  const all = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `${[`${method} ${target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

const sockets = new Set<Socket>();

/** Ends all clients; what a test leaves open must not keep its server from closing. */
export function destroyClients(): void {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
}

after(destroyClients);

export class RawClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    sockets.add(socket);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** Connects, without sending anything. */
  static to(where: NetConnectOpts): RawClient {
    return new RawClient(connect(where));
  }

  /** Connects and opens a WebSocket connection. */
  static async open(where: NetConnectOpts, head: string = handshake()): Promise<RawClient> {
    const client = RawClient.to(where).send(head);
    const { status } = await client.response();
    if (status !== 101) throw new Error(`Expected status 101, received ${status}`);
    return client;
  }

  send(...parts: readonly (string | Uint8Array)[]): this {
    for (const part of parts) this.socket.write(part);
    return this;
  }

  /** Reads a response's head. */
  async response(): Promise<Response> {
    const head = await this.#read((bytes) => {
      const end = bytes.indexOf('\r\n\r\n');
      return end < 0 ? undefined : { value: bytes.toString('latin1', 0, end), rest: bytes.subarray(end + 4) };
    });
    const [line = '', ...lines] = head.split('\r\n');
    const fields = lines.map((field): [string, string] => {
      const colon = field.indexOf(': ');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 2)];
    });
    return { status: Number(line.split(' ')[1]), headers: new Map(fields) };
  }

  /** Reads the next frame. */
  async frame(): Promise<ReadFrame> {
    return this.#read((bytes) => {
      const read = readFrame(bytes);
      return read && { value: read.frame, rest: read.rest };
    });
  }

  /** Reads the next frame, as a line: `text "Hello"`. */
  async hears(): Promise<string> {
    return tellFrame(await this.frame());
  }

  /** Waits for the end and returns what came before it. */
  async end(): Promise<string> {
    while (!this.#isClosed) await this.#news();
    return this.#received.toString('latin1');
  }

  async #read<Value>(take: (bytes: Buffer) => { value: Value; rest: Buffer } | undefined): Promise<Value> {
    for (;;) {
      const taken = take(this.#received);
      if (taken !== undefined) {
        this.#received = Buffer.from(taken.rest);
        return taken.value;
      }
      if (this.#isClosed)
        throw new Error(`Expected more, received the end after ${this.#received.toString()}`);
      await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
