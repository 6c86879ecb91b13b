/** Connections with permessage-deflate over Node's zlib, and the payloads of compressed frames as others make them. */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  type Codec,
  Connection,
  type DeflateParameters,
  type Inflated,
  type Limits,
  PerMessageDeflate,
  type Role,
  resolveLimits,
  WindowPool,
} from '../src/index.ts';

/** What messages end with before it is left out (RFC 7692 §7.2.1). */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const FINAL_BLOCK = Buffer.from([0x01, 0x00, 0x00, 0xff, 0xff]);

/** Context takeover both ways, with the largest windows: what is agreed on when nobody names a parameter. */
export const allowedAll: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/** One call of the codec. */
export interface CodecCall {
  readonly windowBits: number | undefined;
  /** Its length. */
  readonly dictionary: number;
  /** The longest result that may come. */
  readonly maxLength: number | undefined;
}

/** Node's zlib, with a note of every call. */
export class NotingCodec implements Codec {
  readonly deflations: CodecCall[] = [];
  readonly inflations: CodecCall[] = [];

  deflate(bytes: Uint8Array, windowBits: number, dictionary: Uint8Array | undefined): Uint8Array {
    this.deflations.push({ windowBits, dictionary: dictionary?.length ?? 0, maxLength: undefined });
    return deflateRawSync(bytes, { windowBits, finishFlush: constants.Z_SYNC_FLUSH, ...given(dictionary) });
  }

  inflate(bytes: Uint8Array, dictionary: Uint8Array | undefined, maxLength: number): Inflated {
    this.inflations.push({ windowBits: undefined, dictionary: dictionary?.length ?? 0, maxLength });
    try {
      const input = Buffer.concat([bytes, TAIL, FINAL_BLOCK]);
      const inflated = inflateRawSync(input, { maxOutputLength: maxLength, ...given(dictionary) });
      return { type: 'bytes', bytes: new Uint8Array(inflated) };
    } catch (error) {
      if (error instanceof RangeError) return { type: 'too-long' };
      return { type: 'malformed', reason: String(error) };
    }
  }
}

/** How a connection compresses. */
export interface DeflateSetup {
  readonly parameters?: Partial<DeflateParameters>;
  readonly codec?: Codec;
  readonly windows?: WindowPool;
  readonly threshold?: number;
  readonly limits?: Partial<Limits>;
  readonly streaming?: boolean;
}

/** A connection on which permessage-deflate was negotiated; it compresses every message unless there is a threshold. */
export function openDeflating(role: Role, setup: DeflateSetup = {}): Connection {
  const { codec = new NotingCodec(), windows = new WindowPool(), threshold = 0, streaming = false } = setup;
  const parameters = { ...allowedAll, ...setup.parameters };
  const extension = new PerMessageDeflate({ role, parameters, codec, windows, threshold });
  const options = { limits: resolveLimits(setup.limits), extension, streaming };
  return role === 'client'
    ? new Connection({ role, randomMaskingKey: () => 0x44332211, ...options })
    : new Connection({ role, ...options });
}

/** A compressed message's payload, made without the engine. */
export function deflated(text: string | Uint8Array, before: string | Uint8Array = ''): Uint8Array {
  const dictionary = before.length === 0 ? undefined : Buffer.from(before);
  const options = { finishFlush: constants.Z_SYNC_FLUSH, ...given(dictionary) };
  return new Uint8Array(deflateRawSync(text, options).subarray(0, -TAIL.length));
}

/** Reads a compressed message's payload, without the engine. */
export function inflated(payload: Uint8Array, before: string | Uint8Array = ''): string {
  const dictionary = before.length === 0 ? undefined : Buffer.from(before);
  return inflateRawSync(Buffer.concat([payload, TAIL, FINAL_BLOCK]), given(dictionary)).toString();
}

/** Bytes that cannot be compressed but by a reference to the same ones. */
export function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
}

function given(dictionary: Uint8Array | undefined): { dictionary?: Uint8Array } {
  return dictionary === undefined ? {} : { dictionary };
}
