/** The engine's connection in the hands of `connection.ts`: what it tells and says, compared with what is expected. */
import assert from 'node:assert/strict';
import {
  Budget,
  type CloseStatus,
  Connection,
  type ConnectionEvent,
  type ConnectionOptions,
  type ConnectionState,
  type DeflateParameters,
  defaultLimits,
  InternalError,
  PerMessageDeflate,
  type Role,
  Slab,
  WindowPool,
} from '../packages/protocol/src/index.ts';
import { ZlibCodec } from '../packages/websocket/src/zlib-codec.ts';
import { concat } from './chunks.ts';
import type { ConnectionSettings, Said, Told } from './reference-connection.ts';
import { referenceInflate } from './reference-inflate.ts';
import { hex } from './target.ts';
import { readWireHeader, xor } from './wire-frame.ts';

/** What was agreed for compression, and from which length on messages are compressed. */
export interface Negotiated extends DeflateParameters {
  readonly threshold: number;
}

const noBytes = new Uint8Array(0);

export class EngineConnection {
  readonly #budget = new Budget();
  readonly #connection: Connection;
  readonly #listener: OutputListener;
  /** The parts of a message that is handed out while it arrives. */
  #pieces: Uint8Array = noBytes;
  readonly #streaming: boolean;

  constructor(settings: ConnectionSettings, streaming: boolean, negotiated: Negotiated | undefined) {
    const windows = new WindowPool(undefined, this.#budget);
    const extension = negotiated && createExtension(settings.role, negotiated, windows);
    extension?.reserveWindow();
    this.#streaming = streaming;
    this.#connection = new Connection(optionsOf(settings, streaming, extension, this.#budget));
    this.#listener = new OutputListener(negotiated && takesOver(settings.role, negotiated));
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get closeStatus(): CloseStatus {
    return this.#connection.closeStatus;
  }

  /** Bytes that the budget has lent, windows included. */
  get heldBytes(): number {
    return this.#budget.used;
  }

  receive(chunk: Uint8Array): void {
    // The engine owns what it receives and unmasks it in place.
    this.#connection.receive(new Uint8Array(chunk));
  }

  receiveEnd(): void {
    this.#connection.receiveEnd();
  }

  abandon(): void {
    this.#connection.abandon();
  }

  fail(): void {
    this.#connection.fail(new InternalError('unexpected-condition', 'a fuzzer', { cause: undefined }));
  }

  setStuck(isStuck: boolean): void {
    this.#connection.setStuck(isStuck);
  }

  close(code: number | undefined, reason: string): void {
    this.#connection.close(code, reason);
  }

  sendMessage(opcode: 1 | 2, payload: Buffer, compress: boolean): boolean | 'misuse' {
    return sent(() =>
      opcode === 1
        ? this.#connection.sendText(payload.toString(), compress)
        : this.#connection.sendBytes(payload, opcode, compress),
    );
  }

  sendFragment(opcode: 1 | 2, payload: Buffer, isLast: boolean, compress: boolean): boolean {
    return this.#connection.sendFragment(payload, opcode, isLast, compress);
  }

  sendControl(opcode: 9 | 10, payload: Buffer): boolean {
    return opcode === 9 ? this.#connection.sendPing(payload) : this.#connection.sendPong(payload);
  }

  /** Pulls the next event and compares it. */
  expectTold(expected: Told | undefined): void {
    const told = this.#nextWhole();
    if (expected?.type !== 'fail' || told?.type !== 'fail') {
      assert.equal(tell(told), tell(expected));
      return;
    }
    assert.ok(
      expected.closeCodes.includes(told.error.closeCode),
      `fail ${told.error.closeCode}, not ${tell(expected)}`,
    );
    this.#listener.failedWith = told.error.closeCode;
  }

  /** Compares what has been handed out of a message that is still under way. */
  expectPartial(expected: Uint8Array): void {
    if (this.#streaming && this.#connection.state !== 'closed')
      assert.equal(hex(this.#pieces), hex(expected));
  }

  /** Takes the output and compares it. */
  expectSaid(expected: readonly Said[]): void {
    const outputs = this.#connection.takeOutput();
    const bytes = concat(...outputs.flatMap((output) => (output.type === 'bytes' ? [output.bytes] : [])));
    assert.equal(this.#connection.bufferedOutput, 0);
    this.#listener.expect(
      bytes,
      expected.filter(({ type }) => type !== 'end'),
    );
    assert.equal(outputs.at(-1)?.type === 'end', expected.at(-1)?.type === 'end');
  }

  /** The next event, in which pieces have become messages. */
  #nextWhole(): ConnectionEvent | undefined {
    for (;;) {
      const event = this.#connection.nextEvent();
      if (event?.type !== 'piece') return event;
      this.#pieces = concat(this.#pieces, event.payload);
      if (!event.isLast) continue;
      const payload = this.#pieces;
      this.#pieces = noBytes;
      return { type: 'message', opcode: event.opcode, payload };
    }
  }
}

/** Reads what is said: frames, with compressed messages inflated by the slow reference. */
class OutputListener {
  failedWith: number | undefined;
  readonly #takesOver: boolean;
  #window: Uint8Array = noBytes;
  /** The message that is under way in compressed fragments: as it came, and as it should come out. */
  #compressed: { readonly bytes: Uint8Array; readonly plain: Uint8Array } | undefined;

  constructor(takesOver: boolean | undefined) {
    this.#takesOver = takesOver ?? false;
  }

  expect(bytes: Uint8Array, expected: readonly Said[]): void {
    let at = 0;
    for (const each of expected) {
      const header = readWireHeader(bytes.subarray(at));
      assert.ok(
        header?.payloadLength !== undefined,
        `Expected ${each.type}, received ${hex(bytes.subarray(at))}`,
      );
      const payloadAt = at + header.length;
      at = payloadAt + Number(header.payloadLength);
      assert.ok(at <= bytes.length);
      const raw = bytes.slice(payloadAt, at);
      this.#expectFrame(header, header.key === undefined ? raw : xor(raw, header.key), each);
    }
    assert.equal(at, bytes.length);
  }

  #expectFrame(
    header: { opcode: number; fin: boolean; reserved: number },
    payload: Uint8Array,
    expected: Said,
  ): void {
    if (expected.type === 'failed') return this.#expectFailure(header.opcode, payload, expected.closeCodes);
    assert.ok(expected.type === 'frame');
    assert.equal(header.opcode, expected.opcode);
    assert.equal(header.fin, expected.fin);
    assert.equal(header.reserved, expected.compressed ? 4 : 0);
    const isOfCompressed = expected.compressed || (this.#compressed !== undefined && header.opcode === 0);
    if (!isOfCompressed) assert.equal(hex(payload), hex(expected.payload));
    else this.#expectCompressed(payload, expected.payload, header.fin);
  }

  #expectCompressed(payload: Uint8Array, expected: Uint8Array, fin: boolean): void {
    const { bytes, plain } = this.#compressed ?? { bytes: noBytes, plain: noBytes };
    this.#compressed = { bytes: concat(bytes, payload), plain: concat(plain, expected) };
    if (!fin) return;
    const inflated = referenceInflate(this.#compressed.bytes, this.#window, 0);
    assert.ok(inflated.type === 'bytes', `Expected DEFLATE data, received ${hex(this.#compressed.bytes)}`);
    assert.equal(hex(inflated.bytes), hex(this.#compressed.plain));
    if (this.#takesOver) this.#window = concat(this.#window, inflated.bytes);
    this.#compressed = undefined;
  }

  #expectFailure(opcode: number, payload: Uint8Array, closeCodes: readonly number[]): void {
    assert.equal(opcode, 8);
    const code = Buffer.from(payload).readUInt16BE(0);
    assert.ok(closeCodes.includes(code), `close ${code}, not ${closeCodes}`);
    if (this.failedWith !== undefined) assert.equal(code, this.failedWith);
  }
}

function optionsOf(
  settings: ConnectionSettings,
  streaming: boolean,
  extension: PerMessageDeflate | undefined,
  budget: Budget,
): ConnectionOptions {
  const { role, maxFramePayloadLength, maxMessageLength, maxFragments, maxBufferedOutput } = settings;
  const limits = {
    ...defaultLimits,
    maxFramePayloadLength,
    maxMessageLength,
    maxFragments,
    maxBufferedOutput,
  };
  const slab = new Slab((length) => new Uint8Array(length).fill(0xaa));
  const common = { limits, streaming, extension, budget, slab };
  return role === 'server' ? { role, ...common } : { role, randomMaskingKey: () => 0x5dc3a17b, ...common };
}

function createExtension(
  role: Role,
  { threshold, ...parameters }: Negotiated,
  windows: WindowPool,
): PerMessageDeflate {
  return new PerMessageDeflate({ role, parameters, codec: new ZlibCodec(3), windows, threshold });
}

function takesOver(role: Role, negotiated: Negotiated): boolean {
  return !(role === 'server' ? negotiated.serverNoContextTakeover : negotiated.clientNoContextTakeover);
}

function sent(send: () => boolean): boolean | 'misuse' {
  try {
    return send();
  } catch (error) {
    if (error instanceof TypeError) return 'misuse';
    throw error;
  }
}

function tell(event: Told | ConnectionEvent | undefined): string {
  switch (event?.type) {
    case 'message':
      return `message ${event.opcode} ${hex(event.payload)}`;
    case 'ping':
    case 'pong':
      return `${event.type} ${hex(event.payload)}`;
    case 'close':
      return `close ${event.code} ${JSON.stringify(event.reason)}`;
    case 'fail':
      return `fail ${'error' in event ? event.error.closeCode : event.closeCodes.join(' or ')}`;
    default:
      return event?.type ?? 'nothing';
  }
}
