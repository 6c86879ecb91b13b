/** A transport in memory: what is sent waits, as in a socket, until the test takes it. */
import { type Command, decodeServerMessage, encodeCommand, type ServerMessage } from '@hawser/wire';
import type { Transport } from '../src/index.ts';

/** A message that was encoded once for many. */
export interface Prepared {
  readonly data: string | Uint8Array;
}

/** What the hub gives back for a transport. */
interface Receiver {
  receive(frame: string | Uint8Array): void;
  drained(): void;
  closed(departure: 'left' | 'lost'): void;
}

export class MemoryTransport implements Transport<Prepared> {
  /** The most bytes that ever waited. */
  mostBuffered = 0;
  isPaused = false;
  closeCode: number | undefined;
  /** The other side of it; set once the hub has it. */
  connection: Receiver | undefined;
  readonly #highWaterMark: number;
  #waiting: (string | Uint8Array)[] = [];
  #bufferedAmount = 0;
  #wantsDrain = false;

  constructor(highWaterMark: number) {
    this.#highWaterMark = highWaterMark;
  }

  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  send(message: string | Uint8Array | Prepared): boolean {
    if (this.closeCode !== undefined) return true;
    const data = typeof message === 'string' || message instanceof Uint8Array ? message : message.data;
    this.#waiting.push(data);
    this.#bufferedAmount += Buffer.byteLength(data);
    this.mostBuffered = Math.max(this.mostBuffered, this.#bufferedAmount);
    const hasRoom = this.#bufferedAmount <= this.#highWaterMark;
    if (!hasRoom) this.#wantsDrain = true;
    return hasRoom;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(code: number): void {
    this.closeCode ??= code;
  }

  terminate(): void {
    this.closeCode ??= 1006;
  }

  /** The kernel takes all that waits; returns it. */
  take(): ServerMessage[] {
    const taken = this.#waiting.map(decode);
    this.#waiting = [];
    this.#bufferedAmount = 0;
    if (this.#wantsDrain && this.closeCode === undefined) {
      this.#wantsDrain = false;
      this.connection?.drained();
    }
    return taken;
  }

  /** Sends a command to the hub. */
  command(command: Command): void {
    this.connection?.receive(encodeCommand(command));
  }
}

function decode(frame: string | Uint8Array): ServerMessage {
  const message = decodeServerMessage(frame);
  if (message === undefined) throw new TypeError('Expected a message of the wire, received another');
  return message;
}
