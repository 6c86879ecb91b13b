/**
 * What a random peer sends: messages in fragments with control frames between them, compressed ones too, Close frames,
 * and frames that are wrong in every way that a frame can be, as bytes.
 */
import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import type { Role } from '../packages/protocol/src/index.ts';
import { concat } from './chunks.ts';
import { damaged } from './inflate.ts';
import { encodeWireFrame, wireFrame, wireKey } from './wire-frame.ts';

/** One thing that the peer does. It depends on what was negotiated and on what it has sent before. */
export type Act = (sender: Sender) => Uint8Array;

/** Who sends. */
export class Sender {
  readonly role: Role;
  readonly #takesOver: boolean;
  readonly #windowBits: number;
  readonly compresses: boolean;
  #window: Uint8Array = new Uint8Array(0);

  /** @param compression Undefined without permessage-deflate: what is marked all the same is a violation. */
  constructor(
    role: Role,
    compression: { readonly takesOver: boolean; readonly windowBits: number } | undefined,
  ) {
    this.role = role;
    this.compresses = compression !== undefined;
    this.#takesOver = compression?.takesOver ?? false;
    this.#windowBits = compression?.windowBits ?? 15;
  }

  /** The compressed form of a message, without its tail. */
  deflate(payload: Uint8Array): Uint8Array {
    const dictionary = this.#takesOver && this.#window.length > 0 ? { dictionary: this.#window } : {};
    // zlib compresses with no less than 9 bits, so 8 are kept by not looking back at all.
    const strategy = this.#windowBits === 8 ? { strategy: constants.Z_HUFFMAN_ONLY } : {};
    const windowBits = Math.max(9, this.#windowBits);
    const options = { windowBits, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary, ...strategy };
    const deflated = deflateRawSync(payload, options);
    this.#window = concat(this.#window, payload).slice(-(2 ** this.#windowBits));
    return new Uint8Array(deflated.subarray(0, -4));
  }
}

const words = fc.constantFrom(
  '',
  'a',
  'é',
  '€',
  '👋',
  'Hello',
  '\0',
  'x'.repeat(90),
  'y'.repeat(200),
  'z'.repeat(5000),
);
const text = fc.array(words, { maxLength: 4 }).map((each) => utf8(each.join('')));
const badUtf8 = fc
  .constantFrom('ff', 'c080', 'eda080', 'e282', 'f4908080', '80', 'f09f91')
  .map((digits) => fromHex(digits));
const textBytes = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 1, arbitrary: fc.tuple(text, badUtf8, text).map((parts) => concat(...parts)) },
);
const smallPayload = fc.oneof(
  fc.constant(new Uint8Array(0)),
  text.map((bytes) => bytes.slice(0, 125)),
  fc.uint8Array({ maxLength: 125 }),
);

const control: fc.Arbitrary<Act> = fc.tuple(fc.constantFrom(9, 10), smallPayload).map(
  ([opcode, payload]): Act =>
    ({ role }) =>
      encodeWireFrame(wireFrame(role, opcode, payload)),
);

const message: fc.Arbitrary<Act> = fc
  .record({
    opcode: fc.constantFrom(1, 2),
    payload: textBytes,
    isCompressed: fc.boolean(),
    damage: fc.option(fc.nat(1000), { nil: undefined, freq: 8 }),
    places: fc.array(fc.nat(400), { maxLength: 4 }),
    controls: fc.array(fc.array(control, { maxLength: 2 }), { maxLength: 5 }),
  })
  .map(
    ({ opcode, payload, isCompressed, damage, places, controls }): Act =>
      (sender) => {
        const compressed = isCompressed && sender.compresses;
        const encoded = compressed ? spoil(sender.deflate(payload), damage) : payload;
        return concat(
          ...fragments(encoded, places).map((piece, i, all) => {
            const frame = wireFrame(
              sender.role,
              i === 0 ? opcode : 0,
              piece,
              i === all.length - 1,
              i === 0 && compressed ? 4 : 0,
            );
            return concat(
              encodeWireFrame(frame),
              ...(i < all.length - 1 ? (controls[i] ?? []) : []).map((act) => act(sender)),
            );
          }),
        );
      },
  );

const close: fc.Arbitrary<Act> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(1000, 1001, 1003, 1007, 1014, 3000, 4999) },
      { weight: 2, arbitrary: fc.constantFrom(0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535) },
    ),
    textBytes.map((bytes) => bytes.slice(0, 123)),
    fc.constantFrom<'whole' | 'empty' | 'short'>('whole', 'whole', 'whole', 'empty', 'short'),
  )
  .map(
    ([code, reason, kind]): Act =>
      ({ role }) => {
        const payload = concat(Uint8Array.of(code >> 8, code & 0xff), reason);
        const end = { whole: payload.length, empty: 0, short: 1 }[kind];
        return encodeWireFrame(wireFrame(role, 8, payload.slice(0, end)));
      },
  );

/** Any frame at all. */
const anyFrame: fc.Arbitrary<Act> = fc
  .record({
    fin: fc.boolean(),
    reserved: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
    opcode: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) },
      { weight: 1, arbitrary: fc.nat(15) },
    ),
    hasRightMask: fc.boolean(),
    form: fc.constantFrom<7 | 16 | 64>(7, 7, 7, 16, 64),
    payload: fc.oneof(textBytes, fc.uint8Array({ maxLength: 300 })),
  })
  .map(
    ({ hasRightMask, ...frame }): Act =>
      ({ role }) => {
        const isMasked = (role === 'client') === hasRightMask;
        return encodeWireFrame({ ...frame, key: isMasked ? wireKey : undefined });
      },
  );

/** A header that announces any length. */
const announcement: fc.Arbitrary<Act> = fc
  .constantFrom(
    2n ** 31n - 1n,
    2n ** 32n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    125n,
    65_535n,
    65_536n,
  )
  .map(
    (length): Act =>
      ({ role }) => {
        const view = new DataView(new ArrayBuffer(10));
        view.setUint16(0, 0x827f | (role === 'client' ? 0x80 : 0));
        view.setBigUint64(2, length);
        return concat(new Uint8Array(view.buffer), Uint8Array.from(role === 'client' ? wireKey : []));
      },
  );

const noise: fc.Arbitrary<Act> = fc.uint8Array({ maxLength: 20 }).map(
  (bytes): Act =>
    () =>
      bytes,
);

/** Everything that a peer does, in order. */
export const traffic: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 14, arbitrary: message },
    { weight: 8, arbitrary: control },
    { weight: 1, arbitrary: close },
    { weight: 1, arbitrary: anyFrame },
    { weight: 1, arbitrary: announcement },
    { weight: 1, arbitrary: noise },
  ),
  { maxLength: 10, size: 'max' },
);

/** Bytes that are wrong in one place, now and then. */
export const damage = damaged;

function fragments(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

function spoil(bytes: Uint8Array, at: number | undefined): Uint8Array {
  if (at === undefined || bytes.length === 0) return bytes;
  return bytes.map((byte, i) => (i === at % bytes.length ? byte ^ (1 << (at % 8)) : byte));
}

function utf8(words: string): Uint8Array {
  return new Uint8Array(Buffer.from(words, 'utf8'));
}

function fromHex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'));
}
