/** RFC 6455 §5.2: the header of a frame. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Connection, resolveLimits, Slab } from '../../src/index.ts';
import { concat, frame, header, type LengthForm, peerOf, roles } from '../frames.ts';
import { hear, openConnection, said, takeFrames } from '../transcript.ts';

for (const role of roles) {
  const peer = peerOf(role);

  describe(`§5.2 Base Framing Protocol, ${role}`, () => {
    for (const [name, reserved] of [
      ['RSV1', 4],
      ['RSV2', 2],
      ['RSV3', 1],
      ['all reserved bits', 7],
    ] as const) {
      it(`${name} fails the connection with 1002, for no extension gives it a meaning`, () => {
        for (const opcode of [0x0, 0x1, 0x2, 0x8, 0x9, 0xa]) {
          const connection = openConnection(role);
          const heard = hear(connection, frame(peer, opcode, '', { reserved }));
          assert.deepEqual(heard, ['fail 1002 reserved-bit-set']);
          assert.deepEqual(said(connection), ['close 1002 "reserved-bit-set"', 'end']);
        }
      });
    }

    for (const opcode of [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf]) {
      it(`the reserved opcode 0x${opcode.toString(16)} fails the connection with 1002`, () => {
        assert.deepEqual(hear(openConnection(role), frame(peer, opcode)), ['fail 1002 reserved-opcode']);
      });
    }

    it('a payload of every form of length arrives whole', () => {
      for (const length of [0, 1, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
        const payload = new Uint8Array(length).fill(0x2a);
        const connection = openConnection(role);
        connection.receive(frame(peer, 2, payload));
        assert.deepEqual(connection.nextEvent(), { type: 'message', opcode: 2, payload });
        assert.equal(connection.nextEvent(), undefined);
      }
    });

    for (const [length, form] of [
      [0, 16],
      [125, 16],
      [0, 64],
      [125, 64],
      [126, 64],
      [65_535, 64],
    ] as const) {
      it(`a length of ${length} in the ${form}-bit form is not minimal and fails with 1002`, () => {
        const heard = hear(openConnection(role), header(peer, 2, length, form));
        assert.deepEqual(heard, ['fail 1002 non-minimal-length']);
      });
    }

    for (const length of [2n ** 63n, 2n ** 63n + 5n, 2n ** 64n - 1n]) {
      it(`a 64-bit length of ${length} has its most significant bit set and fails with 1002`, () => {
        const heard = hear(openConnection(role), header(peer, 2, length, 64));
        assert.deepEqual(heard, ['fail 1002 length-bit-63-set']);
      });
    }

    for (const exponent of [31n, 32n, 53n, 62n]) {
      it(`lengths about 2^${exponent} fail with 1009 on the header, and nothing is allocated for them`, () => {
        for (const length of [2n ** exponent - 1n, 2n ** exponent, 2n ** exponent + 1n]) {
          const allocated: number[] = [];
          const connection = new Connection({ ...counted(allocated), ...key(role) });
          assert.deepEqual(hear(connection, header(peer, 2, length, 64)), ['fail 1009 frame-too-long']);
          assert.deepEqual(said(connection), ['close 1009 "frame-too-long"', 'end']);
          assert.ok(Math.max(...allocated) <= 16 * 1024);
        }
      });
    }

    it('a length beyond 2^53 is never rounded into the largest limit there is', () => {
      const { MAX_SAFE_INTEGER } = Number;
      const limits = { maxFramePayloadLength: MAX_SAFE_INTEGER, maxMessageLength: MAX_SAFE_INTEGER };
      const within = header(peer, 2, 2n ** 53n - 1n, 64);
      assert.deepEqual(hear(openConnection(role, limits), within), []);
      const beyond = header(peer, 2, 2n ** 53n + 1n, 64);
      assert.deepEqual(hear(openConnection(role, limits), beyond), ['fail 1009 frame-too-long']);
    });

    it('a header is refused before a byte of its payload has come', () => {
      const refused: readonly (readonly [Uint8Array, string])[] = [
        [header(peer, 0x3, 5, 7), 'fail 1002 reserved-opcode'],
        [header(peer, 0x9, 126, 16).subarray(0, 2), 'fail 1002 control-frame-too-long'],
        [header(peer, 0x2, 20 * 1024 * 1024, 64), 'fail 1009 frame-too-long'],
      ];
      for (const [bytes, event] of refused) assert.deepEqual(hear(openConnection(role), bytes), [event]);
    });

    it('a header that comes byte by byte is read once it is whole', () => {
      for (const [length, form] of [
        [5, 7],
        [300, 16],
        [70_000, 64],
      ] as const) {
        const connection = openConnection(role);
        const bytes = frame(peer, 2, new Uint8Array(length));
        const headerEnd = bytes.length - length;
        for (const byte of bytes.subarray(0, headerEnd)) {
          assert.deepEqual(hear(connection, Uint8Array.of(byte)), [], `${form}-bit form`);
        }
        assert.equal(hear(connection, bytes.subarray(headerEnd)).length, 1);
      }
    });

    it('frames that share a chunk are read one after the other', () => {
      const bytes = concat(frame(peer, 1, 'a'), frame(peer, 9, 'p'), frame(peer, 2, 'b'), frame(peer, 1, ''));
      assert.deepEqual(hear(openConnection(role), bytes), ['text "a"', 'ping "p"', 'binary "b"', 'text ""']);
    });

    it('an empty chunk changes nothing', () => {
      const connection = openConnection(role);
      const bytes = frame(peer, 1, 'Hello');
      const none = new Uint8Array(0);
      const heard = hear(connection, none, bytes.subarray(0, 3), none, bytes.subarray(3), none);
      assert.deepEqual(heard, ['text "Hello"']);
    });

    it('a length is sent in its shortest form', () => {
      const forms: readonly (readonly [number, LengthForm])[] = [
        [0, 7],
        [125, 7],
        [126, 16],
        [65_535, 16],
        [65_536, 64],
        [100_000, 64],
      ];
      for (const [length, form] of forms) {
        const connection = openConnection(role);
        const payload = new Uint8Array(length).fill(0x2a);
        connection.sendBytes(payload);
        connection.sendText('x'.repeat(length));
        const [binary, text] = takeFrames(connection);
        assert.equal(binary?.form, form);
        assert.deepEqual(binary?.payload, payload);
        assert.equal(text?.form, form);
        assert.equal(text?.payload.length, length);
      }
    });

    it('reserved bits are sent as 0 and a whole message has FIN set', () => {
      const connection = openConnection(role);
      connection.sendText('a');
      connection.sendBytes(Uint8Array.of(1));
      connection.sendPing();
      connection.close();
      for (const sent of takeFrames(connection)) {
        assert.equal(sent.fin, true);
        assert.equal(sent.reserved, 0);
      }
    });
  });
}

function counted(allocated: number[]) {
  const slab = new Slab((length) => {
    allocated.push(length);
    return new Uint8Array(length);
  });
  return { slab, limits: resolveLimits() };
}

function key(role: 'client' | 'server') {
  return role === 'client' ? { role, randomMaskingKey: () => 0 } : { role };
}
