/** RFC 7692 §7.1.1, §7.1.2: what a message may refer to, and the memory that it costs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Connection, type DeflateParameters, Opcode, type Role, WindowPool } from '../../src/index.ts';
import { type CodecCall, deflated, inflated, NotingCodec, noise, openDeflating } from '../deflating.ts';
import { frame, hex, peerOf, roles, utf8 } from '../frames.ts';
import { hear, takeBytes, takeFrames } from '../transcript.ts';

const marked = { reserved: 4 };

/** The parameters under which one side, or none of the two, takes its context over. */
function takeover(sender: Role, takesOver: boolean): Partial<DeflateParameters> {
  return sender === 'server'
    ? { serverNoContextTakeover: !takesOver }
    : { clientNoContextTakeover: !takesOver };
}

/** A limit of one side's window. */
function windowOf(sender: Role, bits: number): Partial<DeflateParameters> {
  return sender === 'server' ? { serverMaxWindowBits: bits } : { clientMaxWindowBits: bits };
}

/** The payloads that a connection has to write. */
function payloads(connection: Connection): Uint8Array[] {
  return takeFrames(connection).map(({ payload }) => payload);
}

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§7.1.1 Context takeover, ${role}`, () => {
    it('a message that is sent refers to those before it', () => {
      const connection = openDeflating(role, { parameters: takeover(peer, false) });
      for (const _ of [1, 2, 3]) connection.sendText('Hello');
      const [first = hex(''), second = hex(''), third = hex('')] = payloads(connection);
      assert.equal(inflated(first), 'Hello');
      // §7.2.3.2: the second Hello is a reference to the first.
      assert.deepEqual(second, hex('f2 00 11 00 00'));
      assert.equal(inflated(third, 'HelloHello'), 'Hello');
    });

    it('a message that is sent refers to nothing where takeover was given up', () => {
      const codec = new NotingCodec();
      const connection = openDeflating(role, { parameters: takeover(role, false), codec });
      for (const _ of [1, 2, 3]) connection.sendText('Hello');
      for (const payload of payloads(connection)) assert.deepEqual(payload, hex('f2 48 cd c9 c9 07 00'));
      assert.deepEqual(
        codec.deflations.map(({ dictionary }) => dictionary),
        [0, 0, 0],
      );
    });

    it('a message that is received may refer to those before it', () => {
      const connection = openDeflating(role, { parameters: takeover(role, false) });
      const hello = frame(peer, 1, deflated('Hello'), marked);
      const again = frame(peer, 1, hex('f2 00 11 00 00'), marked);
      assert.deepEqual(hear(connection, hello, again, again), [
        'text "Hello"',
        'text "Hello"',
        'text "Hello"',
      ]);
    });

    it('a message that is received refers to nothing where takeover was given up', () => {
      const codec = new NotingCodec();
      const connection = openDeflating(role, { parameters: takeover(peer, false), codec });
      const hello = frame(peer, 1, deflated('Hello'), marked);
      assert.deepEqual(hear(connection, hello, hello), ['text "Hello"', 'text "Hello"']);
      const reference = frame(peer, 1, hex('f2 00 11 00 00'), marked);
      assert.deepEqual(hear(connection, reference), ['fail 1007 invalid-compressed-data']);
      assert.deepEqual(
        codec.inflations.map(({ dictionary }) => dictionary),
        [0, 0, 0],
      );
    });

    it('messages that are not compressed and empty ones leave the context as it is', () => {
      const connection = openDeflating(role);
      connection.sendText('Hello');
      connection.sendText('something else', false);
      connection.sendText('');
      connection.sendText('Hello');
      assert.deepEqual(payloads(connection).at(-1), hex('f2 00 11 00 00'));

      const hello = frame(peer, 1, deflated('Hello'), marked);
      const other = frame(peer, 1, 'something else');
      const empty = frame(peer, 2, hex('00'), marked);
      const again = frame(peer, 1, hex('f2 00 11 00 00'), marked);
      const heard = hear(connection, hello, other, empty, again);
      assert.deepEqual(heard, ['text "Hello"', 'text "something else"', 'binary ""', 'text "Hello"']);
    });

    it('both directions have a context of their own', () => {
      const connection = openDeflating(role);
      hear(connection, frame(peer, 1, deflated('Hello'), marked));
      connection.sendText('Hello');
      assert.deepEqual(payloads(connection), [hex('f2 48 cd c9 c9 07 00')]);
    });
  });

  describe(`§7.1.2 Windows, ${role}`, () => {
    for (const bits of [9, 10, 15]) {
      const length = 2 ** bits;
      const sent = Math.min(length, 4096);

      it(`of ${bits} bits reach ${length} bytes back, ${sent} in what we send`, () => {
        const codec = new NotingCodec();
        const setup = { parameters: { serverMaxWindowBits: bits, clientMaxWindowBits: bits }, codec };
        const sender = openDeflating(role, setup);
        const receiver = openDeflating(peer, setup);
        for (const part of [100, sent - 150, 100, 3 * length, 1]) {
          sender.sendBytes(noise(part));
          hear(receiver, takeBytes(sender).bytes);
        }
        const before = [0, 100, sent - 50, sent + 50, 3 * length + sent + 50];
        const dictionaries = (calls: readonly CodecCall[]) => calls.map(({ dictionary }) => dictionary);
        assert.deepEqual(
          dictionaries(codec.deflations),
          before.map((all) => Math.min(all, sent)),
        );
        assert.deepEqual(
          dictionaries(codec.inflations),
          before.map((all) => Math.min(all, length)),
        );
        const used = codec.deflations.map(({ windowBits }) => windowBits ?? 0);
        assert.equal(Math.max(...used), bits);
      });
    }

    it('of 8 bits are not sent with: messages go as they are', () => {
      const codec = new NotingCodec();
      const connection = openDeflating(role, { parameters: windowOf(role, 8), codec });
      connection.sendText('Hello');
      connection.sendBytes(utf8('Hello'));
      connection.sendFragment(utf8('Hel'), Opcode.Text, false, true);
      connection.sendFragment(utf8('lo'), Opcode.Text, true, true);
      assert.deepEqual(
        takeFrames(connection).map(({ reserved, payload }) => [reserved, payload.length]),
        [
          [0, 5],
          [0, 5],
          [0, 3],
          [0, 2],
        ],
      );
      assert.equal(codec.deflations.length, 0);
    });

    it('of 8 bits are received with', () => {
      const connection = openDeflating(role, { parameters: windowOf(peer, 8) });
      const hello = frame(peer, 1, deflated('Hello'), marked);
      const again = frame(peer, 1, hex('f2 00 11 00 00'), marked);
      assert.deepEqual(hear(connection, hello, again), ['text "Hello"', 'text "Hello"']);
    });
  });

  describe(`Windows in their pool, ${role}`, () => {
    it('the least recently used of those that are sent with goes first, and its connection sends on without', () => {
      const windows = new WindowPool(25);
      const [first, second, third] = [0, 0, 0].map(() => ({
        sender: openDeflating(role, { windows }),
        receiver: openDeflating(peer),
      }));
      assert.ok(first && second && third);
      const say = ({ sender, receiver }: typeof first) => {
        sender.sendText('HelloHello');
        const { bytes } = takeBytes(sender);
        assert.deepEqual(hear(receiver, bytes), ['text "HelloHello"']);
        return bytes.length;
      };
      const whole = say(first);
      say(second);
      assert.equal(windows.used, 20);
      // The first is used again, so it is the second that gives way to the third.
      const short = say({ ...first, sender: first.sender });
      assert.ok(short < whole);
      say(third);
      assert.equal(say(second), whole);
      assert.ok(windows.used <= 25);
    });

    it('all memory is given back when the connection has gone', () => {
      const windows = new WindowPool();
      const connection = openDeflating(role, { windows });
      connection.sendText('Hello');
      hear(connection, frame(peer, 1, deflated('Hello'), marked));
      assert.ok(windows.used > 0);
      connection.abandon();
      assert.equal(windows.used, 0);
      connection.abandon();
      assert.equal(windows.used, 0);
    });
  });
}
