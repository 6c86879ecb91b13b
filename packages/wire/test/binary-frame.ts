/** Binary frames written by hand, right and wrong. */

import { Buffer } from 'node:buffer';

/** A head, of whichever length it says it has, and what follows. */
export function frameOf(
  head: string | Uint8Array,
  rest: readonly number[] = [],
  headLength?: number,
): Uint8Array {
  const headBytes = typeof head === 'string' ? Buffer.from(head) : head;
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(headLength ?? headBytes.length);
  return new Uint8Array(Buffer.concat([prefix, headBytes, Buffer.from(rest)]));
}
