/** Bytes to messages: one chunk as TCP brings it, full of small frames or with one large one. */
import { Connection } from '../../packages/protocol/dist/index.js';
import { encodeMessage } from '../load/frames.mjs';
import { createMessages } from '../load/messages.mjs';

const CHUNK_LENGTH = 64 * 1024;

export const group = {
  name: 'parser, 64 KiB of frames',
  cases: [64, 1024, 16 * 1024].map((size) => {
    const connection = new Connection({ role: 'server' });
    const chunk = chunkOf(size);
    return {
      name: `frames of ${size} B`,
      run() {
        // Payloads are unmasked where they lie: the next time the same bytes are another payload.
        connection.receive(chunk);
        let event = connection.nextEvent();
        let last = event;
        for (; event !== undefined; event = connection.nextEvent()) last = event;
        return last;
      },
    };
  }),
};

function chunkOf(size) {
  const [message] = createMessages('binary', size);
  const frame = encodeMessage(message, false);
  return Buffer.concat(Array.from({ length: Math.floor(CHUNK_LENGTH / frame.length) }, () => frame));
}
