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
});
