/**
 * What a string of bytes means to an endpoint (RFC 6455, RFC 7692): its events, and the close code on which it ends,
 * found by reading it from the front again and again, without a thought for speed. It shares no code with the engine.
 * Before: `wire-frame.ts`, `reference-inflate.ts`; after: `reference-connection.ts`.
 */
import type { Role } from '../packages/protocol/src/index.ts';
import { concat } from './chunks.ts';
import { referenceInflate } from './reference-inflate.ts';
import { readWireHeader, type WireHeader, xor } from './wire-frame.ts';

/** What decides over the meaning of bytes. */
export interface ModelSettings {
  readonly role: Role;
  readonly maxFramePayloadLength: number;
  readonly maxMessageLength: number;
  readonly maxFragments: number;
  /** What was agreed for the messages that come; undefined without permessage-deflate. */
  readonly inflating: { readonly takesOver: boolean; readonly windowBits: number } | undefined;
}

/** What a peer is told of. */
export type Heard =
  | { readonly type: 'message'; readonly opcode: number; readonly payload: Uint8Array }
  | { readonly type: 'ping' | 'pong'; readonly payload: Uint8Array }
  | { readonly type: 'close'; readonly code: number; readonly reason: string; readonly payload: Uint8Array }
  /** Several codes where it is left open which of two violations is seen first. */
  | { readonly type: 'fail'; readonly closeCodes: readonly number[] };

/** The meaning of the bytes so far. */
export interface Reading {
  readonly events: readonly Heard[];
  /** Payload that has come of a message which is not complete and not compressed. */
  readonly partial: Uint8Array;
}

interface Message {
  readonly opcode: number;
  readonly isCompressed: boolean;
  readonly fragments: number;
  readonly announced: number;
  readonly payload: Uint8Array;
}

/** What ends a connection, with the close code that tells the peer. */
export class Violation extends Error {
  readonly closeCodes: readonly number[];

  constructor(...closeCodes: readonly number[]) {
    super(`violation ${closeCodes.join(' or ')}`);
    this.closeCodes = closeCodes;
  }
}

const MAX_FINAL_BLOCKS = 8;
const noBytes = new Uint8Array(0);

