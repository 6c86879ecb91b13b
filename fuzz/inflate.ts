/**
 * Fuzzes the way back from a compressed message (RFC 7692 §7.2.2): real DEFLATE data of every kind, mutated,
 * truncated, joined, and plain noise, through the transform and its codec. Whatever comes ends in bytes within the
 * limit, in a ProtocolError or in a LimitError, as the slow inflate of `reference-inflate.ts` has it.
 */
import assert from 'node:assert/strict';
import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { LimitError, PerMessageDeflate, ProtocolError, WindowPool } from '../packages/protocol/src/index.ts';
import { ZlibCodec } from '../packages/websocket/src/zlib-codec.ts';
import { concat } from './chunks.ts';
import { referenceInflate } from './reference-inflate.ts';
import { hex, target } from './target.ts';

/** How many blocks with BFINAL the codec accepts in one message. */
const MAX_FINAL_BLOCKS = 8;

interface Input {
  /** Compressed messages that come one after another, each without its tail. */
  readonly messages: readonly Uint8Array[];
  readonly takesOver: boolean;
  readonly maxLength: number;
}

/** Text with repetitions, so that there is something to refer back to. */
const compressible: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.constantFrom('a', 'bc', 'Hello ', 'é', 'WebSocket ', 'x'.repeat(40), 'y'.repeat(300), '\0\x01\xff'),
    {
      maxLength: 40,
    },
  )
  .map((words) => new Uint8Array(Buffer.from(words.join(''), 'utf8')));

const strategies = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FIXED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FILTERED,
] as const;

/** DEFLATE data: with or without BFINAL, stored, fixed or dynamic, with or without its tail. */
const deflated = fc
  .record({
    plain: fc.oneof(compressible, fc.uint8Array({ maxLength: 100 })),
    level: fc.constantFrom(0, 1, 6, 9),
    strategy: fc.constantFrom(...strategies),
    flush: fc.constantFrom(constants.Z_SYNC_FLUSH, constants.Z_FINISH, constants.Z_FULL_FLUSH),
    dictionary: fc.option(compressible, { nil: undefined }),
    keepsTail: fc.boolean(),
  })
  .map(({ plain, level, strategy, flush, dictionary, keepsTail }) => {
    const bytes = deflateRawSync(plain, {
      level,
      strategy,
      finishFlush: flush,
      ...(dictionary === undefined || dictionary.length === 0 ? {} : { dictionary }),
    });
    const end = keepsTail || flush === constants.Z_FINISH ? bytes.length : bytes.length - 4;
    return flush === constants.Z_FINISH
      ? concat(bytes, Uint8Array.of(0))
      : new Uint8Array(bytes.subarray(0, end));
  });

/** Changes a few bytes, and perhaps cuts the end off. */
export function damaged(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 3 });
  return fc
    .tuple(bytes, changes, fc.option(fc.nat(), { nil: undefined, freq: 3 }))
    .map(([whole, list, end]) => {
      const changed = whole.slice(0, end === undefined ? whole.length : end % (whole.length + 1));
      for (const [at, difference] of list) {
        const index = at % Math.max(1, changed.length);
        changed[index] = (changed[index] ?? 0) ^ difference;
      }
      return changed;
    });
}

const message = fc.oneof(
  deflated,
  damaged(deflated),
  fc.array(deflated, { maxLength: 12 }).map((parts) => concat(...parts)),
  damaged(fc.array(deflated, { maxLength: 3 }).map((parts) => concat(...parts))),
  fc.uint8Array({ maxLength: 60 }),
);

export const inflate = target<Input>({
  name: 'inflate',
  inputs: fc.record({
    messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    takesOver: fc.boolean(),
    maxLength: fc.oneof(fc.constant(100_000), fc.nat(2000), fc.nat(10)),
  }),
  check: ({ messages, takesOver, maxLength }) => {
    const transform = createTransform(takesOver);
    let history: Uint8Array = new Uint8Array(0);
    for (const bytes of messages) {
      const window = takesOver ? history : new Uint8Array(0);
      const inflated = decode(transform, bytes, maxLength);
      assert.ok(expected(bytes, window, maxLength).includes(tell(inflated)), `received ${tell(inflated)}`);
      if (typeof inflated === 'string') return;
      history = concat(history, inflated).slice(-(2 ** 15));
    }
  },
  show: ({ messages, takesOver, maxLength }) =>
    [`takesOver ${takesOver}, maxLength ${maxLength}`, ...messages.map(hex)].join('\n'),
});

function createTransform(takesOver: boolean): PerMessageDeflate {
  return new PerMessageDeflate({
    role: 'server',
    parameters: {
      serverNoContextTakeover: true,
      clientNoContextTakeover: !takesOver,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    },
    codec: new ZlibCodec(1),
    windows: new WindowPool(),
    threshold: 0,
  });
}

/** The inflated bytes, or the code of the error. */
function decode(transform: PerMessageDeflate, bytes: Uint8Array, maxLength: number): Uint8Array | string {
  try {
    const inflated = transform.decode(bytes, maxLength);
    assert.ok(inflated.length <= maxLength);
    return inflated;
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof LimitError) return error.code;
    throw error;
  }
}

/** The codec's own end of a message, taken for a part of one that is cut short, inflates to less than this. */
const END_SLACK = 1024;

/** What may come out. Data that goes wrong behind the limit may be refused for either reason. */
function expected(bytes: Uint8Array, window: Uint8Array, maxLength: number): string[] {
  const reference = referenceInflate(bytes, window, MAX_FINAL_BLOCKS);
  if (reference.type === 'malformed') {
    return [
      'invalid-compressed-data',
      ...(reference.lengthBefore + END_SLACK > maxLength ? ['message-too-long'] : []),
    ];
  }
  return [reference.bytes.length > maxLength ? 'message-too-long' : tell(reference.bytes)];
}

function tell(inflated: Uint8Array | string): string {
  return typeof inflated === 'string' ? inflated : hex(inflated);
}
