/**
 * Both directions of permessage-deflate (RFC 7692 §7.2) as the compliance peer has them: it compresses with zlib and
 * decodes with a decoder of its own, which sees whether the window that was agreed on is kept.
 * Before: `inflate.ts`; after: `conversation.ts`.
 */

import { constants, deflateRawSync } from 'node:zlib';
import { inflate } from './inflate.ts';

/** What was agreed on for one direction. */
export interface Direction {
  /** 8 to 15. */
  readonly maxWindowBits: number;
  readonly noContextTakeover: boolean;
}

/** Which DEFLATE blocks a message is made of; every kind is allowed (RFC 7692 §7.2.1, §7.2.3). */
export type Blocks = 'dynamic' | 'fixed' | 'stored' | 'literals' | 'final';

/** What RFC 7692 §7.2.1 takes off a compressed message, and §7.2.2 puts back. */
const tail = Buffer.of(0x00, 0x00, 0xff, 0xff);

/** Compresses the messages of one direction. */
export class Deflater {
  readonly #direction: Direction;
  #window: Buffer = Buffer.alloc(0);

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  deflate(payload: Buffer, blocks: Blocks = 'dynamic'): Buffer {
    const { maxWindowBits, noContextTakeover } = this.#direction;
    const compressed = compress(payload, blocks, this.#window, maxWindowBits);
    if (!noContextTakeover) this.#window = slide(this.#window, payload, maxWindowBits);
    return compressed;
  }
}

/** Decodes the messages of one direction and tells how they break what was agreed on. */
export class InflateJudge {
  readonly #direction: Direction;
  #window: Buffer = Buffer.alloc(0);

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** @throws Error if the payload is no DEFLATE. */
  inflate(payload: Buffer): { readonly bytes: Buffer; readonly faults: readonly string[] } {
    const { maxWindowBits, noContextTakeover } = this.#direction;
    const { bytes, maxDistance, usesEarlierMessages } = inflate(Buffer.concat([payload, tail]), this.#window);
    const faults: string[] = [];
    if (maxDistance > 2 ** maxWindowBits) {
      faults.push(
        `compressed with a match ${maxDistance} bytes back, beyond a window of ${maxWindowBits} bits`,
      );
    }
    if (noContextTakeover && usesEarlierMessages) {
      faults.push('compressed with what earlier messages held, in spite of no_context_takeover');
    }
    // The full window is kept whatever was agreed, so that a match that reaches too far is found and named.
    this.#window = slide(this.#window, bytes, 15);
    return { bytes, faults };
  }
}

function compress(payload: Buffer, blocks: Blocks, window: Buffer, maxWindowBits: number): Buffer {
  const deflated = deflateRawSync(payload, {
    ...settings(blocks, maxWindowBits),
    windowBits: Math.max(9, maxWindowBits),
    ...(window.length > 0 ? { dictionary: window } : {}),
    finishFlush: blocks === 'final' ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
  });
  // RFC 7692 §7.2.3.4: behind a final block stands an empty stored one, of which only the header is sent.
  if (blocks === 'final') return Buffer.concat([deflated, Buffer.of(0)]);
  return deflated.subarray(0, deflated.length - tail.length);
}

function settings(blocks: Blocks, maxWindowBits: number): { level?: number; strategy?: number } {
  // zlib knows no window of 8 bits and would take one of 9: it must not look for matches at all.
  if (blocks === 'literals' || maxWindowBits === 8) return { strategy: constants.Z_HUFFMAN_ONLY };
  if (blocks === 'stored') return { level: 0 };
  return blocks === 'fixed' ? { strategy: constants.Z_FIXED } : {};
}

function slide(window: Buffer, bytes: Buffer, maxWindowBits: number): Buffer {
  const size = 2 ** maxWindowBits;
  if (bytes.length >= size) return Buffer.from(bytes.subarray(bytes.length - size));
  const joined = Buffer.concat([window, bytes]);
  return joined.subarray(Math.max(0, joined.length - size));
}
