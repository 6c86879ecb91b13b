/** RFC 6455 §6: sending and receiving data. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Budget, Connection, Opcode, PreparedMessage, Slab } from '../../src/index.ts';
import { frame, peerOf, roles, utf8 } from '../frames.ts';
import { hear, openConnection, said, takeEvents, takeFrames } from '../transcript.ts';

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§6.1 Sending Data, ${role}`, () => {
    it('a text is sent as UTF-8, of any length and from any alphabet', () => {
      const texts = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.record({ unit: fc.constantFrom('a', 'é', '€', '👋'), count: fc.nat(5000) }).map(repeat),
      );
      fc.assert(fc.property(texts, (text) => assertSent(text, utf8(text))));
    });

    it('a text is whole at every length where its encoding changes', () => {
      for (const unit of ['a', 'é', '€', '👋']) {
        for (const length of [1, 24, 41, 42, 62, 63, 96, 97, 125, 126, 680, 1360, 1361, 4090, 4096, 21_845]) {
          const text = unit.repeat(length);
          assertSent(text, utf8(text));
        }
      }
    });

    it('a lone surrogate is sent as U+FFFD, for UTF-8 cannot say it', () => {
      assertSent('a\ud800b\udc00', utf8('a\ufffdb\ufffd'));
      const long = '\ud800'.repeat(2000);
      assertSent(long, utf8('\ufffd'.repeat(2000)));
    });

    it('bytes are sent as a binary message unless they are said to be text', () => {
      const connection = openConnection(role);
      connection.sendBytes(Uint8Array.of(1, 2));
      connection.sendBytes(utf8('€'), Opcode.Text);
      assert.deepEqual(said(connection), ['binary 01 02', 'text e2 82 ac']);
    });

    it('bytes of any length arrive as they were and stay as they are', () => {
      for (const length of [0, 1, 125, 126, 4000, 4086, 4092, 4096, 4097, 16_384, 65_535, 65_536, 100_000]) {
        const connection = openConnection(role);
        const bytes = Uint8Array.from({ length }, (_, i) => i);
        const before = bytes.slice();
        connection.sendBytes(bytes);
        assert.deepEqual(
          takeFrames(connection).map(({ payload }) => payload),
          [before],
        );
        assert.deepEqual(bytes, before);
      }
    });

    it('what is neither text nor bytes is refused before it costs anything: callers may have no types', () => {
      const budget = new Budget();
      const slab = new Slab();
      const connection =
        role === 'client'
          ? new Connection({ role, randomMaskingKey: () => 0, budget, slab })
          : new Connection({ role, budget, slab });
      const strangers = [
        100,
        null,
        true,
        {},
        [1, 2],
        new ArrayBuffer(8),
        Uint16Array.of(1, 2),
        Float64Array.of(1.5),
      ];
      for (const method of [
        connection.sendBytes,
        connection.sendFragment,
        connection.sendPing,
        connection.sendPong,
      ]) {
        for (const stranger of ['text', ...strangers]) {
          assert.throws(() => Reflect.apply(method, connection, [stranger, Opcode.Binary, true]), TypeError);
        }
      }
      for (const stranger of [...strangers, utf8('text')]) {
        assert.throws(() => Reflect.apply(connection.sendText, connection, [stranger]), TypeError);
      }
      for (const stranger of strangers) {
        assert.throws(() => Reflect.construct(PreparedMessage, [stranger]), TypeError);
      }
      assert.equal(budget.used, 0);
      assert.equal(slab.position, 0);
      connection.sendBytes(Buffer.from('a'));
      assert.deepEqual(said(connection), ['binary "a"']);
    });

    it('data is sent while the connection is open, and refused from then on', () => {
      const connection = openConnection(role);
      assert.equal(connection.sendText('a'), true);
      connection.close();
      assert.equal(connection.sendText('b'), false);
      hear(connection, frame(peer, 8));
      assert.equal(connection.sendBytes(Uint8Array.of(1)), false);
      assert.deepEqual(said(connection).slice(0, 2), ['text "a"', 'close ""']);
    });

    function assertSent(text: string, expected: Uint8Array): void {
      const connection = openConnection(role);
      connection.sendText(text);
      const frames = takeFrames(connection);
      assert.equal(frames.length, 1);
      assert.equal(frames[0]?.opcode, Opcode.Text);
      assert.deepEqual(frames[0]?.payload, expected);
    }
  });

  describe(`§6.2 Receiving Data, ${role}`, () => {
    it('a message is handed on with its kind and its payload', () => {
      const connection = openConnection(role);
      connection.receive(frame(peer, 1, 'Hello'));
      connection.receive(frame(peer, 2, Uint8Array.of(1, 2)));
      assert.deepEqual(takeEvents(connection), [
        { type: 'message', opcode: Opcode.Text, payload: utf8('Hello') },
        { type: 'message', opcode: Opcode.Binary, payload: Uint8Array.of(1, 2) },
      ]);
    });

    it('what is not pulled is not read: not pulling is how reading pauses', () => {
      const connection = openConnection(role);
      connection.receive(frame(peer, 9, 'p'));
      connection.receive(frame(peer, 8));
      assert.equal(connection.hasOutput, false);
      assert.equal(connection.nextEvent()?.type, 'ping');
      assert.equal(connection.state, 'open');
      assert.deepEqual(said(connection), ['pong "p"']);
      assert.equal(connection.nextEvent()?.type, 'close');
    });
  });
}

describe('§6.1 Sending Data, prepared', () => {
  it('a server sends a prepared message, short or long', () => {
    const server = openConnection('server');
    assert.equal(server.sendPrepared(new PreparedMessage('Hello')), true);
    assert.equal(server.sendPrepared(new PreparedMessage(new Uint8Array(5000))), true);
    const frames = takeFrames(server);
    assert.deepEqual(
      frames.map(({ opcode, payload }) => [opcode, payload.length]),
      [
        [1, 5],
        [2, 5000],
      ],
    );
  });

  it('a client sends none, for it masks each frame with a key of its own', () => {
    assert.throws(() => openConnection('client').sendPrepared(new PreparedMessage('Hello')), TypeError);
  });

  it('no prepared message is sent between fragments or behind a Close frame', () => {
    const server = openConnection('server');
    server.sendFragment(utf8('a'), Opcode.Text, false);
    assert.throws(() => server.sendPrepared(new PreparedMessage('b')), TypeError);
    server.sendFragment(utf8('c'), Opcode.Text, true);
    server.close();
    assert.equal(server.sendPrepared(new PreparedMessage('d')), false);
  });
});

function repeat({ unit, count }: { unit: string; count: number }): string {
  return unit.repeat(count);
}
