/** The Codec port over Node's zlib (RFC 7692 §7.2.2): what random and damaged DEFLATE data has found. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { ZlibCodec } from '../src/zlib-codec.ts';

const MAX_LENGTH = 100_000;
const codec = new ZlibCodec(6);

describe('ZlibCodec.inflate', () => {
  it('looks back over several final blocks into what came before the message (RFC 7692 §7.2.3.4)', () => {
    const dictionary = Buffer.from('what came before the message');
    const texts = ['the message ', 'what came ', 'before the message'];
    const before: Buffer[] = [dictionary];
    const message = texts.map((text) => {
      const block = deflateRawSync(text, { level: 9, dictionary: Buffer.concat(before) });
      before.push(Buffer.from(text));
      return block;
    });
    const inflated = codec.inflate(Buffer.concat([...message, Buffer.of(0)]), dictionary, MAX_LENGTH);
    assert.ok(inflated.type === 'bytes');
    assert.equal(Buffer.from(inflated.bytes).toString(), texts.join(''));
  });

  it('takes a final block that is cut short for malformed, even if what ends the message would fit into it', () => {
    for (let announced = 7; announced < 30; announced++) {
      // A stored block with BFINAL and two bytes of those that it announces; the tail of the message makes six.
      const message = Buffer.of(0x01, announced, 0x00, 0xff - announced, 0xff, 0x61, 0x61);
      const inflated = codec.inflate(message, undefined, MAX_LENGTH);
      assert.equal(inflated.type, 'malformed', `${announced} bytes announced`);
    }
  });

  it('inflates as much as it may, and not a byte more', () => {
    for (const blocks of [['abc'], ['abc', ''], ['a', 'b', 'c', '']]) {
      const message = Buffer.concat([...blocks.map((text) => deflateRawSync(text)), Buffer.of(0)]);
      assert.equal(codec.inflate(message, undefined, 3).type, 'bytes');
      assert.equal(codec.inflate(message, undefined, 2).type, 'too-long');
      assert.equal(codec.inflate(message, undefined, 0).type, 'too-long');
    }
    assert.equal(codec.inflate(Buffer.of(0), undefined, 0).type, 'bytes');
  });

  it('takes any limit, also one beyond what zlib takes', () => {
    const message = Buffer.concat([deflateRawSync('abc'), Buffer.of(0)]);
    for (const maxLength of [2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      assert.equal(codec.inflate(message, undefined, maxLength).type, 'bytes');
    }
  });
});
