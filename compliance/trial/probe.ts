/** Exchanges that show that a connection works, for cases that are about how it was opened. */

import type { Exchange } from '../case.ts';

const plainMessages = ['Is this thing on?', Uint8Array.of(0, 1, 254, 255)] as const;

/** A text and a binary message, echoed. */
export const plainEcho: Exchange = {
  type: 'exchange',
  steps: () => [
    {
      type: 'send',
      items: [
        { opcode: 1, payload: plainMessages[0] },
        { opcode: 2, payload: plainMessages[1] },
      ],
    },
  ],
  outcome: { type: 'echoes', messages: plainMessages },
};

const sentence = 'The quick brown fox jumps over the lazy dog; ';
/** Each repeats the one before, and the last is longer than the smallest windows. */
const compressedMessages = [sentence, sentence, sentence.repeat(3), sentence.repeat(100)];

/** Messages that tempt a compressor to reach back into earlier ones, and beyond a small window. */
export const compressedEchoes: Exchange = {
  type: 'exchange',
  compression: {},
  steps: () => [{ type: 'send', items: compressedMessages.map((deflate) => ({ deflate })) }],
  outcome: { type: 'echoes', messages: compressedMessages },
};
