/** Validation of text as it arrives, beside Node's own, which needs all of it. */
import { isUtf8 } from 'node:buffer';
import { Utf8Validator } from '../../packages/protocol/dist/utf8.js';

const texts = { ASCII: 'All hands on deck. ', mixed: 'Schiff ahoi, 船が来た, ⚓️ и якорь. ' };

export const group = {
  name: 'UTF-8',
  cases: Object.entries(texts).flatMap(([script, text]) =>
    [64, 16 * 1024].flatMap((size) => {
      const bytes = Buffer.from(text.repeat(Math.ceil(size / Buffer.byteLength(text))));
      const validator = new Utf8Validator();
      return [
        { name: `${script}, ${size} B`, run: () => validator.push(bytes) },
        { name: `${script}, ${size} B, isUtf8`, run: () => isUtf8(bytes) },
      ];
    }),
  ),
};
