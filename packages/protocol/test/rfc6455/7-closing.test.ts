/** RFC 6455 §7: how a connection ends, and the codes that say why. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloseCode, InternalError } from '../../src/index.ts';
import { closePayload, concat, frame, peerOf, roles } from '../frames.ts';
import { hear, hearEnd, openConnection, said, takeEvents } from '../transcript.ts';

for (const role of roles) {
  const peer = peerOf(role);
  /** RFC 6455 §7.1.1: the server ends the TCP connection first, the client waits for that. */
  const serverEnds = role === 'server' ? ['end'] : [];

  describe(`§7.1.1 Close the WebSocket Connection, ${role}`, () => {
    it('the server ends the transport once Close frames went both ways; the client waits for it', () => {
      const answering = openConnection(role);
      hear(answering, frame(peer, 8, closePayload(1000)));
      assert.deepEqual(said(answering), ['close 1000 ""', ...serverEnds]);
      const asking = openConnection(role);
      asking.close(1000);
      assert.deepEqual(said(asking), ['close 1000 ""']);
      hear(asking, frame(peer, 8, closePayload(1000)));
      assert.deepEqual(said(asking), serverEnds);
    });

    it('our side ends when the Close frame is read after the transport has ended', () => {
      const connection = openConnection(role);
      connection.receive(frame(peer, 8, closePayload(1000)));
      assert.deepEqual(hearEnd(connection), ['close 1000 ""']);
      assert.deepEqual(said(connection), ['close 1000 ""', 'end']);
    });

    it('our side ends, once, when the transport ends behind the closing handshake', () => {
      const connection = openConnection(role);
      hear(connection, frame(peer, 8));
      assert.deepEqual(hearEnd(connection), []);
      assert.deepEqual(said(connection), ['close ""', 'end']);
      assert.deepEqual(hearEnd(connection), []);
      assert.deepEqual(said(connection), []);
    });
  });

  describe(`§7.1.2 and §7.1.3 the closing handshake, ${role}`, () => {
    it('the connection is closing from our Close frame on, and closed from the peer’s', () => {
      const connection = openConnection(role);
      assert.deepEqual([connection.state, connection.closeExpected], ['open', false]);
      connection.close(1000);
      assert.deepEqual([connection.state, connection.closeExpected], ['closing', true]);
      hear(connection, frame(peer, 8, closePayload(1000)));
      assert.deepEqual([connection.state, connection.closeExpected], ['closed', true]);
    });
  });

  describe(`§7.1.4 to §7.1.6 the close status, ${role}`, () => {
    it('code and reason are those of the peer’s Close frame, and the close is clean', () => {
      const connection = openConnection(role);
      connection.close(3000, 'ours');
      hear(connection, frame(peer, 8, closePayload(4000, 'theirs')));
      assert.deepEqual(connection.closeStatus, { code: 4000, reason: 'theirs', clean: true });
    });

    it('the code is 1005 if the Close frame had none', () => {
      const connection = openConnection(role);
      hear(connection, frame(peer, 8));
      assert.deepEqual(connection.closeStatus, { code: CloseCode.NoStatusReceived, reason: '', clean: true });
    });

    it('the code is 1006 if no Close frame came, and the close is not clean', () => {
      const lost = { code: CloseCode.AbnormalClosure, reason: '', clean: false };
      const open = openConnection(role);
      assert.deepEqual(hearEnd(open), ['lost']);
      assert.deepEqual(open.closeStatus, lost);
      assert.deepEqual(said(open), ['end']);
      const closing = openConnection(role);
      closing.close(1000);
      assert.deepEqual(hearEnd(closing), ['lost']);
      assert.deepEqual(closing.closeStatus, lost);
    });

    it('a transport that ends inside a frame or a message is lost, and what was whole before is not', () => {
      const bytes = concat(frame(peer, 1, 'whole'), frame(peer, 2, 'half', { fin: false }));
      const connection = openConnection(role);
      connection.receive(bytes.slice(0, -1));
      assert.deepEqual(hearEnd(connection), ['text "whole"', 'lost']);
      const betweenFragments = openConnection(role);
      betweenFragments.receive(bytes);
      assert.deepEqual(hearEnd(betweenFragments), ['text "whole"', 'lost']);
    });
  });

  describe(`§7.1.7 Fail the WebSocket Connection, ${role}`, () => {
    it('a Close frame tells the code, and our side ends behind it', () => {
      const connection = openConnection(role);
      assert.deepEqual(hear(connection, frame(peer, 3)), ['fail 1002 reserved-opcode']);
      assert.deepEqual(said(connection), ['close 1002 "reserved-opcode"', 'end']);
      assert.deepEqual(connection.closeStatus, { code: 1006, reason: '', clean: false });
      assert.equal(connection.state, 'closed');
    });

    it('what was received before the violation is handed on, and nothing behind it is read', () => {
      const connection = openConnection(role);
      const bytes = concat(frame(peer, 1, 'before'), frame(peer, 3), frame(peer, 1, 'behind'));
      assert.deepEqual(hear(connection, bytes), ['text "before"', 'fail 1002 reserved-opcode']);
      assert.deepEqual(hear(connection, frame(peer, 1, 'later'), frame(peer, 8)), []);
      assert.deepEqual(hearEnd(connection), []);
    });

    it('what was sent before the violation is still written', () => {
      const connection = openConnection(role);
      connection.sendText('before');
      hear(connection, frame(peer, 3));
      assert.deepEqual(said(connection), ['text "before"', 'close 1002 "reserved-opcode"', 'end']);
    });

    it('no second Close frame is sent if ours has gone out', () => {
      const connection = openConnection(role);
      connection.close(1000);
      assert.deepEqual(hear(connection, frame(peer, 3)), ['fail 1002 reserved-opcode']);
      assert.deepEqual(said(connection), ['close 1000 ""', 'end']);
    });

    it('one Close frame is sent, though an answer that was held back goes beyond the limit', () => {
      const connection = openConnection(role, { maxBufferedOutput: 100 });
      connection.setStuck(true);
      connection.sendBytes(new Uint8Array(80));
      hear(connection, frame(peer, 9, 'x'.repeat(50)));
      connection.close(1000);
      assert.equal(connection.state, 'closing');
      const closes = said(connection).filter((line) => line.startsWith('close'));
      assert.deepEqual(closes, ['close 1000 ""']);
    });

    it('our own failure is told with 1011 and keeps its cause', () => {
      const connection = openConnection(role);
      const cause = new Error('broken');
      const error = new InternalError('unexpected-condition', 'an Error', { cause });
      connection.fail(error);
      const events = takeEvents(connection);
      assert.deepEqual(events, [{ type: 'fail', error }]);
      assert.equal(error.cause, cause);
      assert.deepEqual(said(connection), ['close 1011 "unexpected-condition"', 'end']);
    });

    it('a connection fails once, and not at all when it has ended', () => {
      const connection = openConnection(role);
      hear(connection, frame(peer, 8));
      connection.fail(new InternalError('unexpected-condition', 'an Error', { cause: undefined }));
      assert.deepEqual(takeEvents(connection), []);
      assert.deepEqual(said(connection), ['close ""', ...serverEnds]);
    });
  });

  describe(`§7.4 Status Codes, ${role}`, () => {
    const isAllowed = (code: number): boolean =>
      [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].includes(code) ||
      (code >= 3000 && code <= 4999);

    for (const [name, codes] of [
      ['0-999 are not used', [0, 1, 125, 500, 999]],
      ['1000-1003 are allowed', [1000, 1001, 1002, 1003]],
      ['1004 is reserved', [1004]],
      ['1005 and 1006 never stand in a Close frame', [1005, 1006]],
      ['1007-1011 are allowed', [1007, 1008, 1009, 1010, 1011]],
      ['1012-1014 are allowed, by IANA’s registry', [1012, 1013, 1014]],
      ['1015 never stands in a Close frame', [1015]],
      ['1016-2999 are reserved for the protocol', [1016, 1100, 2000, 2999]],
      ['3000-3999 are allowed, for libraries', [3000, 3500, 3999]],
      ['4000-4999 are allowed, for private use', [4000, 4500, 4999]],
      ['from 5000 on nothing is a code', [5000, 10_000, 65_535]],
    ] as const) {
      it(name, () => {
        for (const code of codes) assertRule(code);
      });
    }

    it('every 16-bit number follows one of these rules', () => {
      for (let code = 0; code <= 65_535; code += 7) assertRule(code);
    });

    it('what is no 16-bit integer is no code to send', () => {
      for (const code of [-1, 1000.5, 65_536, 66_536, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.throws(() => openConnection(role).close(code), RangeError);
      }
    });

    function assertRule(code: number): void {
      const receiving = openConnection(role);
      const heard = hear(receiving, frame(peer, 8, closePayload(code, 'why')));
      const sending = openConnection(role);
      if (isAllowed(code)) {
        assert.deepEqual(heard, [`close ${code} "why"`]);
        sending.close(code, 'why');
        assert.deepEqual(said(sending), [`close ${code} "why"`]);
      } else {
        assert.deepEqual(heard, ['fail 1002 invalid-close-code']);
        assert.throws(() => sending.close(code, 'why'), RangeError);
        assert.deepEqual(said(sending), []);
      }
    }
  });
}
