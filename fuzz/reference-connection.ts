/**
 * A connection as RFC 6455 §5.5 to §7 and the engine's own contract have it: what it tells, what it says, and in which
 * state that leaves it. All that is received is kept and read from the front each time. Before: `reference-model.ts`;
 * after: `connection.ts`, which compares the engine with it.
 */
import { concat } from './chunks.ts';
import { type Heard, type ModelSettings, readAll } from './reference-model.ts';

/** One frame that is said, or the end of our side. */
export type Said =
  | {
      readonly type: 'frame';
      readonly opcode: number;
      readonly fin: boolean;
      readonly payload: Uint8Array;
      readonly compressed: boolean;
    }
  /** A Close frame for a violation: its reason is not compared. */
  | { readonly type: 'failed'; readonly closeCodes: readonly number[] }
  | { readonly type: 'end' };

/** What is told. */
export type Told = Heard | { readonly type: 'lost' };

/** What decides over the behaviour of a connection. */
export interface ConnectionSettings extends ModelSettings {
  readonly maxBufferedOutput: number;
  /** Messages from this length on are sent compressed; undefined if none are. */
  readonly deflatesFrom: number | undefined;
}

const noBytes = new Uint8Array(0);

export class ReferenceConnection {
  state: 'open' | 'closing' | 'closed' = 'open';
  readonly #settings: ConnectionSettings;
  #received: Uint8Array = noBytes;
  #told = 0;
  #isReceiving = true;
  #said: Said[] = [];
  #closeSent = false;
  #closeReceived: { readonly code: number; readonly reason: string } | undefined;
  #ending: Told | undefined;
  #transportEnded = false;
  #endIsDue = false;
  #endIsTaken = false;
  #isStuck = false;
  #unansweredPing: Uint8Array | undefined;
  #fragmented: { readonly compressed: boolean } | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  get closeStatus(): { code: number; reason: string; clean: boolean } {
    const { code, reason } = this.#closeReceived ?? { code: 1006, reason: '' };
    return { code, reason, clean: this.#closeReceived !== undefined && this.#closeSent };
  }

  /** What has come of a message that is under way. */
  get partial(): Uint8Array {
    return this.#isReceiving ? readAll(this.#received, this.#settings).partial : noBytes;
  }

  receive(bytes: Uint8Array): void {
    if (this.#isReceiving) this.#received = concat(this.#received, bytes);
  }

  nextEvent(): Told | undefined {
    if (this.#isReceiving) {
      const event = readAll(this.#received, this.#settings).events[this.#told];
      this.#told += 1;
      if (event !== undefined) return this.#react(event);
      this.#told -= 1;
    }
    if (this.#transportEnded && this.state !== 'closed') this.#lose();
    const ending = this.#ending;
    this.#ending = undefined;
    return ending;
  }

  #react(event: Heard): Heard {
    if (event.type === 'ping') this.#answer(event.payload);
    if (event.type === 'close') this.#close(event);
    if (event.type === 'fail') {
      this.#fail(event.closeCodes);
      this.#ending = undefined;
    }
    return event;
  }

  #answer(payload: Uint8Array): void {
    if (this.#closeSent) return;
    this.#unansweredPing = this.#isStuck ? payload : undefined;
    if (!this.#isStuck) this.#say(10, payload);
  }

  #close({ code, reason, payload }: Extract<Heard, { type: 'close' }>): void {
    this.#closeReceived = { code, reason };
    this.#sayClose({ type: 'frame', opcode: 8, fin: true, payload, compressed: false });
    this.#finish();
    if (this.#settings.role === 'server' || this.#transportEnded) this.#endIsDue = true;
  }

  #fail(closeCodes: readonly number[]): void {
    if (this.state === 'closed') return;
    this.#ending = { type: 'fail', closeCodes };
    this.#sayClose({ type: 'failed', closeCodes });
    this.#finish();
    this.#endIsDue = true;
  }

  #lose(): void {
    if (this.#ending === undefined && this.#closeReceived === undefined) this.#ending = { type: 'lost' };
    this.#finish();
    this.#endIsDue = true;
  }

  #finish(): void {
    this.state = 'closed';
    this.#isReceiving = false;
    this.#unansweredPing = undefined;
  }

  fail(): void {
    this.#fail([1011]);
  }

  receiveEnd(): void {
    this.#transportEnded = true;
    if (this.state === 'closed') this.#endIsDue = !this.#endIsTaken;
  }

  abandon(): void {
    this.#transportEnded = true;
    if (this.state !== 'closed') this.#lose();
    this.#said = [];
  }

  setStuck(isStuck: boolean): void {
    this.#isStuck = isStuck;
  }

  /** Returns whether it was sent, or `misuse` where the caller has begun another message. */
  sendMessage(opcode: number, payload: Uint8Array, mayCompress: boolean): boolean | 'misuse' {
    if (this.state !== 'open') return false;
    if (this.#fragmented !== undefined) return 'misuse';
    const { deflatesFrom } = this.#settings;
    const compressed = mayCompress && deflatesFrom !== undefined && payload.length >= deflatesFrom;
    this.#say(opcode, payload, true, compressed);
    return true;
  }

  sendFragment(opcode: number, payload: Uint8Array, isLast: boolean, mayCompress: boolean): boolean {
    if (this.state !== 'open') return false;
    if (isLast && this.#fragmented === undefined)
      return this.sendMessage(opcode, payload, mayCompress) === true;
    const message = this.#fragmented ?? {
      compressed: mayCompress && this.#settings.deflatesFrom !== undefined,
    };
    const isFirst = this.#fragmented === undefined;
    this.#fragmented = isLast ? undefined : message;
    this.#say(isFirst ? opcode : 0, payload, isLast, message.compressed && isFirst);
    return true;
  }

  sendControl(opcode: number, payload: Uint8Array): boolean {
    if (this.state === 'closed' || this.#closeSent) return false;
    this.#say(opcode, payload);
    return true;
  }

  close(code: number | undefined, reason: string): void {
    if (this.state !== 'open') return;
    const payload =
      code === undefined
        ? noBytes
        : concat(Uint8Array.of(code >> 8, code & 0xff), new TextEncoder().encode(reason));
    this.#sayClose({ type: 'frame', opcode: 8, fin: true, payload, compressed: false });
    this.state = 'closing';
  }

  takeOutput(): Said[] {
    this.#answerPing();
    const said = this.#said;
    this.#said = [];
    if (!this.#endIsDue) return said;
    this.#endIsDue = false;
    this.#endIsTaken = true;
    return [...said, { type: 'end' }];
  }

  #answerPing(): void {
    if (this.#unansweredPing === undefined) return;
    this.#said.push({
      type: 'frame',
      opcode: 10,
      fin: true,
      payload: this.#unansweredPing,
      compressed: false,
    });
    this.#unansweredPing = undefined;
  }

  #sayClose(close: Said): void {
    if (this.#closeSent) return;
    this.#answerPing();
    this.#closeSent = true;
    this.#said.push(close);
  }

  #say(opcode: number, payload: Uint8Array, fin = true, compressed = false): void {
    this.#said.push({ type: 'frame', opcode, fin, payload, compressed });
    const waiting = this.#said.reduce((sum, each) => sum + this.#lengthOf(each), 0);
    if (waiting <= this.#settings.maxBufferedOutput) return;
    this.#said = [];
    this.#fail([1008]);
  }

  #lengthOf(said: Said): number {
    if (said.type !== 'frame') return 0;
    const { length } = said.payload;
    const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    return header + length + (this.#settings.role === 'client' ? 4 : 0);
  }
}
