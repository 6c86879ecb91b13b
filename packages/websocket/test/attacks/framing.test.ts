/** What has hurt others in framing, where sockets, timers and the memory of all connections come in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Budget } from '@hawser/protocol';
import { WebSocketServer } from '../../src/index.ts';
import { randomMaskingKey } from '../../src/masking-keys.ts';
import { FakeClock } from '../fake-clock.ts';
import { clientFrame, closePayload, opcodes, text } from '../frames.ts';
import { endOfTurn, ServerDiary, until } from '../server-diary.ts';
import { openInMemory } from '../servers.ts';

const KIB = 1024;

describe('lengths of 64 bits (gorilla CVE-2020-27813; undici CVE-2026-1528; Tomcat CVE-2020-13935)', () => {
  for (const [length, answer] of [
    [2n ** 31n, 'close 1009 "frame-too-long"'],
    [2n ** 53n + 1n, 'close 1009 "frame-too-long"'],
    [2n ** 64n - 1n, 'close 1002 "length-bit-63-set"'],
  ] as const) {
    it(`${length} is answered with ${answer}`, async () => {
      const { transport } = await openInMemory(new WebSocketServer({}));
      const header = Buffer.alloc(14);
      header.writeUInt16BE(0x82ff);
      header.writeBigUInt64BE(length, 2);
      transport.feed(header);
      await until(() => transport.ended);
      assert.deepEqual(transport.said(), [answer]);
    });
  }
});

describe('a flood of Pings from a client that does not read (ws before 8.23)', () => {
  it('costs nothing beyond what the transport took, and the last one is answered', async () => {
    const budget = new Budget();
    const { peer, transport } = await openInMemory(new WebSocketServer({ budget }));
    transport.hold();
    peer.send('x'.repeat(100 * KIB));
    await endOfTurn();
    const [before, waiting] = [budget.used, peer.bufferedAmount];
    const flood = Buffer.concat(Array.from({ length: 1000 }, () => clientFrame(opcodes.ping, 'flood')));
    for (let i = 0; i < 100; i++) {
      transport.feed(flood);
      await endOfTurn();
    }
    transport.feed(clientFrame(opcodes.ping, 'last'));
    await endOfTurn();
    assert.deepEqual([budget.used, peer.bufferedAmount], [before, waiting]);
    transport.writes.length = 0;
    transport.release();
    await endOfTurn();
    assert.deepEqual(transport.said(), ['pong "last"']);
    assert.equal(budget.used, 0);
    peer.terminate();
  });
});

describe('a client that does not read what it is sent', () => {
  it('is charged for what its transport holds, up to the end of the connection', async () => {
    const budget = new Budget();
    const { peer, transport } = await openInMemory(new WebSocketServer({ budget }));
    transport.hold();
    peer.send(new Uint8Array(1024 * KIB));
    await endOfTurn();
    assert.ok(budget.used > 1024 * KIB);
    peer.send('more');
    assert.ok(budget.used < 1025 * KIB);
    peer.terminate();
    await endOfTurn();
    assert.equal(budget.used, 0);
  });

  it('is failed by the budget of the process, however many they are', async () => {
    const budget = new Budget(1024 * KIB);
    const diary = new ServerDiary();
    const server = new WebSocketServer({ ...diary.handlers, budget });
    for (let i = 0; i < 20; i++) {
      const { peer, transport } = await openInMemory(server);
      transport.hold();
      peer.send(new Uint8Array(100 * KIB));
      await endOfTurn();
      assert.ok(budget.used <= budget.limit);
    }
    assert.equal(diary.lines.filter((line) => line === 'error output-over-budget').length, 10);
    for (const peer of server.peers) peer.terminate();
  });
});

describe('memory that nobody has written (ws GHSA-2mhh-w6q8-5hxw; CVE-2026-45736)', () => {
  it('is not sent for numbers and typed arrays in the place of bytes, and the budget holds', async () => {
    const budget = new Budget();
    const { peer, transport } = await openInMemory(new WebSocketServer({ budget }));
    for (const argument of [
      100,
      2 ** 31,
      new Uint16Array(50),
      new Float64Array(10),
      new ArrayBuffer(10),
      null,
    ]) {
      assert.throws(() => Reflect.apply(peer.ping, peer, [argument]), TypeError);
      assert.throws(() => Reflect.apply(peer.send, peer, [argument]), TypeError);
    }
    assert.equal(budget.used, 0);
    assert.throws(() => Reflect.apply(peer.close, peer, [1000, new Uint8Array(200)]), RangeError);
    Reflect.apply(peer.close, peer, [1000, new Uint8Array(3)]);
    await until(() => transport.writes.length > 0);
    assert.deepEqual(transport.said(), ['close 1000 "0,0,0"']);
    peer.terminate();
  });
});

describe('masks that can be foreseen (RFC 6455 §10.3)', () => {
  it('keys come from all of 32 bits, and none comes twice in a row', () => {
    const keys = Array.from({ length: 20_000 }, () => randomMaskingKey() >>> 0);
    assert.ok(new Set(keys).size > 19_990);
    for (let bit = 0; bit < 32; bit++) {
      const set = keys.filter((key) => (key >>> bit) & 1).length;
      assert.ok(set > 9000 && set < 11_000, `bit ${bit} is set in ${set} of 20000`);
    }
  });
});

describe('abuse of Close (RFC 6455 §7.4)', () => {
  it('a peer that never answers is destroyed after closeTimeoutMs', async () => {
    const clock = new FakeClock();
    const diary = new ServerDiary();
    const server = new WebSocketServer({
      ...diary.handlers,
      clock,
      closeTimeoutMs: 500,
      heartbeatIntervalMs: 0,
    });
    const { peer, transport } = await openInMemory(server);
    peer.close(1000);
    transport.feed(text('still talking'));
    await endOfTurn();
    clock.advance(500);
    await endOfTurn();
    assert.equal(transport.destroyed, true);
    assert.equal(diary.lines.at(-1), 'close 1006 "" unclean');
  });

  it('data behind it and a second one are not read', async () => {
    const diary = new ServerDiary();
    const { transport } = await openInMemory(new WebSocketServer(diary.handlers));
    const close = clientFrame(opcodes.close, closePayload(1000));
    transport.feed(Buffer.concat([close, text('late'), clientFrame(opcodes.close, closePayload(1001))]));
    await until(() => transport.ended);
    assert.deepEqual(transport.said(), ['close 1000 ""']);
    assert.equal(diary.lines.includes('message "late"'), false);
  });
});
