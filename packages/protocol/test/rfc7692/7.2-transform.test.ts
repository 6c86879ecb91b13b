/** RFC 7692 §7.2: the payload of a compressed message, with the RFC's own examples first. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Connection, defaultLimits, Opcode } from '../../src/index.ts';
import { deflated, NotingCodec, openDeflating } from '../deflating.ts';
import { concat, frame, hex, peerOf, roles, utf8 } from '../frames.ts';
import { hear, takeBytes, takeFrames } from '../transcript.ts';

const marked = { reserved: 4 };

/** §7.2.3: frames of a server, which are not masked, and what a client hears. */
const examples: readonly (readonly [name: string, bytes: string, heard: readonly string[]])[] = [
  [
    '§7.2.3.1 one block',
    `c1 07                 # FIN, RSV1, text; 7 bytes
     f2 48 cd c9 c9 07 00  # a block with fixed codes; 00 begins the empty one whose 00 00 ff ff are left out`,
    ['text "Hello"'],
  ],
  [
    '§7.2.3.1 one block in two fragments',
    `41 03 f2 48 cd        # RSV1, text; 3 bytes
     80 04 c9 c9 07 00     # FIN, continuation; 4 bytes`,
    ['text "Hello"'],
  ],
  [
    '§7.2.3.2 a shared window',
    `c1 07 f2 48 cd c9 c9 07 00
     c1 05 f2 00 11 00 00  # the letter H, and a reference to what follows it in the message before`,
    ['text "Hello"', 'text "Hello"'],
  ],
  [
    '§7.2.3.2 a window that could be shared and is not',
    `c1 07 f2 48 cd c9 c9 07 00
     c1 07 f2 48 cd c9 c9 07 00`,
    ['text "Hello"', 'text "Hello"'],
  ],
  [
    '§7.2.3.3 a block without compression',
    `c1 0b
     00                    # not final, stored
     05 00 fa ff           # 5 bytes, and the complement of 5
     48 65 6c 6c 6f        # Hello
     00                    # the empty block`,
    ['text "Hello"'],
  ],
  [
    '§7.2.3.4 a final block',
    `c1 08
     f3 48 cd c9 c9 07 00  # as in §7.2.3.1, but for BFINAL
     00                    # the empty block`,
    ['text "Hello"'],
  ],
  [
    '§7.2.3.5 two blocks',
    `c1 0d
     f2 48 05 00           # He
     00 00 ff ff           # an empty block between the two
     ca c9 c9 07 00        # llo`,
    ['text "Hello"'],
  ],
  ['§7.2.3.6 an empty message', 'c1 01 00', ['text ""']],
  ['an empty message, as a block with fixed codes', 'c1 02 02 00', ['text ""']],
  ['an empty message, as a final block', 'c1 01 01', ['text ""']],
  ['an empty message in fragments', '41 00 00 00 80 01 00', ['text ""']],
];

describe('§7.2.3 Examples', () => {
  for (const [name, bytes, heard] of examples) {
    it(name, () => {
      assert.deepEqual(hear(openDeflating('client'), hex(bytes)), heard);
      // One byte at a time.
      const bytewise = Array.from(hex(bytes), (byte) => Uint8Array.of(byte));
      assert.deepEqual(hear(openDeflating('client'), ...bytewise), heard);
    });
  }

  it('are what a server sends', () => {
    const connection = openDeflating('server');
    connection.sendText('Hello');
    connection.sendText('Hello');
    connection.sendText('');
    const expected = 'c1 07 f2 48 cd c9 c9 07 00  c1 05 f2 00 11 00 00  c1 01 00';
    assert.deepEqual(takeBytes(connection).bytes, hex(expected));
  });
});

