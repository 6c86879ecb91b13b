/** RFC 7692 §6: how compressed messages lie in frames. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Opcode, PreparedMessage } from '../../src/index.ts';
import { deflated, inflated, openDeflating } from '../deflating.ts';
import { concat, frame, hex, peerOf, roles, utf8 } from '../frames.ts';
import { hear, openConnection, said, takeFrames } from '../transcript.ts';

/** RSV1, as the tests' frames write it. */
const RSV1 = 4;
const more = { fin: false };
const marked = { reserved: RSV1 };
const markedMore = { reserved: RSV1, fin: false };

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§6.2 Receiving, ${role}`, () => {
    it('a message is compressed if RSV1 of its first frame is set, and otherwise as it is', () => {
      const connection = openDeflating(role);
      assert.deepEqual(hear(connection, frame(peer, 1, deflated('Hello'), marked)), ['text "Hello"']);
      assert.deepEqual(hear(connection, frame(peer, 1, 'Hello')), ['text "Hello"']);
      assert.deepEqual(hear(connection, frame(peer, 2, deflated('Hello'), marked)), ['binary "Hello"']);
    });

    it('fragments are put together before they are decompressed, however they were cut', () => {
      const payload = deflated('Hello, Hello, Hello');
      for (let cut = 0; cut <= payload.length; cut++) {
        const connection = openDeflating(role);
        const first = frame(peer, 1, payload.subarray(0, cut), markedMore);
        const last = frame(peer, 0, payload.subarray(cut));
        assert.deepEqual(hear(connection, first, last), ['text "Hello, Hello, Hello"']);
      }
      const bytes = Array.from(payload, (byte) => frame(peer, 0, Uint8Array.of(byte), more));
      const pieces = [frame(peer, 1, '', markedMore), ...bytes, frame(peer, 0, '')];
      assert.deepEqual(hear(openDeflating(role), ...pieces), ['text "Hello, Hello, Hello"']);
    });

    it('control frames may come between the fragments', () => {
      const connection = openDeflating(role);
      const payload = deflated('Hello');
      const bytes = concat(
        frame(peer, 1, payload.subarray(0, 3), markedMore),
        frame(peer, 9, 'one'),
        frame(peer, 0, payload.subarray(3, 4), more),
        frame(peer, 10, 'two'),
        frame(peer, 0, payload.subarray(4)),
      );
      assert.deepEqual(hear(connection, bytes), ['ping "one"', 'pong "two"', 'text "Hello"']);
      assert.deepEqual(said(connection), ['pong "one"']);
    });

    it('RSV1 on a fragment behind the first fails the connection with 1002', () => {
      for (const first of [marked, {}]) {
        const bytes = concat(
          frame(peer, 2, deflated('Hello'), { ...first, fin: false }),
          frame(peer, 0, '', marked),
        );
        assert.deepEqual(hear(openDeflating(role), bytes), ['fail 1002 reserved-bit-set']);
      }
    });

    it('RSV1 on a control frame fails the connection with 1002', () => {
      for (const opcode of [8, 9, 10])
        assert.deepEqual(hear(openDeflating(role), frame(peer, opcode, '', marked)), [
          'fail 1002 reserved-bit-set',
        ]);
    });

    it('RSV2 and RSV3 still have no meaning', () => {
      for (const reserved of [1, 2, 3, 5, 6, 7])
        assert.deepEqual(hear(openDeflating(role), frame(peer, 1, deflated('Hello'), { reserved })), [
          'fail 1002 reserved-bit-set',
        ]);
    });

    it('RSV1 has no meaning where compression was not negotiated', () => {
      assert.deepEqual(hear(openConnection(role), frame(peer, 1, deflated('Hello'), marked)), [
        'fail 1002 reserved-bit-set',
      ]);
    });

    it('text is validated when it is decompressed, not before', () => {
      assert.deepEqual(hear(openDeflating(role), frame(peer, 1, deflated('€👋'), marked)), ['text "€👋"']);
      for (const bad of ['ff', 'e2 82', 'ed a0 80'])
        assert.deepEqual(hear(openDeflating(role), frame(peer, 1, deflated(hex(bad)), marked)), [
          'fail 1007 invalid-utf8',
        ]);
      assert.deepEqual(hear(openDeflating(role), frame(peer, 2, deflated(hex('ff')), marked)), ['binary ff']);
    });

    it('a compressed message comes as one piece where others come in pieces', () => {
      const connection = openDeflating(role, { streaming: true });
      const payload = deflated('Hello');
      const compressed = [
        frame(peer, 1, payload.subarray(0, 3), markedMore),
        frame(peer, 0, payload.subarray(3)),
      ];
      assert.deepEqual(hear(connection, ...compressed), ['piece text "Hello"']);
      assert.deepEqual(hear(connection, frame(peer, 1, 'He', more), frame(peer, 0, 'llo')), [
        'piece text "He"…',
        'piece text "llo"',
      ]);
    });
  });

  describe(`§6.1 Sending, ${role}`, () => {
    it('a compressed message has RSV1 set, its own opcode, and the deflated payload', () => {
      const connection = openDeflating(role);
      connection.sendText('Hello');
      connection.sendBytes(utf8('Hello, world'));
      const [text, binary] = takeFrames(connection);
      assert.deepEqual([text?.reserved, text?.opcode, text?.fin], [RSV1, Opcode.Text, true]);
      assert.deepEqual([binary?.reserved, binary?.opcode, binary?.fin], [RSV1, Opcode.Binary, true]);
      assert.equal(inflated(text?.payload ?? hex('')), 'Hello');
      assert.equal(inflated(binary?.payload ?? hex(''), 'Hello'), 'Hello, world');
    });

    it('of a message in fragments only the first has RSV1 set, and all of them make one stream', () => {
      for (const takesOver of [true, false]) {
        const parameters = { serverNoContextTakeover: !takesOver, clientNoContextTakeover: !takesOver };
        const connection = openDeflating(role, { parameters });
        const parts = ['Hello, ', '', 'Hello, ', 'Hello'];
        parts.forEach((part, i) => {
          connection.sendFragment(utf8(part), Opcode.Text, i === parts.length - 1, true);
        });
        const frames = takeFrames(connection);
        assert.deepEqual(
          frames.map(({ reserved, opcode, fin }) => [reserved, opcode, fin]),
          [
            [RSV1, 1, false],
            [0, 0, false],
            [0, 0, false],
            [0, 0, true],
          ],
        );
        assert.equal(inflated(concat(...frames.map(({ payload }) => payload))), 'Hello, Hello, Hello');
      }
    });

    it('control frames are never compressed', () => {
      const connection = openDeflating(role);
      const payload = new Uint8Array(125);
      connection.sendPing(payload);
      connection.sendPong(payload);
      connection.close(1000, 'a'.repeat(123));
      for (const { reserved, payload } of takeFrames(connection)) {
        assert.equal(reserved, 0);
        assert.equal(payload.length, 125);
      }
    });

    it('what is shorter than the threshold is sent as it is', () => {
      const connection = openDeflating(role, { threshold: 10 });
      for (const text of ['a'.repeat(9), '€€€', 'a'.repeat(10), '€€€a']) {
        connection.sendText(text);
        connection.sendBytes(utf8(text));
      }
      const isMarked = takeFrames(connection).map(({ reserved }) => reserved === RSV1);
      assert.deepEqual(isMarked, [false, false, false, false, true, true, true, true]);
    });

    it('a message in one fragment keeps to the threshold, for its length is known', () => {
      const connection = openDeflating(role, { threshold: 10 });
      connection.sendFragment(utf8('a'.repeat(9)), Opcode.Text, true, true);
      connection.sendFragment(utf8('a'.repeat(10)), Opcode.Text, true, true);
      const isMarked = takeFrames(connection).map(({ reserved }) => reserved === RSV1);
      assert.deepEqual(isMarked, [false, true]);
    });

    it('what must not be compressed is sent as it is', () => {
      const connection = openDeflating(role);
      connection.sendText('secret', false);
      connection.sendText('secret'.repeat(1000), false);
      connection.sendBytes(utf8('secret'), Opcode.Binary, false);
      connection.sendFragment(utf8('sec'), Opcode.Text, false);
      connection.sendFragment(utf8('ret'), Opcode.Text, true);
      const frames = takeFrames(connection);
      assert.deepEqual(
        frames.map(({ reserved, payload }) => [reserved, payload.length]),
        [
          [0, 6],
          [0, 6000],
          [0, 6],
          [0, 3],
          [0, 3],
        ],
      );
    });
  });
}

describe('§6.1 Sending, a prepared message', () => {
  it('may say of itself that it must not be compressed', () => {
    const connection = openDeflating('server');
    connection.sendPrepared(new PreparedMessage('secret', { compress: false }));
    connection.sendPrepared(new PreparedMessage('public'));
    assert.deepEqual(
      takeFrames(connection).map(({ reserved }) => reserved),
      [0, RSV1],
    );
  });
});
