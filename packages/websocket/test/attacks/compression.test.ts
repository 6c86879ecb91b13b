/** What has hurt others in compression, against the server and Node's zlib. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { WebSocketServer } from '../../src/index.ts';
import { ZlibCodec } from '../../src/zlib-codec.ts';
import { clientFrame, opcodes, readFrames } from '../frames.ts';
import { handshake, RawClient } from '../raw-client.ts';
import { endOfTurn, ServerDiary, until } from '../server-diary.ts';
import { openInMemory, startServer } from '../servers.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
const codec = new ZlibCodec(6);

describe('a zip bomb (undici CVE-2026-1526; websockets#407; tornado#2391; centrifuge#584; netdata#22828)', () => {
  it('of 1 GiB is inflated up to the limit and one chunk, and answered with 1009', async () => {
    const diary = new ServerDiary();
    const server = new WebSocketServer({
      ...diary.handlers,
      perMessageDeflate: true,
      limits: { maxMessageLength: 4 * MIB },
    });
    const { transport } = await openInMemory(server, offer);
    const inflatedBefore = process.memoryUsage().arrayBuffers;
    transport.feed(marked(clientFrame(opcodes.binary, bomb(GIB_IN_MIB))));
    await until(() => transport.ended);
    const inflated = process.memoryUsage().arrayBuffers - inflatedBefore;
    assert.deepEqual(transport.said(), ['close 1009 "message-too-long"']);
    assert.ok(inflated < 32 * MIB, `${inflated} bytes inflated`);
    assert.equal(diary.lines.at(1), 'error message-too-long');
  });

  it('in many final blocks, each within the limit, is one all the same', () => {
    const block = deflateRawSync(Buffer.alloc(KIB));
    const message = Buffer.concat([block, block, block, Buffer.of(0)]);
    assert.equal(codec.inflate(message, undefined, 3 * KIB).type, 'bytes');
    assert.equal(codec.inflate(message, undefined, 3 * KIB - 1).type, 'too-long');
  });

  it('of final blocks that hold nothing ends at a count: each of them costs a zlib state', () => {
    const empty = deflateRawSync('');
    const blocks = Buffer.concat(Array.from({ length: 1000 }, () => empty));
    assert.equal(codec.inflate(blocks, undefined, KIB).type, 'malformed');
  });
});

describe('a limit on the compressed size alone (websocket-driver CVE-2026-54490; netty CVE-2025-58057)', () => {
  it('is none: fragments are limited by what they inflate to together', async () => {
    const server = new WebSocketServer({ perMessageDeflate: true, limits: { maxMessageLength: 100 * KIB } });
    const { transport } = await openInMemory(server, offer);
    const payload = bomb(1);
    const half = payload.length >> 1;
    transport.feed(marked(clientFrame(opcodes.binary, payload.subarray(0, half), false)));
    transport.feed(clientFrame(opcodes.continuation, payload.subarray(half)));
    await until(() => transport.ended);
    assert.deepEqual(transport.said(), ['close 1009 "message-too-long"']);
  });
});

describe('windows out of range crash the server (undici CVE-2026-2229)', () => {
  for (const bits of ['0', '7', '16', '255', '+9', '09', '"7"']) {
    it(`${bits}: the offer is declined and the connection opens without`, async (t) => {
      const { place } = await startServer(t, { perMessageDeflate: true });
      for (const name of ['server_max_window_bits', 'client_max_window_bits']) {
        const extensions = `permessage-deflate; ${name}=${bits}`;
        const client = RawClient.to(place).send(handshake({ 'Sec-WebSocket-Extensions': extensions }));
        const { status, headers } = await client.response();
        assert.deepEqual([status, headers.has('sec-websocket-extensions')], [101, false]);
      }
    });
  }
});

describe('DEFLATE data with a bad end (civetweb CVE-2026-29035; uWebSockets#1653)', () => {
  const whole = deflateRawSync('Hello '.repeat(50), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  const rows: [title: string, payload: Uint8Array, type: string][] = [
    ['cut short', whole.subarray(0, -4), 'malformed'],
    ['without its end, as it should be', whole, 'bytes'],
    ['with garbage behind it', Buffer.concat([whole, Buffer.of(0xff, 0xff)]), 'malformed'],
    ['in a final block', Buffer.concat([deflateRawSync('Hello'), Buffer.of(0)]), 'bytes'],
    [
      'in a final block, with garbage behind it',
      Buffer.concat([deflateRawSync('Hello'), Buffer.of(7)]),
      'malformed',
    ],
    ['in a stored block that is cut short', Buffer.of(0x00, 0x10, 0x00, 0xef, 0xff, 0x61), 'malformed'],
    ['of nothing at all', Buffer.alloc(0), 'malformed'],
  ];
  for (const [title, payload, type] of rows) {
    it(title, () => {
      assert.equal(codec.inflate(payload, undefined, MIB).type, type);
    });
  }
});

describe('contexts that run apart (sockudo-ws#14; bun#41629)', () => {
  it('messages that are skipped by the threshold or by choice leave the context of the others whole', async () => {
    const deflate = { serverContextTakeover: true, threshold: 20 };
    const { peer, transport } = await openInMemory(
      new WebSocketServer({ perMessageDeflate: deflate }),
      offer,
    );
    let context = Buffer.alloc(0);
    for (let i = 0; i < 100; i++) {
      const message = `${i % 7} repeated `.repeat(i % 9);
      peer.send(message, { compress: i % 3 > 0 });
      await endOfTurn();
      const bytes = Buffer.concat(transport.writes.splice(0));
      const [{ payload } = { payload: bytes }] = readFrames(bytes);
      if (((bytes[0] ?? 0) & 0x40) === 0) {
        assert.equal(payload.toString(), message);
        continue;
      }
      assert.equal(inflate(payload, context), message);
      context = Buffer.concat([context, Buffer.from(message)]);
    }
    peer.terminate();
  });
});

describe('secrets told by the length of what they are compressed with (CRIME, BREACH; RFC 7692 §8)', () => {
  it('nothing is compressed by default, and no message that says so', async () => {
    const secret = 'secret '.repeat(1000);
    const plain = await openInMemory(new WebSocketServer({}), offer);
    plain.peer.send(secret);
    const chosen = await openInMemory(new WebSocketServer({ perMessageDeflate: true }), offer);
    chosen.peer.send(secret, { compress: false });
    await endOfTurn();
    for (const { peer, transport } of [plain, chosen]) {
      assert.deepEqual(transport.said(), [`text ${JSON.stringify(secret)}`]);
      peer.terminate();
    }
  });
});

describe('zlib itself (CVE-2022-37434, CVE-2018-25032)', () => {
  it('is one of Node.js that has been mended: 1.2.13 or later', () => {
    const [major = 0, minor = 0, patch = 0] = process.versions.zlib.split(/[.-]/).map(Number);
    assert.ok(major * 10_000 + minor * 100 + patch >= 10_213, process.versions.zlib);
  });
});

const GIB_IN_MIB = 1024;

/** A compressed message of so many MiB of zeros: the same block over and over. */
function bomb(mebibytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(MIB), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat(Array.from({ length: mebibytes }, () => block)).subarray(0, -4);
}

/** The frame with RSV1 set. */
function marked(frame: Buffer): Buffer {
  frame[0] = (frame[0] ?? 0) | 0x40;
  return frame;
}

function inflate(payload: Uint8Array, context: Buffer): string {
  const input = Buffer.concat([payload, Buffer.of(0x00, 0x00, 0xff, 0xff)]);
  const dictionary = context.length === 0 ? {} : { dictionary: context };
  return inflateRawSync(input, { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary }).toString();
}
