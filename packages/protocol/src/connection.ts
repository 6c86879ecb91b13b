/**
 * The state machine of one WebSocket connection after its opening handshake (RFC 6455 §5.5, §6, §7), for both roles
 * and without I/O: `receive` bytes and pull events with `nextEvent`; `send…`, `close` or `fail`; write what
 * `takeOutput` gives. Control frames are answered here and climb no higher than an event. Before: `frame-parser.ts`
 * and `message-assembler.ts`; after: `frame-writer.ts` and `output-queue.ts`, and whoever owns the transport.
 * (Longer than a file should be: receiving, sending and closing share one state, and half of the lines are its
 * contract.)
 */

import { Account, Budget } from './budget.ts';
import { type Allocate, checkIsBytes } from './bytes.ts';
import { CloseCode, type CloseStatus, encodeClosePayload, parseClosePayload } from './close.ts';
import type { ConnectionEvent, Output } from './connection-events.ts';
import { type ConnectionError, LimitError, ProtocolError } from './errors.ts';
import type { Extension } from './extension.ts';
import {
  type FrameHeader,
  isControl,
  MAX_CONTROL_PAYLOAD_LENGTH,
  type MessageOpcode,
  Opcode,
} from './frame.ts';
import { FrameParser } from './frame-parser.ts';
import { FrameWriter, MAX_SHORT_TEXT_LENGTH } from './frame-writer.ts';
import { HeldMessages } from './held-messages.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { MessageAssembler } from './message-assembler.ts';
import { OutputQueue, Slab } from './output-queue.ts';
import type { PreparedMessage } from './prepared-message.ts';

/** What a connection is made of. */
export type ConnectionOptions = ServerConnectionOptions | ClientConnectionOptions;

interface CommonConnectionOptions {
  /** Bounds on what the peer can make us hold; `resolveLimits` fills in and checks. Default `defaultLimits`. */
  readonly limits?: Limits;
  /** The memory that connections may hold together. Default: a budget of its own. */
  readonly budget?: Budget;
  /** Where small frames are written; connections of one thread may share it. Default: a slab of its own. */
  readonly slab?: Slab;
  /** The negotiated extension. Default: none. */
  readonly extension?: Extension | undefined;
  /**
   * Whether messages are handed out in `piece` events while they arrive, instead of whole in `message` events.
   * Compressed ones come as one piece. Default false.
   */
  readonly streaming?: boolean;
  /** Whether a Ping is answered (RFC 6455 §5.5.2); if not, the owner answers its event. Default true. */
  readonly autoPong?: boolean;
  /** Whether text that is not UTF-8 fails the connection (RFC 6455 §8.1); if not, the owner copes. Default true. */
  readonly validateUtf8?: boolean;
  /** Whether the Close frame of a connection that we fail has the error's code as its reason. Default true. */
  readonly explainsFailure?: boolean;
  /** Whether a client, too, ends the transport after the closing handshake (RFC 6455 §7.1.1: it may). Default false. */
  readonly endsTransport?: boolean;
}

interface ServerConnectionOptions extends CommonConnectionOptions {
  readonly role: 'server';
}

interface ClientConnectionOptions extends CommonConnectionOptions {
  readonly role: 'client';
  /** 32 bits from a strong source of entropy, anew for each frame (RFC 6455 §5.3, §10.3). */
  readonly randomMaskingKey: () => number;
}

/** The states of RFC 6455 §7.1 that follow the opening handshake. */
export type ConnectionState = 'open' | 'closing' | 'closed';

/** A UTF-16 code unit takes at most this many bytes in UTF-8. */
const MAX_UTF8_BYTES_PER_UNIT = 3;

const textEncoder = new TextEncoder();

/**
 * One connection.
 *
 * @example
 * const connection = new Connection({ role: 'server' });
 * connection.receive(chunk);
 * for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent()) {
 *   if (event.type === 'message') connection.sendBytes(event.payload, event.opcode);
 * }
 * for (const output of connection.takeOutput()) transport.write(output);
 */
export class Connection {
  /** As they were given, for a server gives the same to all of its connections. */
  readonly #options: ConnectionOptions;
  readonly #allocate: Allocate;
  readonly #account: Account;
  /** Made with the first bytes: a connection that only listens receives none. */
  #parser: FrameParser | undefined;
  /** Made with the first message. */
  #assembler: MessageAssembler | undefined;
  readonly #output: OutputQueue;
  readonly #writer: FrameWriter;
  /** Messages that wait for the end of one that is sent in fragments; made with the first hold. */
  #held: HeldMessages | undefined;