/** Reads all that has come. */
export function readAll(bytes: Uint8Array, settings: ModelSettings): Reading {
  const reader = new Reader(settings);
  try {
    for (let at = 0, read = 1; read > 0; at += read) read = reader.readFrame(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { events: [...reader.events, { type: 'fail', closeCodes: error.closeCodes }], partial: noBytes };
  }
  return { events: reader.events, partial: reader.partial };
}

class Reader {
  readonly events: Heard[] = [];
  partial: Uint8Array = noBytes;
  readonly #settings: ModelSettings;
  #message: Message | undefined;
  #window: Uint8Array = noBytes;

  constructor(settings: ModelSettings) {
    this.#settings = settings;
  }

  /** Reads the frame at the front. Returns its length, or 0 if it is not complete or nothing may follow it. */
  readFrame(bytes: Uint8Array): number {
    const header = readWireHeader(bytes);
    if (header === undefined) return 0;
    checkHeader(header, this.#settings);
    if (header.masked && header.key === undefined) return 0;
    if (header.payloadLength === undefined) return 0;
    const end = header.length + Number(header.payloadLength);
    const raw = bytes.slice(header.length, end);
    const payload = header.key === undefined ? raw : xor(raw, header.key);
    const isComplete = bytes.length >= end;
    if (header.opcode < 8) this.#readDataFrame(header, payload, isComplete);
    else if (isComplete) this.events.push(readControlFrame(header.opcode, payload));
    return isComplete && this.events.at(-1)?.type !== 'close' ? end : 0;
  }

  #readDataFrame(header: WireHeader, payload: Uint8Array, isComplete: boolean): void {
    const message = this.#continue(header, payload);
    const isWhole = isComplete && header.fin;
    if (!message.isCompressed && message.opcode === 1) checkUtf8(message.payload, isWhole);
    this.#message = isWhole ? undefined : message;
    this.partial = isWhole || message.isCompressed ? noBytes : message.payload;
    if (!isWhole) return;
    const whole = message.isCompressed ? this.#inflate(message.payload) : message.payload;
    if (message.opcode === 1) checkUtf8(whole, true);
    this.events.push({ type: 'message', opcode: message.opcode, payload: whole });
  }

  /** RFC 6455 §5.4. */
  #continue({ opcode, reserved, payloadLength }: WireHeader, payload: Uint8Array): Message {
    if ((opcode === 0) !== (this.#message !== undefined)) throw new Violation(1002);
    const before = this.#message ?? {
      opcode,
      isCompressed: reserved === 4,
      fragments: 0,
      announced: 0,
      payload: noBytes,
    };
    const message = {
      ...before,
      fragments: before.fragments + 1,
      announced: before.announced + Number(payloadLength),
      payload: concat(before.payload, payload),
    };
    if (message.announced > this.#settings.maxMessageLength) throw new Violation(1009);
    if (message.fragments > this.#settings.maxFragments) throw new Violation(1008);
    return message;
  }

  #inflate(payload: Uint8Array): Uint8Array {
    const { inflating, maxMessageLength } = this.#settings;
    const inflated = referenceInflate(payload, this.#window, MAX_FINAL_BLOCKS);
    // Data that goes wrong at the limit may be refused for its length or for what is wrong with it.
    if (inflated.type === 'malformed' && inflated.lengthBefore + 1024 > maxMessageLength)
      throw new Violation(1007, 1009);
    if (inflated.type === 'malformed') throw new Violation(1007);
    if (inflated.bytes.length > maxMessageLength) throw new Violation(1009);
    const { takesOver, windowBits } = inflating ?? { takesOver: false, windowBits: 15 };
    if (takesOver) this.#window = concat(this.#window, inflated.bytes).slice(-(2 ** windowBits));
    return inflated.bytes;
  }
}

/** RFC 6455 §5.1, §5.2, §5.5: what a header alone may show. */
export function checkHeader(header: WireHeader, settings: ModelSettings): void {
  const { opcode, reserved, fin, masked, form, payloadLength } = header;
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) throw new Violation(1002);
  const mayBeCompressed = settings.inflating !== undefined && (opcode === 1 || opcode === 2);
  if (reserved !== 0 && !(reserved === 4 && mayBeCompressed)) throw new Violation(1002);
  if (masked !== (settings.role === 'server')) throw new Violation(1002);
  if (opcode >= 8 && (!fin || form !== 7)) throw new Violation(1002);
  if (payloadLength !== undefined) checkLength(form, payloadLength, settings.maxFramePayloadLength);
}

function checkLength(form: 7 | 16 | 64, length: bigint, maxLength: number): void {
  const least = { 7: 0n, 16: 126n, 64: 65_536n }[form];
  if (length < least || length >= 2n ** 63n) throw new Violation(1002);
  if (length > BigInt(maxLength)) throw new Violation(1009);
}

function readControlFrame(opcode: number, payload: Uint8Array): Heard {
  if (opcode === 9) return { type: 'ping', payload };
  if (opcode === 10) return { type: 'pong', payload };
  const [high, low] = payload;
  if (high === undefined) return { type: 'close', code: 1005, reason: '', payload };
  if (low === undefined) throw new Violation(1002);
  const code = high * 256 + low;
  if (!isSendable(code)) throw new Violation(1002);
  const reason = payload.subarray(2);
  checkUtf8(reason, true);
  return { type: 'close', code, reason: Buffer.from(reason).toString(), payload };
}

/** RFC 6455 §7.4, and the codes that IANA has added. */
function isSendable(code: number): boolean {
  return (
    [1000, 1001, 1002, 1003].includes(code) || (code > 1006 && code < 1015) || (code > 2999 && code < 5000)
  );
}

/** Unicode's table 3-7 of well-formed byte sequences, and the beginnings of them. */
const wellFormed =
  /^(?:[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*(|[\xc2-\xf4]|\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]|\xf0[\x90-\xbf][\x80-\xbf]?|[\xf1-\xf3][\x80-\xbf]{1,2}|\xf4[\x80-\x8f][\x80-\xbf]?)$/;

function checkUtf8(bytes: Uint8Array, isWhole: boolean): void {
  const match = wellFormed.exec(Buffer.from(bytes).toString('latin1'));
  if (match === null || (isWhole && match[1] !== '')) throw new Violation(1007);
}
