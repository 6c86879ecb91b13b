/** RFC 6455 §5.5, §5.5.2, §5.5.3: what holds for all control frames, Ping and Pong. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { concat, frame, header, peerOf, roles } from '../frames.ts';
import { hear, openConnection, said } from '../transcript.ts';

const controlOpcodes = [0x8, 0x9, 0xa];

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§5.5 Control Frames, ${role}`, () => {
    it('a control frame with a payload of more than 125 bytes fails the connection with 1002', () => {
      for (const opcode of controlOpcodes) {
        for (const bytes of [header(peer, opcode, 126, 16), header(peer, opcode, 65_536, 64)]) {
          const heard = hear(openConnection(role), bytes.subarray(0, 2));
          assert.deepEqual(heard, ['fail 1002 control-frame-too-long']);
        }
      }
    });

    it('a control frame with a payload of 125 bytes is taken', () => {
      const payload = new Uint8Array(125).fill(0x61);
      assert.match(hear(openConnection(role), frame(peer, 0x9, payload)).join(), /^ping 125 bytes/);
      assert.match(hear(openConnection(role), frame(peer, 0xa, payload)).join(), /^pong 125 bytes/);
    });

    it('a fragmented control frame fails the connection with 1002', () => {
      for (const opcode of controlOpcodes) {
        const heard = hear(openConnection(role), frame(peer, opcode, '', { fin: false }));
        assert.deepEqual(heard, ['fail 1002 fragmented-control-frame']);
      }
    });

    it('no control frame with a payload of more than 125 bytes is sent', () => {
      const connection = openConnection(role);
      assert.throws(() => connection.sendPing(new Uint8Array(126)), RangeError);
      assert.throws(() => connection.sendPong(new Uint8Array(126)), RangeError);
      assert.equal(connection.sendPing(new Uint8Array(125)), true);
      assert.equal(connection.sendPong(new Uint8Array(125)), true);
      assert.equal(said(connection).length, 2);
    });
  });

  describe(`§5.5.2 Ping, ${role}`, () => {
    it('a Ping is answered by a Pong with the same payload', () => {
      const connection = openConnection(role);
      const pings = [frame(peer, 9), frame(peer, 9, 'Hello'), frame(peer, 9, Uint8Array.of(0, 255))];
      assert.deepEqual(hear(connection, ...pings), ['ping ""', 'ping "Hello"', 'ping 00 ff']);
      assert.deepEqual(said(connection), ['pong ""', 'pong "Hello"', 'pong 00 ff']);
    });

    it('a Ping behind a Close frame is not answered', () => {
      const connection = openConnection(role);
      assert.deepEqual(hear(connection, concat(frame(peer, 8), frame(peer, 9))), ['close 1005 ""']);
      assert.ok(!said(connection).includes('pong ""'));
    });

    it('a Ping is not answered behind our Close frame, for nothing is sent there', () => {
      const connection = openConnection(role);
      connection.close(1000);
      assert.deepEqual(hear(connection, frame(peer, 9, 'late')), ['ping "late"']);
      assert.deepEqual(said(connection), ['close 1000 ""']);
    });

    it('a Ping carries the payload that it is given', () => {
      const connection = openConnection(role);
      connection.sendPing();
      connection.sendPing(Buffer.from('Hello'));
      assert.deepEqual(said(connection), ['ping ""', 'ping "Hello"']);
    });
  });

  describe(`§5.5.3 Pong, ${role}`, () => {
    it('a Pong that no Ping asked for is taken and not answered', () => {
      const connection = openConnection(role);
      assert.deepEqual(hear(connection, frame(peer, 10, 'unasked')), ['pong "unasked"']);
      assert.deepEqual(said(connection), []);
    });

    it('a Pong may be sent without a Ping', () => {
      const connection = openConnection(role);
      connection.sendPong(Buffer.from('alive'));
      assert.deepEqual(said(connection), ['pong "alive"']);
    });

    it('while the transport takes nothing, only the latest Ping is answered, however many come', () => {
      const connection = openConnection(role);
      connection.setStuck(true);
      for (let i = 0; i < 10_000; i++) hear(connection, frame(peer, 9, `ping ${i}`));
      assert.equal(connection.bufferedOutput, 0);
      assert.equal(connection.hasOutput, true);
      connection.setStuck(false);
      assert.deepEqual(said(connection), ['pong "ping 9999"']);
      assert.equal(connection.hasOutput, false);
    });

    it('an answer that was held back is not sent behind the answer to a later Ping', () => {
      const connection = openConnection(role);
      connection.setStuck(true);
      hear(connection, frame(peer, 9, 'held'));
      connection.setStuck(false);
      hear(connection, frame(peer, 9, 'later'));
      assert.deepEqual(said(connection), ['pong "later"']);
    });

    it('no answer is held back behind our Close frame', () => {
      const connection = openConnection(role);
      connection.close(1000);
      connection.setStuck(true);
      assert.deepEqual(said(connection), ['close 1000 ""']);
      assert.deepEqual(hear(connection, frame(peer, 9, 'late')), ['ping "late"']);
      assert.equal(connection.hasOutput, false);
    });

    it('the answer that was held back goes out before our Close frame', () => {
      const connection = openConnection(role);
      connection.setStuck(true);
      hear(connection, frame(peer, 9, 'held'));
      connection.close(1000);
      assert.deepEqual(said(connection), ['pong "held"', 'close 1000 ""']);
    });
  });
}
