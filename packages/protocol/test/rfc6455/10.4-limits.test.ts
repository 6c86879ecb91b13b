/** RFC 6455 §10.4: bounds on what a peer can make us hold, in bytes and in counts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Connection, defaultLimits, resolveLimits, Slab } from '../../src/index.ts';
import { concat, frame, header, peerOf, roles } from '../frames.ts';
import { hear, openConnection, said } from '../transcript.ts';

const more = { fin: false };

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§10.4 Implementation-Specific Limits, ${role}`, () => {
    it('a frame may be as long as maxFramePayloadLength and fails with 1009 beyond it', () => {
      const limits = { maxFramePayloadLength: 10 };
      assert.deepEqual(hear(openConnection(role, limits), frame(peer, 1, '0123456789')), [
        'text "0123456789"',
      ]);
      assert.deepEqual(hear(openConnection(role, limits), frame(peer, 1, '0123456789a')), [
        'fail 1009 frame-too-long',
      ]);
    });

    it('a message may be as long as maxMessageLength in all its frames and fails with 1009 beyond it', () => {
      const limits = { maxMessageLength: 10 };
      const within = concat(frame(peer, 1, '01234', more), frame(peer, 0, '56789'));
      assert.deepEqual(hear(openConnection(role, limits), within, within), [
        'text "0123456789"',
        'text "0123456789"',
      ]);
      const beyond = concat(frame(peer, 1, '01234', more), frame(peer, 0, '56789a'));
      assert.deepEqual(hear(openConnection(role, limits), beyond), ['fail 1009 message-too-long']);
    });

    it('the header that announces too much is enough to fail', () => {
      const connection = openConnection(role, { maxMessageLength: 10 });
      assert.deepEqual(hear(connection, frame(peer, 1, '01234', more)), []);
      const headerOnly = frame(peer, 0, '56789a').slice(0, -6);
      assert.deepEqual(hear(connection, headerOnly), ['fail 1009 message-too-long']);
    });

    it('a message may have maxFragments frames, empty ones too, and fails with 1008 beyond them', () => {
      const limits = { maxFragments: 3 };
      const within = [frame(peer, 1, '', more), frame(peer, 0, '', more), frame(peer, 0, 'a')];
      assert.deepEqual(hear(openConnection(role, limits), ...within, ...within), ['text "a"', 'text "a"']);
      const beyond = [frame(peer, 1, '', more), ...Array(3).fill(frame(peer, 0, '', more))];
      assert.deepEqual(hear(openConnection(role, limits), ...beyond), ['fail 1008 too-many-fragments']);
    });

    it('control frames do not count as fragments', () => {
      const connection = openConnection(role, { maxFragments: 2 });
      hear(connection, frame(peer, 1, 'a', more), ...Array(10).fill(frame(peer, 10)));
      assert.deepEqual(hear(connection, frame(peer, 0, 'b')), ['text "ab"']);
    });

    it('more than maxBufferedOutput waiting fails with 1008, and what waited is dropped for the Close frame', () => {
      const connection = openConnection(role, { maxBufferedOutput: 1000 });
      assert.equal(connection.sendBytes(new Uint8Array(900)), true);
      connection.sendBytes(new Uint8Array(900));
      assert.deepEqual(hear(connection, new Uint8Array(0)), ['fail 1008 too-much-buffered-output']);
      assert.deepEqual(said(connection), ['close 1008 "too-much-buffered-output"', 'end']);
    });

    it('output that is taken in time waits no more', () => {
      const connection = openConnection(role, { maxBufferedOutput: 1000 });
      for (let i = 0; i < 10; i++) {
        connection.sendBytes(new Uint8Array(900));
        assert.ok(connection.bufferedOutput > 900);
        assert.equal(said(connection).length, 1);
        assert.equal(connection.bufferedOutput, 0);
      }
    });

    it('a flood of Pings that nobody reads the answers of is bounded', () => {
      const connection = openConnection(role, { maxBufferedOutput: 10_000 });
      const flood = concat(...Array(1000).fill(frame(peer, 9, 'x'.repeat(100))));
      const heard = hear(connection, flood);
      assert.equal(heard.at(-1), 'fail 1008 too-much-buffered-output');
      assert.deepEqual(said(connection), ['close 1008 "too-much-buffered-output"', 'end']);
    });

    it('a message in tiny fragments costs memory in proportion to its bytes', () => {
      const { connection, allocated } = counted(role);
      for (let i = 0; i < 100_000; i++) hear(connection, frame(peer, i === 0 ? 2 : 0, 'x', more));
      assert.ok(allocated() < 4 * 100_000, `${allocated()} bytes allocated for 100000`);
    });

    it('fragments of any size may come in chunks of any size', () => {
      for (const length of [4095, 4096, 16_384, 16_385, 30_000, 32_768, 40_000]) {
        const fragments = [
          frame(peer, 2, new Uint8Array(length), more),
          frame(peer, 0, new Uint8Array(length)),
        ];
        const chunk = concat(
          ...fragments,
          frame(peer, 10, new Uint8Array(100)),
          frame(peer, 2, new Uint8Array(70_000)),
        );
        const heard = hear(openConnection(role), chunk);
        assert.deepEqual(
          heard.map((line) => line.replace(/,.*/, '')),
          [`binary ${2 * length} bytes`, heard[1], 'binary 70000 bytes'],
        );
      }
    });

    it('a frame that only announces its payload costs nothing', () => {
      const { connection, allocated } = counted(role);
      hear(connection, header(peer, 2, 16 * 1024 * 1024, 64), new Uint8Array(100));
      assert.ok(allocated() < 1024);
    });
  });
}

describe('limits', () => {
  it('are finite and positive by default', () => {
    for (const limit of Object.values(defaultLimits)) assert.ok(Number.isSafeInteger(limit) && limit > 0);
    assert.deepEqual(resolveLimits(), defaultLimits);
  });

  it('can be given one by one', () => {
    assert.deepEqual(resolveLimits({ maxFragments: 5 }), { ...defaultLimits, maxFragments: 5 });
  });

  it('are refused if they are not positive integers', () => {
    for (const maxFragments of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => resolveLimits({ maxFragments }), {
        name: 'RangeError',
        message: `Expected limits.maxFragments to be a positive integer, received ${maxFragments}`,
      });
    }
  });
});

/** A connection, and how many bytes it has allocated beside the block that it was made with. */
function counted(role: 'client' | 'server') {
  let bytes = 0;
  const slab = new Slab((length) => {
    bytes += length;
    return new Uint8Array(length);
  });
  const connection = new Connection(
    role === 'client' ? { role, slab, randomMaskingKey: () => 0 } : { role, slab },
  );
  const atFirst = bytes;
  return { connection, allocated: () => bytes - atFirst };
}
