/** RFC 6455 §5.5.1: the Close frame. Its codes stand in 7-closing.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_CLOSE_REASON_LENGTH } from '../../src/index.ts';
import { closePayload, concat, frame, peerOf, roles } from '../frames.ts';
import { hear, openConnection, said } from '../transcript.ts';

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§5.5.1 Close, ${role}`, () => {
    it('an empty Close frame is answered by an empty one', () => {
      const connection = openConnection(role);
      assert.deepEqual(hear(connection, frame(peer, 8)), ['close 1005 ""']);
      assert.equal(said(connection)[0], 'close ""');
    });

    it('a Close frame is answered by one with its code and reason', () => {
      const connection = openConnection(role);
      assert.deepEqual(hear(connection, frame(peer, 8, closePayload(1001, 'bye'))), ['close 1001 "bye"']);
      assert.equal(said(connection)[0], 'close 1001 "bye"');
    });

    it('a payload of one byte fails the connection with 1002', () => {
      const connection = openConnection(role);
      assert.deepEqual(hear(connection, frame(peer, 8, Uint8Array.of(3))), [
        'fail 1002 close-payload-too-short',
      ]);
    });

    it('a reason that is not UTF-8 fails the connection with 1007', () => {
      for (const reason of [
        Uint8Array.of(0xff),
        Uint8Array.of(0xe2, 0x82),
        Uint8Array.of(0xed, 0xa0, 0x80),
      ]) {
        const heard = hear(openConnection(role), frame(peer, 8, closePayload(1000, reason)));
        assert.deepEqual(heard, ['fail 1007 invalid-close-reason']);
      }
    });

    it('a reason is handed on as it came, a byte order mark included', () => {
      const reason = '\ufeffÀ bientôt 👋';
      const heard = hear(openConnection(role), frame(peer, 8, closePayload(1000, reason)));
      assert.deepEqual(heard, [`close 1000 ${JSON.stringify(reason)}`]);
    });

    it('a reason may fill the frame', () => {
      const reason = 'r'.repeat(123);
      const heard = hear(openConnection(role), frame(peer, 8, closePayload(1000, reason)));
      assert.deepEqual(heard, [`close 1000 "${reason}"`]);
    });

    it('nothing behind a Close frame is read', () => {
      const connection = openConnection(role);
      const behind = concat(frame(peer, 1, 'late'), frame(peer, 8), Uint8Array.of(0xff, 0xff));
      assert.deepEqual(hear(connection, concat(frame(peer, 8), behind)), ['close 1005 ""']);
      assert.deepEqual(hear(connection, behind), []);
    });

    it('nothing is sent behind a Close frame', () => {
      const connection = openConnection(role);
      connection.close(1000);
      assert.equal(connection.sendText('a'), false);
      assert.equal(connection.sendBytes(Uint8Array.of(1)), false);
      assert.equal(connection.sendFragment(Uint8Array.of(1), 2, true), false);
      assert.equal(connection.sendPing(), false);
      assert.equal(connection.sendPong(), false);
      connection.close(1001);
      assert.deepEqual(said(connection), ['close 1000 ""']);
    });

    it('messages that the peer sent before its Close frame are still read behind ours', () => {
      const connection = openConnection(role);
      connection.close(1000);
      const bytes = concat(frame(peer, 1, 'on its way'), frame(peer, 8, closePayload(1000)));
      assert.deepEqual(hear(connection, bytes), ['text "on its way"', 'close 1000 ""']);
    });

    it('one Close frame is sent, though both ends begin to close', () => {
      const connection = openConnection(role);
      connection.close(3000, 'ours');
      hear(connection, frame(peer, 8, closePayload(4000, 'theirs')));
      connection.close(3001);
      assert.equal(
        said(connection)
          .filter((line) => line.startsWith('close'))
          .join(),
        'close 3000 "ours"',
      );
    });

    it('the code and the reason are sent as they are given', () => {
      for (const [code, reason, sent] of [
        [undefined, '', 'close ""'],
        [1000, '', 'close 1000 ""'],
        [3999, 'à bientôt', 'close 3999 "à bientôt"'],
        [4000, 'r'.repeat(MAX_CLOSE_REASON_LENGTH), `close 4000 "${'r'.repeat(123)}"`],
      ] as const) {
        const connection = openConnection(role);
        connection.close(code, reason);
        assert.deepEqual(said(connection), [sent]);
      }
    });

    it('a reason that does not fit, or stands without a code, is the caller’s mistake and changes nothing', () => {
      const connection = openConnection(role);
      assert.throws(() => connection.close(1000, 'r'.repeat(124)), RangeError);
      assert.throws(() => connection.close(1000, 'é'.repeat(62)), RangeError);
      assert.throws(() => connection.close(undefined, 'why'), RangeError);
      assert.equal(connection.state, 'open');
      assert.deepEqual(said(connection), []);
    });
  });
}