describe('§7.2.1 Compression', () => {
  for (const role of roles) {
    it(`messages of every length come through, ${role}`, () => {
      for (const takesOver of [true, false]) {
        const parameters = { serverNoContextTakeover: !takesOver, clientNoContextTakeover: !takesOver };
        const sender = openDeflating(role, { parameters });
        const receiver = openDeflating(peerOf(role), { parameters });
        for (const length of [0, 1, 2, 125, 126, 127, 4095, 4096, 32_767, 32_768, 65_535, 65_536, 300_000]) {
          const message = utf8('Hello, world; '.repeat(length).slice(0, length));
          sender.sendBytes(message, Opcode.Text);
          const heard = receive(receiver, takeBytes(sender).bytes);
          assert.deepEqual(heard, message);
        }
      }
    });
  }
});

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§7.2.2 Decompression, ${role}`, () => {
    for (const [what, payload] of [
      ['with a block type that does not exist', '06 00'],
      ['with a stored length that does not fit its complement', '00 05 00 00 00 48 65 6c 6c 6f 00'],
      ['with a reference to what is before the beginning', 'f2 00 11 00 00'],
      ['that is no DEFLATE data', 'ff ff ff ff ff'],
      ['that breaks off inside a block', 'f2 48 cd'],
      ['that breaks off inside a stored block', '00 05 00 fa ff 48 65 6c 6c'],
      ['whose empty block at the end is missing', 'f2 48 cd c9 c9 07'],
      ['with nothing in it', ''],
      [
        'with text behind the empty block',
        `${Buffer.from(deflated('Hello')).toString('hex')} 48 65 6c 6c 6f`,
      ],
    ] as const) {
      it(`a message ${what} fails the connection with 1007`, () => {
        for (const opcode of [1, 2]) {
          const heard = hear(openDeflating(role), frame(peer, opcode, hex(payload), marked));
          assert.deepEqual(heard, ['fail 1007 invalid-compressed-data']);
        }
      });
    }

    it('a message that follows one that failed is not read', () => {
      const bytes = concat(
        frame(peer, 1, hex('ff ff'), marked),
        frame(peer, 1, deflated('Hello'), marked),
        frame(peer, 1, 'Hello'),
      );
      assert.deepEqual(hear(openDeflating(role), bytes), ['fail 1007 invalid-compressed-data']);
    });

    it('a message is as long as the limit allows, and not a byte longer once decompressed', () => {
      const limits = { maxMessageLength: 1000 };
      const longest = frame(peer, 2, deflated(new Uint8Array(1000)), marked);
      assert.equal(receive(openDeflating(role, { limits }), longest)?.length, 1000);
      const tooLong = frame(peer, 2, deflated(new Uint8Array(1001)), marked);
      assert.deepEqual(hear(openDeflating(role, { limits }), tooLong), ['fail 1009 message-too-long']);
    });

    it('a bomb is not inflated past the limit', () => {
      const codec = new NotingCodec();
      const bomb = deflated(new Uint8Array(32 * 1024 * 1024));
      const connection = openDeflating(role, { codec });
      assert.deepEqual(hear(connection, frame(peer, 2, bomb, marked)), ['fail 1009 message-too-long']);
      const [inflation] = codec.inflations;
      assert.equal(inflation?.maxLength, defaultLimits.maxMessageLength);
    });

    it('where messages may be of any length, one that is compressed must fit what may be kept', () => {
      const limits = { maxMessageLength: Number.MAX_SAFE_INTEGER, maxHeldBytes: 10_000 };
      const setup = { limits, streaming: true };
      const tooLong = frame(peer, 2, deflated(new Uint8Array(10_001)), marked);
      assert.deepEqual(hear(openDeflating(role, setup), tooLong), ['fail 1009 message-too-long']);
    });

    it('the limit holds for what is on the wire too', () => {
      const limits = { maxMessageLength: 100 };
      const bytes = frame(peer, 2, new Uint8Array(101), marked);
      assert.deepEqual(hear(openDeflating(role, { limits }), bytes), ['fail 1009 message-too-long']);
    });

    it('says nothing of zlib to the peer', () => {
      const connection = openDeflating(role);
      hear(connection, frame(peer, 1, hex('ff'), marked));
      const [close] = takeFrames(connection);
      assert.equal(Buffer.from(close?.payload.subarray(2) ?? hex('')).toString(), 'invalid-compressed-data');
    });
  });
}

/** The payload of the message that comes. */
function receive(connection: Connection, bytes: Uint8Array): Uint8Array | undefined {
  connection.receive(bytes);
  const event = connection.nextEvent();
  return event?.type === 'message' ? new Uint8Array(event.payload) : undefined;
}