  /** The frame that is being read; undefined between frames. */
  #header: Readonly<FrameHeader> | undefined;
  #messageOpcode: MessageOpcode = Opcode.Text;
  #state: ConnectionState = 'open';
  #isReceiving = true;
  #closeSent = false;
  #closeReceived: { readonly code: number; readonly reason: string } | undefined;
  /** The event that ends the connection, until it is pulled. */
  #ending: ConnectionEvent | undefined;
  #transportEnded = false;
  #endPending = false;
  #endTaken = false;
  #isStuck = false;
  /** While the transport is stuck only the latest Ping is answered (RFC 6455 §5.5.3). */
  #latestPing: Uint8Array | undefined;
  /** The message that is being sent in fragments; undefined between such messages. */
  #fragmentedMessage: { readonly isEncoded: boolean } | undefined;

  constructor(options: ConnectionOptions) {
    const { slab = new Slab(), budget = new Budget() } = options;
    this.#options = options;
    this.#allocate = slab.allocate;
    this.#account = new Account(this.#limits.maxHeldBytes, budget);
    this.#output = new OutputQueue(slab, this.#account);
    const randomMaskingKey = options.role === 'client' ? options.randomMaskingKey : undefined;
    this.#writer = new FrameWriter(this.#output, randomMaskingKey);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether the connection is about to end, so that the owner of the transport arms its timer (RFC 6455 §7.1.1). */
  get closeExpected(): boolean {
    return this.#state !== 'open';
  }

  /** Bytes that wait to be taken by `takeOutput`. */
  get bufferedOutput(): number {
    return this.#output.length;
  }

  /** Bytes that wait for `release`. */
  get heldOutput(): number {
    return this.#held?.length ?? 0;
  }

  /** How the connection ended, as far as the peer has said (RFC 6455 §7.1.4 to §7.1.6). */
  get closeStatus(): CloseStatus {
    const { code, reason } = this.#closeReceived ?? { code: CloseCode.AbnormalClosure, reason: '' };
    return { code, reason, clean: this.#closeReceived !== undefined && this.#closeSent };
  }

  // Receiving

  /** Takes ownership of bytes from the transport: payloads are unmasked in place and handed out by reference. */
  receive(chunk: Uint8Array): void {
    if (!this.#isReceiving) return;
    this.#openParser().push(chunk);
  }

  /** The transport will bring no more bytes. */
  receiveEnd(): void {
    this.#transportEnded = true;
    if (this.#state === 'closed') this.#endPending = !this.#endTaken;
  }

  /** The transport is gone: what has been received and not read is dropped, and all memory is given back. */
  abandon(): void {
    this.#transportEnded = true;
    if (this.#state !== 'closed') this.#lose();
    this.#output.drop();
    this.setStuck(false);
    this.#options.extension?.close();
  }

  /**
   * Reads on to the next event; undefined once all that was received has been read. What is not pulled is not read,
   * so to pause is not to call this.
   */
  nextEvent(): ConnectionEvent | undefined {
    const parser = this.#parser;
    if (this.#isReceiving && parser !== undefined) {
      const event = this.#readOrFail(parser);
      if (event !== undefined) return event;
      parser.compact();
    }
    if (this.#transportEnded && this.#state !== 'closed') this.#lose();
    const ending = this.#ending;
    this.#ending = undefined;
    return ending;
  }

  #readOrFail(parser: FrameParser): ConnectionEvent | undefined {
    try {
      return this.#read(parser);
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof LimitError)) throw error;
      this.fail(error);
      return undefined;
    }
  }

  #read(parser: FrameParser): ConnectionEvent | undefined {
    for (;;) {
      const header = this.#header ?? this.#beginFrame(parser);
      if (header === undefined) return undefined;
      const event = isControl(header.opcode)
        ? this.#readControlFrame(parser, header.opcode)
        : this.#readDataFrame(parser, header.fin);
      if (event !== undefined) return event;
      if (this.#header !== undefined) return undefined;
    }
  }

  #beginFrame(parser: FrameParser): Readonly<FrameHeader> | undefined {
    const header = parser.readHeader();
    if (header !== undefined && !isControl(header.opcode))
      this.#messageOpcode = this.#openAssembler().begin(header);
    this.#header = header;
    return header;
  }

  #openParser(): FrameParser {
    const { role, extension } = this.#options;
    this.#parser ??= new FrameParser(role, extension !== undefined, this.#limits, this.#allocate);
    return this.#parser;
  }

  #openAssembler(): MessageAssembler {
    this.#assembler ??= new MessageAssembler(this.#options, this.#limits, this.#allocate, this.#account);
    return this.#assembler;
  }

