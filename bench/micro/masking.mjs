/** Masking in place, beside the native code that it does without. */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { applyMask } from '../../packages/protocol/dist/mask.js';

const { unmask } = createRequire(import.meta.url)('bufferutil');
const KEY = 0x37fa213d;
const keyBytes = Buffer.from([0x3d, 0x21, 0xfa, 0x37]);

export const group = {
  name: 'masking',
  cases: [16, 125, 1024, 64 * 1024, 1024 * 1024].flatMap((size) => {
    const bytes = randomBytes(size);
    return [
      { name: `${size} B`, run: () => applyMask(bytes, KEY) },
      { name: `${size} B, bufferutil`, run: () => unmask(bytes, keyBytes) },
    ];
  }),
};
