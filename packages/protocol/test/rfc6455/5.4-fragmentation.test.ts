/** RFC 6455 §5.4: messages in fragments. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Opcode } from '../../src/index.ts';
import { concat, frame, peerOf, roles } from '../frames.ts';
import { hear, openConnection, said, takeEvents } from '../transcript.ts';

const more = { fin: false };

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§5.4 Fragmentation, ${role}`, () => {
    it('an unfragmented message is one frame with FIN set and an opcode other than 0', () => {
      assert.deepEqual(hear(openConnection(role), frame(peer, 1, 'Hello')), ['text "Hello"']);
    });

    it('fragments make one message, whose kind is that of the first', () => {
      const connection = openConnection(role);
      const text = [frame(peer, 1, 'He', more), frame(peer, 0, 'l', more), frame(peer, 0, 'lo')];
      assert.deepEqual(hear(connection, ...text), ['text "Hello"']);
      const binary = [frame(peer, 2, Uint8Array.of(1), more), frame(peer, 0, Uint8Array.of(2))];
      assert.deepEqual(hear(connection, ...binary), ['binary 01 02']);
    });

    it('control frames may come between the fragments', () => {
      const connection = openConnection(role);
      const bytes = concat(
        frame(peer, 1, 'He', more),
        frame(peer, 9, 'one'),
        frame(peer, 0, 'l', more),
        frame(peer, 10, 'two'),
        frame(peer, 0, 'lo'),
      );
      assert.deepEqual(hear(connection, bytes), ['ping "one"', 'pong "two"', 'text "Hello"']);
      assert.deepEqual(said(connection), ['pong "one"']);
    });

    it('a Close frame may come between the fragments and ends the connection without the message', () => {
      const connection = openConnection(role);
      assert.deepEqual(hear(connection, frame(peer, 1, 'He', more), frame(peer, 8)), ['close 1005 ""']);
    });

    it('a message inside another fails the connection with 1002', () => {
      for (const [first, second] of [
        [1, 1],
        [1, 2],
        [2, 1],
        [2, 2],
      ] as const) {
        const connection = openConnection(role);
        const heard = hear(connection, frame(peer, first, 'a', more), frame(peer, second, 'b'));
        assert.deepEqual(heard, ['fail 1002 expected-continuation']);
      }
    });

    it('a continuation that continues nothing fails the connection with 1002', () => {
      assert.deepEqual(hear(openConnection(role), frame(peer, 0, 'a')), [
        'fail 1002 unexpected-continuation',
      ]);
      assert.deepEqual(hear(openConnection(role), frame(peer, 0, 'a', more)), [
        'fail 1002 unexpected-continuation',
      ]);
      const afterMessage = concat(frame(peer, 1, 'a', more), frame(peer, 0, 'b'), frame(peer, 0, 'c'));
      assert.deepEqual(hear(openConnection(role), afterMessage), [
        'text "ab"',
        'fail 1002 unexpected-continuation',
      ]);
    });

    it('fragments may be empty, also all of them', () => {
      const connection = openConnection(role);
      const empty = concat(frame(peer, 1, '', more), frame(peer, 0, '', more), frame(peer, 0, ''));
      assert.deepEqual(hear(connection, empty), ['text ""']);
      const mixed = concat(frame(peer, 2, '', more), frame(peer, 0, 'a', more), frame(peer, 0, ''));
      assert.deepEqual(hear(connection, mixed), ['binary "a"']);
    });

    it('a message is whole however many fragments it comes in, and however long they are', () => {
      for (const length of [1, 7, 100, 1000, 4095, 4096, 5000, 16_384, 20_000]) {
        const connection = openConnection(role);
        const count = Math.max(3, Math.ceil(50_000 / length));
        const fragments = Array.from({ length: count }, (_, i) => new Uint8Array(length).fill(i));
        fragments.forEach((payload, i) => {
          connection.receive(frame(peer, i === 0 ? 2 : 0, payload, { fin: i === count - 1 }));
        });
        const payload = Uint8Array.from(Buffer.concat(fragments));
        const events = takeEvents(connection);
        assert.deepEqual(events, [{ type: 'message', opcode: Opcode.Binary, payload }]);
      }
    });

    it('a code point may be split between fragments', () => {
      const euro = Uint8Array.of(0xe2, 0x82, 0xac);
      const fragments = [
        frame(peer, 1, euro.subarray(0, 1), more),
        frame(peer, 0, euro.subarray(1, 2), more),
        frame(peer, 9),
        frame(peer, 0, euro.subarray(2)),
      ];
      assert.deepEqual(hear(openConnection(role), ...fragments), ['ping ""', 'text "€"']);
    });

    it('the first fragment is sent with the opcode, the others with 0, and the last with FIN', () => {
      const connection = openConnection(role);
      connection.sendFragment(Buffer.from('He'), Opcode.Text, false);
      connection.sendFragment(Buffer.from('l'), Opcode.Text, false);
      connection.sendFragment(Buffer.from('lo'), Opcode.Text, true);
      connection.sendFragment(Buffer.from('x'), Opcode.Binary, true);
      assert.deepEqual(said(connection), [
        'text "He"…',
        'continuation "l"…',
        'continuation "lo"',
        'binary "x"',
      ]);
    });

    it('control frames are sent between the fragments', () => {
      const connection = openConnection(role);
      connection.sendFragment(Buffer.from('He'), Opcode.Text, false);
      connection.sendPing(Buffer.from('p'));
      hear(connection, frame(peer, 9, 'q'));
      connection.sendFragment(Buffer.from('llo'), Opcode.Text, true);
      assert.deepEqual(said(connection), ['text "He"…', 'ping "p"', 'pong "q"', 'continuation "llo"']);
    });

    it('no other message is sent between the fragments of one', () => {
      const connection = openConnection(role);
      connection.sendFragment(Buffer.from('He'), Opcode.Text, false);
      assert.throws(() => connection.sendText('a'), TypeError);
      assert.throws(() => connection.sendBytes(Uint8Array.of(1)), TypeError);
      connection.sendFragment(Buffer.from('llo'), Opcode.Text, true);
      assert.equal(connection.sendText('a'), true);
      assert.deepEqual(said(connection), ['text "He"…', 'continuation "llo"', 'text "a"']);
    });
  });
}