  #readDataFrame(parser: FrameParser, fin: boolean): ConnectionEvent | undefined {
    const assembler = this.#openAssembler();
    for (;;) {
      const piece = parser.readPiece();
      const frameIsComplete = parser.remaining === 0;
      if (frameIsComplete) this.#header = undefined;
      else if (piece.length === 0) return undefined;
      const isLast = fin && frameIsComplete;
      const payload = assembler.add(piece, isLast);
      if (payload !== undefined) return this.#messageEvent(payload, isLast);
      if (frameIsComplete) return undefined;
    }
  }

  #messageEvent(payload: Uint8Array, isLast: boolean): ConnectionEvent {
    const opcode = this.#messageOpcode;
    return this.#options.streaming
      ? { type: 'piece', opcode, payload, isLast }
      : { type: 'message', opcode, payload };
  }

  #readControlFrame(parser: FrameParser, opcode: Opcode): ConnectionEvent | undefined {
    const payload = parser.readPayload();
    if (payload === undefined) return undefined;
    this.#header = undefined;
    if (opcode === Opcode.Close) return this.#receiveClose(payload);
    if (opcode === Opcode.Pong) return { type: 'pong', payload };
    this.#answerPing(payload);
    return { type: 'ping', payload };
  }

  /** RFC 6455 §5.5.2: a Ping is answered by a Pong with its payload, unless a Close frame was received. */
  #answerPing(payload: Uint8Array): void {
    if (this.#closeSent || this.#options.autoPong === false) return;
    this.#latestPing = this.#isStuck ? new Uint8Array(payload) : undefined;
    if (!this.#isStuck) this.sendPong(payload);
  }

  /** RFC 6455 §5.5.1: a Close frame is answered by a Close frame, and nothing after it is read (§1.4). */
  #receiveClose(payload: Uint8Array): ConnectionEvent {
    const { code, reason } = parseClosePayload(payload);
    this.#closeReceived = { code: code ?? CloseCode.NoStatusReceived, reason };
    this.#sendClose(encodeClosePayload(code, reason));
    this.#finish();
    if (this.#endsTransport || this.#transportEnded) this.#endPending = true;
    return { type: 'close', ...this.#closeReceived };
  }

  #lose(): void {
    if (this.#ending === undefined && this.#closeReceived === undefined) this.#ending = { type: 'lost' };
    this.#finish();
    this.#endPending = true;
  }

  // Sending

  /**
   * Sends a text message (RFC 6455 §6.1).
   *
   * @param compress Whether it may be compressed; false for secrets beside foreign text (RFC 7692 §8).
   * @returns Whether the connection was open to take it.
   * @throws TypeError for anything but a string, and inside a message that is being sent in fragments without `hold`.
   */
  sendText(text: string, compress = true): boolean {
    if (typeof text !== 'string') throw new TypeError(`Expected a string, received a ${typeof text}`);
    const mayEncode = this.#wantsToEncode(text.length * MAX_UTF8_BYTES_PER_UNIT, compress);
    if (mayEncode || text.length > MAX_SHORT_TEXT_LENGTH) {
      return this.sendBytes(textEncoder.encode(text), Opcode.Text, compress);
    }
    if (!this.#canSend()) return false;
    this.#messageWriter.writeShortText(text);
    this.#checkBufferedOutput();
    return true;
  }

  /**
   * Sends a message of bytes, by reference if it is large: it must not change until it is written.
   *
   * @param opcode `Opcode.Text` for bytes that are known to be UTF-8.
   * @param compress Whether it may be compressed; false for secrets beside foreign text (RFC 7692 §8).
   * @returns Whether the connection was open to take it.
   * @throws TypeError for anything but bytes, and inside a message that is being sent in fragments without `hold`.
   */
  sendBytes(bytes: Uint8Array, opcode: MessageOpcode = Opcode.Binary, compress = true): boolean {
    checkIsBytes(bytes);
    if (!this.#canSend()) return false;
    const extension = this.#wantsToEncode(bytes.length, compress) ? this.#options.extension : undefined;
    const payload = extension?.encode(bytes, true) ?? bytes;
    this.#messageWriter.writeFrame(true, extension !== undefined, opcode, payload);
    this.#checkBufferedOutput();
    return true;
  }

  /**
   * Sends one fragment of a message (RFC 6455 §5.4). The first names the message's opcode and whether it may be
   * compressed; until the last, control frames may come between the fragments, other messages may not.
   *
   * @returns Whether the connection was open to take it.
   * @throws TypeError for anything but bytes.
   */
  sendFragment(bytes: Uint8Array, opcode: MessageOpcode, isLast: boolean, compress = false): boolean {
    checkIsBytes(bytes);
    if (isLast && this.#fragmentedMessage === undefined) return this.sendBytes(bytes, opcode, compress);
    if (this.#state !== 'open') return false;
    const message = this.#fragmentedMessage ?? { isEncoded: compress && this.#wantsToEncodeAnyLength };
    const payload = message.isEncoded ? (this.#options.extension?.encode(bytes, isLast) ?? bytes) : bytes;
    // RFC 7692 §6.1: only the first frame of a compressed message is marked.
    if (this.#fragmentedMessage === undefined)
      this.#writer.writeFrame(isLast, message.isEncoded, opcode, payload);
    else this.#writer.writeFrame(isLast, false, Opcode.Continuation, payload);
    this.#fragmentedMessage = isLast ? undefined : message;
    this.#checkBufferedOutput();
    return true;
  }

  /**
   * Sends a message that was encoded before; only a server can (see `PreparedMessage`).
   *
   * @returns Whether the connection was open to take it.
   * @throws TypeError for the role client, and inside a message that is being sent in fragments without `hold`.
   */
  sendPrepared(message: PreparedMessage): boolean {
    if (this.#options.role === 'client') {
      throw new TypeError('Expected the role server for a prepared message, received client');
    }
    if (!this.#canSend()) return false;
    const mayEncode = message.compress && this.#held?.writer === undefined;
    const shared = mayEncode ? this.#options.extension?.encodeShared(message) : undefined;
    this.#messageWriter.writeShared(shared ?? message.frame);
    this.#checkBufferedOutput();
    return true;
  }

  /**
   * Has the messages that are sent from here on wait, in their order, until `release`; fragments and control frames
   * do not wait. Holds may follow one another, each for a message in fragments that has its turn later.
   */
  hold(): void {
    if (this.#state !== 'open') return;
    this.#held ??= new HeldMessages(this.#output, this.#writer);
    this.#held.hold();
  }

  /** Lets go of the messages that were sent since the earliest hold, up to the next one. */
  release(): void {
    for (const { bytes } of this.#held?.release() ?? []) this.#output.append(bytes);
    this.#checkBufferedOutput();
  }

  /**
   * Sends bytes that are whole frames already. What they say is the caller's business: nothing is checked.
   *
   * @returns Whether the connection was open to take it.
   */
  sendEncoded(frames: Uint8Array): boolean {
    if (this.#state !== 'open') return false;
    this.#writer.writeEncoded(frames);
    this.#checkBufferedOutput();
    return true;
  }

  /**
   * Sends a Ping (RFC 6455 §5.5.2).
   *
   * @throws RangeError if the payload is longer than 125 bytes.
   */
  sendPing(payload: Uint8Array = noBytes): boolean {
    return this.#sendControl(Opcode.Ping, payload);
  }

  /**
   * Sends a Pong that no Ping asked for (RFC 6455 §5.5.3); Pings are answered without it.
   *
   * @throws RangeError if the payload is longer than 125 bytes.
   */
  sendPong(payload: Uint8Array = noBytes): boolean {
    return this.#sendControl(Opcode.Pong, payload);
  }

  /**
   * Begins the closing handshake (RFC 6455 §7.1.2); without a code the Close frame is empty. Does nothing if it has
   * begun already.
   *
   * @throws RangeError if the code may not stand on the wire, or the reason is longer than 123 bytes.
   */
  close(code?: number, reason = ''): void {
    const payload = encodeClosePayload(code, reason);
    if (this.#state !== 'open') return;
    this.#sendClose(payload);
    this.#state = 'closing';
  }

  /** Fails the connection (RFC 6455 §7.1.7): sends a Close frame with the error's code and ends the transport. */
  fail(error: ConnectionError): void {
    if (this.#state === 'closed') return;
    this.#ending = { type: 'fail', error };
    // The reason is the stable code: it always fits, and shows the peer nothing of our inside.
    this.#sendClose(
      encodeClosePayload(error.closeCode, this.#options.explainsFailure === false ? '' : error.code),
    );
    this.#finish();
    this.#endPending = true;
  }

  // Output

  /** What the transport has to do now. */
  takeOutput(): Output[] {
    this.#answerLatestPing();
    const outputs = this.#output.take();
    if (!this.#endPending) return outputs;
    this.#endPending = false;
    this.#endTaken = true;
    return [...outputs, { type: 'end' }];
  }

  /** Whether `takeOutput` would give anything. */
  get hasOutput(): boolean {
    return this.#output.length > 0 || this.#endPending || this.#latestPing !== undefined;
  }

  /**
   * Says whether the transport takes no bytes at present: to be called after what `takeOutput` gave was written, and
   * when the transport has drained. What a stuck transport holds is charged to the connection, and what is sent
   * meanwhile waits in memory of our own.
   */
  setStuck(isStuck: boolean): void {
    this.#isStuck = isStuck;
    this.#output.setStuck(isStuck);
  }

  /** Does not look at the limit: what follows empties the output or ends the connection. */
  #answerLatestPing(): void {
    if (this.#latestPing === undefined) return;
    this.#writer.writeFrame(true, false, Opcode.Pong, this.#latestPing);
    this.#latestPing = undefined;
  }

  get #limits(): Limits {
    return this.#options.limits ?? defaultLimits;
  }

  /** RFC 6455 §7.1.1: the server closes the TCP connection first; the client waits for it, unless it is told not to. */
  get #endsTransport(): boolean {
    const options = this.#options;
    return options.role === 'server' || options.endsTransport === true;
  }

  get #messageWriter(): FrameWriter {
    return this.#held?.writer ?? this.#writer;
  }

  #wantsToEncode(length: number, compress: boolean): boolean {
    return (
      compress && this.#held?.writer === undefined && this.#options.extension?.wantsToEncode(length) === true
    );
  }

  /** How long a message in fragments will be is not known when it begins. */
  get #wantsToEncodeAnyLength(): boolean {
    return this.#options.extension?.wantsToEncode(Number.POSITIVE_INFINITY) === true;
  }

  #canSend(): boolean {
    if (this.#state !== 'open') return false;
    if (this.#fragmentedMessage === undefined || this.#held?.writer !== undefined) return true;
    throw new TypeError('Expected the last fragment of a message, received another message');
  }

  #sendControl(opcode: Opcode, payload: Uint8Array): boolean {
    checkIsBytes(payload);
    if (payload.length > MAX_CONTROL_PAYLOAD_LENGTH) {
      throw new RangeError(
        `Expected a control frame payload of at most ${MAX_CONTROL_PAYLOAD_LENGTH} bytes, received ${payload.length}`,
      );
    }
    if (this.#state === 'closed' || this.#closeSent) return false;
    this.#writer.writeFrame(true, false, opcode, payload);
    this.#checkBufferedOutput();
    return true;
  }

  #sendClose(payload: Uint8Array): void {
    if (this.#closeSent) return;
    this.#answerLatestPing();
    this.#closeSent = true;
    this.#writer.writeFrame(true, false, Opcode.Close, payload);
  }

  /** Nothing is read or sent from here on. */
  #finish(): void {
    this.#state = 'closed';
    this.#isReceiving = false;
    this.#header = undefined;
    this.#latestPing = undefined;
    this.#parser?.clear();
    this.#assembler?.reset();
    this.#held?.drop();
  }

  #checkBufferedOutput(): void {
    const waiting = this.#output.length + this.heldOutput;
    const isOverBudget = this.#output.isOverBudget || this.#held?.isOverBudget === true;
    const { maxBufferedOutput } = this.#limits;
    if (waiting <= maxBufferedOutput && !isOverBudget) return;
    const error = isOverBudget
      ? new LimitError('output-over-budget', `${waiting} bytes waiting`)
      : new LimitError(
          'too-much-buffered-output',
          `${waiting} bytes waiting, the limit is ${maxBufferedOutput}`,
        );
    // The peer does not read: what waits for it is dropped, so that the Close frame comes next when it does.
    this.#output.drop();
    this.fail(error);
  }
}

const noBytes: Uint8Array = new Uint8Array(0);
