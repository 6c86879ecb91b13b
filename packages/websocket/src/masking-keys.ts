/**
 * Masking keys for a client's frames (RFC 6455 §5.3): from a strong source of entropy, so that nobody who chooses the
 * payload can foresee what stands on the wire (§10.3). A call of the source costs more than masking a small message,
 * so the keys are drawn a pool at a time. Used by `websocket.ts`.
 */

import { randomFillSync } from 'node:crypto';

const POOL_SIZE = 2048;

const pool = new Int32Array(POOL_SIZE);
let next = POOL_SIZE;

/** A masking key that was never given out before: 32 random bits as a signed integer. */
export function randomMaskingKey(): number {
  if (next === POOL_SIZE) {
    randomFillSync(pool);
    next = 0;
  }
  const key = pool[next] ?? 0;
  // What masks a frame is not kept, for it would still tell what the frame said.
  pool[next] = 0;
  next += 1;
  return key;
}
