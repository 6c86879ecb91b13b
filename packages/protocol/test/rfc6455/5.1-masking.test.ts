/** RFC 6455 §5.1, §5.3: who masks, and how. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Connection } from '../../src/index.ts';
import { applyMask } from '../../src/mask.ts';
import { frame, readFrames, xor } from '../frames.ts';
import { hear, maskingKey, openConnection, said, takeBytes, takeFrames } from '../transcript.ts';

describe('§5.1 Masking', () => {
  it('a server fails the connection with 1002 on a frame that is not masked', () => {
    const server = openConnection('server');
    assert.deepEqual(hear(server, frame('client', 1, 'Hello', { masked: false })), [
      'fail 1002 unmasked-frame',
    ]);
    assert.deepEqual(said(server), ['close 1002 "unmasked-frame"', 'end']);
  });

  it('a client fails the connection with 1002 on a frame that is masked', () => {
    const client = openConnection('client');
    assert.deepEqual(hear(client, frame('server', 1, 'Hello', { masked: true })), ['fail 1002 masked-frame']);
    assert.deepEqual(said(client), ['close 1002 "masked-frame"', 'end']);
  });

  it('the second byte is enough to refuse a frame', () => {
    assert.deepEqual(hear(openConnection('server'), Uint8Array.of(0x81, 0x05)), ['fail 1002 unmasked-frame']);
    assert.deepEqual(hear(openConnection('client'), Uint8Array.of(0x81, 0x85)), ['fail 1002 masked-frame']);
  });

  it('a control frame is masked by the same rule', () => {
    for (const opcode of [0x8, 0x9, 0xa]) {
      const unmasked = frame('client', opcode, '', { masked: false });
      assert.deepEqual(hear(openConnection('server'), unmasked), ['fail 1002 unmasked-frame']);
      const masked = frame('server', opcode, '', { masked: true });
      assert.deepEqual(hear(openConnection('client'), masked), ['fail 1002 masked-frame']);
    }
  });

  it('a client masks all of its frames, a server none', () => {
    for (const [role, key] of [
      ['client', maskingKey],
      ['server', undefined],
    ] as const) {
      const connection = openConnection(role);
      connection.sendText('Hello');
      connection.sendText('é'.repeat(70));
      connection.sendBytes(new Uint8Array(10_000));
      connection.sendFragment(Uint8Array.of(1), 2, false);
      connection.sendPing();
      connection.sendFragment(Uint8Array.of(2), 2, true);
      connection.sendPong();
      connection.close(1000);
      const keys = takeFrames(connection).map((sent) => sent.key);
      assert.deepEqual(keys, Array(8).fill(key));
    }
  });
});

describe('§5.3 Client-to-Server Masking', () => {
  it('a client asks for a new key for each frame', () => {
    let key = 0;
    const client = new Connection({ role: 'client', randomMaskingKey: () => ++key });
    client.sendText('a');
    client.sendPing();
    client.sendBytes(new Uint8Array(5000));
    client.close();
    const firstOctets = takeFrames(client).map((sent) => sent.key?.[0]);
    assert.deepEqual(firstOctets, [1, 2, 3, 4]);
  });

  it('any 32 bits are a key, also 0 and those that are negative as an integer', () => {
    for (const key of [0, 0xffffffff, -1, 0x80000000, -0x80000000]) {
      const client = new Connection({ role: 'client', randomMaskingKey: () => key });
      client.sendText('Hello');
      const { bytes } = takeBytes(client);
      assert.deepEqual(hear(openConnection('server'), bytes), ['text "Hello"']);
      assert.equal(readFrames(bytes)[0]?.key?.length, 4);
    }
  });

  it('octet i of the payload is XORed with octet i mod 4 of the key, at any length and alignment', () => {
    for (let offset = 0; offset < 8; offset++) {
      for (let length = 0; length < 200; length++) {
        const memory = Uint8Array.from({ length: offset + length + 8 }, (_, i) => i * 7);
        const bytes = memory.subarray(offset, offset + length);
        const outside = [...memory.subarray(0, offset), ...memory.subarray(offset + length)];
        const expected = xor(bytes, maskingKey);
        applyMask(bytes, 0x44332211);
        assert.deepEqual(bytes, expected);
        assert.deepEqual([...memory.subarray(0, offset), ...memory.subarray(offset + length)], outside);
      }
    }
  });

  it('long payloads are masked the same, however they come to lie in the kernel’s blocks', () => {
    const block = 16 * 1024;
    for (const length of [2047, 2048, 2049, 5001, block - 1, block, block + 1, 3 * block + 63, 100_003]) {
      for (const offset of [0, 1, 14]) {
        const memory = Uint8Array.from({ length: offset + length + 80 }, (_, i) => i * 7);
        const outside = [...memory.subarray(0, offset), ...memory.subarray(offset + length)];
        const bytes = memory.subarray(offset, offset + length);
        const expected = xor(bytes, maskingKey);
        const rest = xor(
          Uint8Array.of(1, 2, 3),
          [0, 1, 2].map((i) => maskingKey[(length + i) % 4] ?? 0),
        );
        const turned = applyMask(bytes, 0x44332211);
        assert.deepEqual(bytes, expected);
        assert.deepEqual([...memory.subarray(0, offset), ...memory.subarray(offset + length)], outside);
        const next = Uint8Array.of(1, 2, 3);
        applyMask(next, turned);
        assert.deepEqual(next, rest);
      }
    }
  });

  it('where there is no WebAssembly, long payloads are masked without it', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        '--conditions=hawser-source',
        '--import=tsx',
        'packages/protocol/test/fixtures/without-web-assembly.ts',
      ],
      { encoding: 'utf8', timeout: 30_000 },
    );
    assert.equal(status, 0, stderr);
  });

  it('the bytes that a caller sends are not masked in place, in a Buffer either', () => {
    for (const length of [10, 5000]) {
      for (const bytes of [new Uint8Array(length), Buffer.alloc(length)]) {
        const client = openConnection('client');
        client.sendBytes(bytes);
        assert.equal(takeFrames(client)[0]?.payload.length, length);
        assert.ok(bytes.every((byte) => byte === 0));
      }
    }
  });

  it('masking in pieces gives what masking at once gives', () => {
    const cases = fc.property(
      fc.uint8Array({ maxLength: 600 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.array(fc.nat(600)),
      (bytes, key, cuts) => {
        const expected = xor(bytes, [...key]);
        let turned = new DataView(key.buffer, key.byteOffset).getInt32(0, true);
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        edges.forEach((edge, i) => {
          turned = applyMask(bytes.subarray(edges[i - 1] ?? 0, edge), turned);
        });
        assert.deepEqual(bytes, expected);
      },
    );
    fc.assert(cases);
  });
});
