/**
 * RFC 6455 §8.1: text is UTF-8, and a message that is not fails at its first bad byte. The cases follow Markus Kuhn's
 * "UTF-8 decoder capability and stress test".
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concat, frame, hex, peerOf, roles, utf8 } from '../frames.ts';
import { hear, openConnection, said } from '../transcript.ts';

const valid: readonly (readonly [name: string, bytes: string])[] = [
  ['nothing', ''],
  ['the Greek word κόσμε', 'ce ba e1 bd b9 cf 83 ce bc ce b5'],
  ['the first of 1 byte, U+0000', '00'],
  ['the first of 2 bytes, U+0080', 'c2 80'],
  ['the first of 3 bytes, U+0800', 'e0 a0 80'],
  ['the first of 4 bytes, U+10000', 'f0 90 80 80'],
  ['the last of 1 byte, U+007F', '7f'],
  ['the last of 2 bytes, U+07FF', 'df bf'],
  ['the last of 3 bytes, U+FFFF, a noncharacter', 'ef bf bf'],
  ['the last of all, U+10FFFF', 'f4 8f bf bf'],
  ['the last before the surrogates, U+D7FF', 'ed 9f bf'],
  ['the first behind the surrogates, U+E000', 'ee 80 80'],
  ['the replacement character, U+FFFD', 'ef bf bd'],
  ['a byte order mark, U+FEFF', 'ef bb bf'],
  ['the noncharacter U+FFFE', 'ef bf be'],
  ['the noncharacters U+FDD0 and U+FDEF', 'ef b7 90 ef b7 af'],
  ['the noncharacters U+1FFFE and U+10FFFF', 'f0 9f bf be f4 8f bf bf'],
];

/** Each begins well, perhaps; the last byte is the first that cannot stand there. */
const invalid: readonly (readonly [name: string, bytes: string])[] = [
  ['a lone continuation byte 0x80', '80'],
  ['a lone continuation byte 0xbf', 'bf'],
  ['a continuation byte too many', 'c2 80 80'],
  ['0xc0, which could only begin an overlong form', 'c0'],
  ['0xc1, which could only begin an overlong form', 'c1'],
  ['an overlong form of 3 bytes', 'e0 80'],
  ['the longest overlong form of 3 bytes', 'e0 9f'],
  ['an overlong form of 4 bytes', 'f0 80'],
  ['the longest overlong form of 4 bytes', 'f0 8f'],
  ['the first surrogate, U+D800', 'ed a0'],
  ['the last surrogate, U+DFFF', 'ed bf'],
  ['a code point above U+10FFFF', 'f4 90'],
  ['0xf5', 'f5'],
  ['0xf8, which once began 5 bytes', 'f8'],
  ['0xfc, which once began 6 bytes', 'fc'],
  ['0xfe', 'fe'],
  ['0xff', 'ff'],
  ['2 bytes cut short by ASCII', 'c2 41'],
  ['3 bytes cut short by ASCII', 'e2 82 41'],
  ['4 bytes cut short by ASCII', 'f0 9f 91 41'],
  ['2 bytes cut short by another beginning', 'c2 c2'],
  ['3 bytes cut short by another beginning', 'e2 82 e2'],
  ['4 bytes cut short by another beginning', 'f0 9f 91 f0'],
  ['a Greek word and then a surrogate', 'ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0'],
];

const truncated = ['c2', 'df', 'e0', 'e0 a0', 'e2 82', 'ed 9f', 'f0', 'f0 90', 'f0 9f 91', 'f4 8f bf'];

