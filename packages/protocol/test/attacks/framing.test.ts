/** What has hurt others in framing, against the engine, in both roles. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Budget,
  Connection,
  defaultLimits,
  Opcode,
  PreparedMessage,
  type Role,
  Slab,
} from '../../src/index.ts';
import { closePayload, concat, frame, header, hex, peerOf, roles, utf8 } from '../frames.ts';
import { hear, openConnection, said, takeBytes, takeEvents, takeFrames } from '../transcript.ts';
import { countCopies, growth, keptBy } from './memory.ts';

const more = { fin: false };
const KIB = 1024;
const POISON = 0xaa;

for (const role of roles) {
  const peer = peerOf(role);

  describe(`${role}: lengths of 64 bits (gorilla CVE-2020-27813; undici CVE-2026-1528; websocket-driver CVE-2026-54466; Tomcat CVE-2020-13935; swift-nio CVE-2026-43678; noPoll#84, gpac#3860, re#1584, userver#1249)`, () => {
    const lengths: [length: bigint, failure: string][] = [
      [2n ** 31n - 1n, '1009 frame-too-long'],
      [2n ** 31n, '1009 frame-too-long'],
      [2n ** 31n + 1n, '1009 frame-too-long'],
      [2n ** 32n - 1n, '1009 frame-too-long'],
      [2n ** 32n, '1009 frame-too-long'],
      [2n ** 53n - 1n, '1009 frame-too-long'],
      [2n ** 53n, '1009 frame-too-long'],
      [2n ** 53n + 1n, '1009 frame-too-long'],
      [2n ** 63n - 1n, '1009 frame-too-long'],
      [2n ** 63n, '1002 length-bit-63-set'],
      [2n ** 64n - 1n, '1002 length-bit-63-set'],
      [0n, '1002 non-minimal-length'],
      [125n, '1002 non-minimal-length'],
      [65_535n, '1002 non-minimal-length'],
    ];
    for (const [length, failure] of lengths) {
      it(`${length} fails with ${failure}, and nothing is allocated for it`, () => {
        const { connection, allocated } = counted(role);
        assert.deepEqual(hear(connection, header(peer, 2, length, 64)), [`fail ${failure}`]);
        assert.ok(allocated() <= 16 * KIB);
      });
    }

    it('their sum over the fragments of a message fails with 1009, without overflow', () => {
      const limits = { maxFramePayloadLength: Number.MAX_SAFE_INTEGER };
      const huge = concat(header(peer, 0, 2n ** 53n - 1n, 64), new Uint8Array(4));
      assert.deepEqual(hear(openConnection(role, limits), frame(peer, 2, 'a', more), huge), [
        'fail 1009 message-too-long',
      ]);
    });

    it('126 to 65535 in 16 bits have to be as short as they can be', () => {
      assert.deepEqual(hear(openConnection(role), header(peer, 2, 125, 16)), [
        'fail 1002 non-minimal-length',
      ]);
    });
  });

  describe(`${role}: tiny fragments (ws CVE-2026-48779; undici CVE-2026-12151; ws#2331)`, () => {
    for (const perChunk of [1, 10_000]) {
      it(`131,072 of one byte, ${perChunk} in a chunk, keep less than four times what they are on the wire`, () => {
        const fragment = frame(peer, 0, 'x', more);
        const chunk = concat(...Array.from({ length: perChunk }, () => fragment));
        const connection = openConnection(role);
        const count = Math.floor((defaultLimits.maxFragments - 1) / perChunk);
        hear(connection, frame(peer, 2, 'x', more));
        const kept = keptBy(() => {
          for (let i = 0; i < count; i++) hear(connection, chunk);
          return connection;
        });
        assert.equal(connection.state, 'open');
        assert.ok(kept < 4 * count * chunk.length, `${kept} bytes kept of ${count * chunk.length}`);
      });
    }

    it('the account is charged for them as they are kept', () => {
      const limits = { maxHeldBytes: 64 * KIB };
      const connection = openConnection(role, limits);
      const fragments = Array.from({ length: 70_000 }, (_, i) => frame(peer, i === 0 ? 2 : 0, 'x', more));
      assert.deepEqual(hear(connection, concat(...fragments)), ['fail 1009 input-over-budget']);
    });
  });

  describe(`${role}: empty fragments (ws#2329)`, () => {
    it('without end are counted: 1008 at the limit, and nothing is kept for them', () => {
      const budget = new Budget();
      const connection = open(role, { budget });
      const fragment = frame(peer, 0, '', more);
      const chunk = concat(...Array.from({ length: 1024 }, () => fragment));
      hear(connection, frame(peer, 1, '', more));
      for (let i = 0; i < 127; i++) assert.deepEqual(hear(connection, chunk), []);
      assert.ok(budget.used < KIB);
      assert.deepEqual(hear(connection, chunk, chunk), ['fail 1008 too-many-fragments']);
    });
  });

  describe(`${role}: quadratic reassembly of fragments (bandit CVE-2026-65623)`, () => {
    it('twice as many fragments of one byte copy and allocate twice as much', (t) => {
      const copies = countCopies(t);
      const work = (count: number): number => {
        const { connection, allocated } = counted(role);
        const before = copies();
        for (let i = 0; i < count; i++) {
          connection.receive(frameOf(peer, i, count));
          takeEvents(connection);
        }
        return copies() - before + allocated();
      };
      assert.ok(growth(work, 8192) < 2.3);
    });
  });

  describe(`${role}: a flood of Pings on a transport that is stuck (ws before 8.23)`, () => {
    it('a million of them keep nothing, and the last one is answered', () => {
      const budget = new Budget();
      const connection = open(role, { budget });
      connection.setStuck(true);
      const chunk = concat(...Array.from({ length: 10_000 }, () => frame(peer, 9, 'flood')));
      const kept = keptBy(() => {
        for (let i = 0; i < 100; i++) {
          connection.receive(new Uint8Array(chunk));
          for (let event = connection.nextEvent(); event !== undefined; ) event = connection.nextEvent();
        }
        return connection;
      });
      // Less than a byte each: what V8 compiles meanwhile counts as well.
      assert.ok(kept < 1_000_000, `${kept} bytes kept`);
      assert.equal(connection.bufferedOutput, 0);
      hear(connection, frame(peer, 9, 'last'));
      assert.deepEqual(said(connection), ['pong "last"']);
      assert.equal(budget.used, 0);
    });
  });

  describe(`${role}: a small rest pins a large chunk on an idle connection (ws 8.23)`, () => {
    const rests: [title: string, rest: Uint8Array][] = [
      ['half a header', frame(peer, 1, 'Hello').slice(0, 1)],
      ['half a control frame', frame(peer, 9, 'x'.repeat(125)).slice(0, -1)],
      ['a fragment', frame(peer, 1, 'Hello', more)],
      ['nothing', new Uint8Array(0)],
    ];
    for (const [title, rest] of rests) {
      it(`10,000 connections with ${title} left of 64 KiB keep less than 8 KiB each`, () => {
        const slab = new Slab();
        const chunk = concat(frame(peer, 2, new Uint8Array(60 * KIB)), rest);
        const connections: Connection[] = [];
        const kept = keptBy(() => {
          for (let i = 0; i < 10_000; i++) {
            const connection = open(role, { slab });
            connection.receive(chunk.slice());
            takeEvents(connection);
            connections.push(connection);
          }
          return connections;
        });
        assert.ok(kept < 10_000 * 8 * KIB, `${kept} bytes kept`);
      });
    }

    it('a rest that is a small view of a large buffer is copied out of it', () => {
      const connections: Connection[] = [];
      const slab = new Slab();
      const kept = keptBy(() => {
        for (let i = 0; i < 1000; i++) {
          const connection = open(role, { slab });
          const buffer = new Uint8Array(64 * KIB);
          buffer.set(frame(peer, 1, 'Hello').slice(0, 1), 1000);
          connection.receive(buffer.subarray(1000, 1001));
          takeEvents(connection);
          connections.push(connection);
        }
        return connections;
      });
      assert.ok(kept < 1000 * 8 * KIB, `${kept} bytes kept`);
    });

    it('large fragments among Pongs are charged for what they keep', () => {
      const budget = new Budget();
      const connection = open(role, { budget });
      const kept = keptBy(() => {
        for (let i = 0; i < 300; i++) {
          connection.receive(
            concat(frame(peer, i === 0 ? 2 : 0, new Uint8Array(5000), more), ...pongs(peer)),
          );
          takeEvents(connection);
        }
        return connection;
      });
      assert.ok(kept < 1.2 * budget.used, `${kept} bytes kept, ${budget.used} charged`);
    });

    it('large messages among Pongs, echoed to a transport that is stuck, are charged for what they keep', () => {
      const budget = new Budget();
      const connection = open(role, { budget });
      connection.setStuck(true);
      const kept = keptBy(() => {
        for (let i = 0; i < 300; i++) {
          connection.receive(concat(frame(peer, 2, new Uint8Array(5000)), ...pongs(peer)));
          for (const event of takeEvents(connection)) {
            if (event.type === 'message') connection.sendBytes(event.payload);
          }
        }
        return connection;
      });
      assert.ok(kept < 1.2 * budget.used, `${kept} bytes kept, ${budget.used} charged`);
    });
  });

  describe(`${role}: memory that nobody has written (ws GHSA-2mhh-w6q8-5hxw; CVE-2026-45736)`, () => {
    const lengths = [0, 1, 124, 125, 126, 127, 1400, 4080, 4096, 4097, 65_535, 65_536, 100_000];

    it('is in nothing that is sent', () => {
      const connection = openConnection(role);
      for (const length of lengths) {
        connection.sendBytes(new Uint8Array(length));
        connection.sendText('\0'.repeat(length));
        connection.sendText('\u0080'.repeat(length));
        connection.sendFragment(new Uint8Array(length), Opcode.Binary, false);
        connection.sendPing(new Uint8Array(Math.min(length, 125)));
        connection.sendFragment(new Uint8Array(length), Opcode.Binary, true);
        connection.sendPong(new Uint8Array(Math.min(length, 125)));
        if (role === 'server') connection.sendPrepared(new PreparedMessage('\0'.repeat(length)));
      }
      connection.close(1000, 'x'.repeat(123));
      for (const { payload } of takeFrames(connection)) assert.equal(payload.includes(POISON), false);
    });

    it('is in nothing that is received', () => {
      for (const length of lengths) {
        const chunks = [frame(peer, 2, new Uint8Array(length), more), frame(peer, 0, new Uint8Array(length))];
        const connection = openConnection(role);
        for (const byte of concat(...chunks)) connection.receive(Uint8Array.of(byte));
        const [event] = takeEvents(connection);
        assert.ok(event?.type === 'message');
        assert.equal(event.payload.length, 2 * length);
        assert.equal(event.payload.includes(POISON), false);
      }
    });

    it('is not sent for numbers and typed arrays in the place of bytes', () => {
      const connection = openConnection(role);
      for (const argument of [
        1,
        100,
        2 ** 31,
        new Uint16Array(50),
        new Float64Array(10),
        new ArrayBuffer(10),
      ]) {
        for (const method of [connection.sendPing, connection.sendPong, connection.sendBytes]) {
          assert.throws(() => Reflect.apply(method, connection, [argument]), TypeError);
        }
      }
      Reflect.apply(connection.close, connection, [1000, new Uint8Array(3)]);
      assert.equal(takeBytes(connection).bytes.includes(POISON), false);
    });
  });

  describe(`${role}: no size limit (ws before maxPayload; undici#4899)`, () => {
    it('frames, messages and fragments are bounded without being told to', () => {
      const { maxFramePayloadLength } = defaultLimits;
      assert.deepEqual(hear(openConnection(role), header(peer, 2, maxFramePayloadLength + 1, 64)), [
        'fail 1009 frame-too-long',
      ]);
    });
  });

  describe(`${role}: reserved bits without an extension (aiohttp CVE-2026-59881)`, () => {
    for (const opcode of [0, 1, 2, 8, 9, 10]) {
      it(`fail with 1002 on opcode ${opcode}`, () => {
        for (const reserved of [1, 2, 4, 7]) {
          const begun = opcode === 0 ? [frame(peer, 1, 'a', more)] : [];
          assert.deepEqual(hear(openConnection(role), ...begun, frame(peer, opcode, '', { reserved })), [
            'fail 1002 reserved-bit-set',
          ]);
        }
      });
    }
  });

  describe(`${role}: the mask (RFC 6455 §5.1)`, () => {
    it('of the wrong side fails with 1002 before the payload comes', () => {
      const code = role === 'server' ? 'unmasked-frame' : 'masked-frame';
      assert.deepEqual(hear(openConnection(role), frame(role, 1, 'Hello').slice(0, 2)), [
        `fail 1002 ${code}`,
      ]);
    });

    it('of each frame that a client sends is drawn anew', () => {
      let drawn = 0;
      const randomMaskingKey = (): number => {
        drawn += 1;
        return drawn;
      };
      const connection = new Connection({ role: 'client', randomMaskingKey });
      connection.sendText('a');
      connection.sendBytes(new Uint8Array(5000));
      connection.sendPing();
      connection.close(1000);
      const keys = takeFrames(connection).map(({ key }) => key?.[0]);
      assert.deepEqual(keys, [1, 2, 3, 4]);
    });
  });

  describe(`${role}: abuse of Close (RFC 6455 §7.4)`, () => {
    it('a payload of one byte fails with 1002', () => {
      assert.deepEqual(hear(openConnection(role), frame(peer, 8, hex('03'))), [
        'fail 1002 close-payload-too-short',
      ]);
    });

    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535]) {
      it(`the code ${code} fails with 1002`, () => {
        assert.deepEqual(hear(openConnection(role), frame(peer, 8, closePayload(code))), [
          'fail 1002 invalid-close-code',
        ]);
      });
    }

    it('a reason that is not UTF-8 fails with 1007', () => {
      assert.deepEqual(hear(openConnection(role), frame(peer, 8, closePayload(1000, hex('c0 80')))), [
        'fail 1007 invalid-close-reason',
      ]);
    });

    it('what comes behind it is not read, a second Close neither, and is not kept', () => {
      const budget = new Budget();
      const connection = open(role, { budget });
      const close = frame(peer, 8, closePayload(1000, 'bye'));
      const behind = [frame(peer, 1, 'late'), frame(peer, 8, closePayload(1001)), frame(peer, 2, 'a', more)];
      assert.deepEqual(hear(connection, concat(close, ...behind), ...behind), ['close 1000 "bye"']);
      assert.deepEqual(said(connection).slice(0, 1), ['close 1000 "bye"']);
      assert.equal(budget.used, 0);
    });

    it('a peer that never answers ours is left to the timer of the transport’s owner', () => {
      const connection = openConnection(role);
      connection.close(1000);
      assert.equal(connection.closeExpected, true);
      connection.abandon();
      assert.equal(connection.closeStatus.clean, false);
    });

    it('inside a fragmented message ends it, and the message is not delivered', () => {
      const chunk = concat(frame(peer, 1, 'a', more), frame(peer, 8), frame(peer, 0, 'b'));
      assert.deepEqual(hear(openConnection(role), chunk), ['close 1005 ""']);
    });
  });

  describe(`${role}: text that is not UTF-8 (RFC 6455 §8.1)`, () => {
    for (const bad of ['c0 80', 'e0 80 80', 'ed a0 80', 'f4 90 80 80', 'ff', '80', 'f8 88 80 80 80']) {
      it(`${bad} fails with 1007 at its first wrong byte, before the message ends`, () => {
        const chunk = concat(frame(peer, 1, utf8('good '), more), frame(peer, 0, hex(bad), more));
        assert.deepEqual(hear(openConnection(role), chunk), ['fail 1007 invalid-utf8']);
      });
    }

    it('a code point may lie in two fragments, but must be whole at the end', () => {
      const [first, second] = [frame(peer, 1, hex('e2 82'), more), frame(peer, 0, hex('ac'))];
      assert.deepEqual(hear(openConnection(role), first, second), ['text "€"']);
      assert.deepEqual(hear(openConnection(role), first, frame(peer, 0)), ['fail 1007 invalid-utf8']);
    });
  });
}

/** A connection that shares memory with others. */
function open(role: Role, options: { readonly budget?: Budget; readonly slab?: Slab }): Connection {
  return role === 'client'
    ? new Connection({ role, randomMaskingKey: () => 0x44332211, ...options })
    : new Connection({ role, ...options });
}

/** A connection, and how many bytes it has allocated. */
function counted(role: Role): { connection: Connection; allocated: () => number } {
  let bytes = 0;
  const slab = new Slab((length) => {
    bytes += length;
    return new Uint8Array(length);
  });
  return { connection: open(role, { slab }), allocated: () => bytes };
}

/** One fragment of one byte among so many. */
function frameOf(peer: Role, index: number, count: number): Uint8Array {
  return frame(peer, index === 0 ? 2 : 0, 'x', { fin: index === count - 1 });
}

/** Frames that fill most of 64 KiB, and leave nothing behind. */
function pongs(peer: Role): Uint8Array[] {
  const filler = frame(peer, 10, 'x'.repeat(125));
  return Array.from({ length: Math.floor((60 * KIB) / filler.length) }, () => filler);
}