/** What may stand before a case, so that it is met at every place of the validator's fast paths. */
const prefixes = [
  '',
  'a',
  'abc',
  'abcd',
  'x'.repeat(63),
  'x'.repeat(64),
  'x'.repeat(67),
  'x'.repeat(131),
  '€'.repeat(30),
];

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§8.1 Handling of Errors in UTF-8-Encoded Data, ${role}`, () => {
    for (const [name, bytes] of valid) {
      it(`${name} is a text, at once and split at each byte`, () => {
        for (const payload of prefixes.map((prefix) => concat(utf8(prefix), hex(bytes)))) {
          const text = JSON.stringify(Buffer.from(payload).toString('utf8'));
          const whole = frame(peer, 1, payload);
          assert.deepEqual(hear(openConnection(role), whole), [`text ${text}`]);
          for (let at = 0; at <= payload.length; at++) {
            const fragments = split(payload, at);
            assert.deepEqual(hear(openConnection(role), ...fragments), [`text ${text}`]);
          }
          const bytewise = Array.from(whole, (byte) => Uint8Array.of(byte));
          assert.deepEqual(hear(openConnection(role), ...bytewise), [`text ${text}`]);
        }
      });
    }

    for (const [name, bytes] of invalid) {
      it(`${name} fails with 1007 at the byte that shows it`, () => {
        for (const payload of prefixes.map((prefix) => concat(utf8(prefix), hex(bytes)))) {
          // More is announced than is sent: the verdict must not wait for it.
          const whole = frame(peer, 1, concat(payload, utf8('behind')), { fin: false });
          const bad = whole.length - 'behind'.length;
          assert.deepEqual(hear(openConnection(role), whole.subarray(0, bad - 1)), []);
          assert.deepEqual(hear(openConnection(role), whole.subarray(0, bad)), ['fail 1007 invalid-utf8']);
          const bytewise = openConnection(role);
          for (const byte of whole.subarray(0, bad - 1))
            assert.deepEqual(hear(bytewise, Uint8Array.of(byte)), []);
          assert.deepEqual(hear(bytewise, whole.subarray(bad - 1, bad)), ['fail 1007 invalid-utf8']);
        }
      });
    }

    it('a code point that the message cuts short fails with 1007 at its end', () => {
      for (const payload of truncated.flatMap((bytes) =>
        prefixes.map((text) => concat(utf8(text), hex(bytes))),
      )) {
        assert.deepEqual(hear(openConnection(role), frame(peer, 1, payload)), ['fail 1007 invalid-utf8']);
        const open = openConnection(role);
        assert.deepEqual(hear(open, frame(peer, 1, payload, { fin: false })), []);
        assert.deepEqual(hear(open, frame(peer, 0, '')), ['fail 1007 invalid-utf8']);
      }
    });

    it('a code point that one message cut short is not continued by the next', () => {
      const connection = openConnection(role);
      assert.deepEqual(hear(connection, frame(peer, 1, hex('e2 82'), { fin: false })), []);
      assert.deepEqual(hear(connection, frame(peer, 9)), ['ping ""']);
      assert.deepEqual(hear(connection, frame(peer, 0, hex('ac'))), ['text "€"']);
      assert.deepEqual(hear(connection, frame(peer, 1, hex('ac'))), ['fail 1007 invalid-utf8']);
    });

    it('the peer is told with 1007', () => {
      const connection = openConnection(role);
      hear(connection, frame(peer, 1, hex('ff')));
      assert.deepEqual(said(connection), ['close 1007 "invalid-utf8"', 'end']);
    });

    it('a binary message may hold any bytes', () => {
      assert.deepEqual(hear(openConnection(role), frame(peer, 2, hex('ff fe ed a0 80'))), [
        'binary ff fe ed a0 80',
      ]);
    });

    it('random bytes are judged as the platform’s decoder judges them, wherever they are split', () => {
      const bytes = fc.array(fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4), {
        maxLength: 8,
      });
      const judged = fc.property(bytes, fc.constantFrom(...prefixes), fc.nat(200), (tail, prefix, at) => {
        const payload = concat(utf8(prefix), Uint8Array.from(tail));
        const heard = hear(openConnection(role), ...split(payload, Math.min(at, payload.length)));
        const text = decode(payload);
        const expected = text === undefined ? 'fail 1007 invalid-utf8' : `text ${JSON.stringify(text)}`;
        assert.deepEqual(heard, [expected]);
      });
      fc.assert(judged, { numRuns: 1000 });
    });
  });

  function split(payload: Uint8Array, at: number): Uint8Array[] {
    return [frame(peer, 1, payload.subarray(0, at), { fin: false }), frame(peer, 0, payload.subarray(at))];
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
