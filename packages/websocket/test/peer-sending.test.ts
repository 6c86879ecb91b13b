/** What a peer sends: messages, control frames, the end; and how much of it waits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LimitError, PreparedMessage, WebSocketServer } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { clientFrame, closePayload, opcodes, text } from './frames.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { openInMemory } from './servers.ts';

describe('peer.send()', () => {
  it('sends strings as text and bytes as binary, empty ones too', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    for (const message of ['Grüße', '', Buffer.from([1, 2]), new Uint8Array(0)]) peer.send(message);
    await endOfTurn();
    assert.deepEqual(transport.said(), ['text "Grüße"', 'text ""', 'binary 0102', 'binary ']);
  });

  it('sends a view of a larger buffer as what it shows', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    peer.send(Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 3));
    await endOfTurn();
    assert.deepEqual(transport.said(), ['binary 0203']);
  });

  it('sends prepared messages, and keeps the order of all that is sent', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    peer.send('first');
    peer.send(new PreparedMessage('second'));
    peer.ping(Buffer.from('third'));
    peer.send(new PreparedMessage(Buffer.alloc(10_000, 'x')));
    peer.send('fifth');
    await endOfTurn();
    const said = transport.said();
    assert.deepEqual(said.slice(0, 3), ['text "first"', 'text "second"', 'ping "third"']);
    assert.equal(said[3]?.length, 'binary '.length + 20_000);
    assert.equal(said[4], 'text "fifth"');
  });

  it('does nothing once the connection is closing or gone', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    peer.close();
    assert.equal(peer.isOpen, false);
    peer.send('too late');
    await endOfTurn();
    assert.deepEqual(transport.said(), ['close 1000 ""']);
    peer.terminate();
    peer.send('too late');
    peer.ping();
    peer.close();
    assert.equal(peer.bufferedAmount, 0);
  });
});

describe('peer.ping()', () => {
  it('sends a payload of up to 125 bytes and throws at more', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    peer.ping();
    peer.ping(Buffer.alloc(125, 'x'));
    assert.throws(() => peer.ping(Buffer.alloc(126)), {
      name: 'RangeError',
      message: /125 bytes, received 126/,
    });
    await endOfTurn();
    assert.deepEqual(transport.said(), ['ping ""', `ping "${'x'.repeat(125)}"`]);
  });

  it("is not needed to answer the client's", async () => {
    const { transport } = await openInMemory(new WebSocketServer({}));
    transport.feed(clientFrame(opcodes.ping, 'a'), clientFrame(opcodes.ping, 'b'));
    await until(() => transport.writes.length > 0);
    assert.deepEqual(transport.said(), ['pong "a"', 'pong "b"']);
  });
});

describe('peer.close()', () => {
  it('sends the code and the reason, and 1000 by default', async () => {
    const cases = [
      [[], 'close 1000 ""'],
      [[1001], 'close 1001 ""'],
      [[3000, 'done'], 'close 3000 "done"'],
      [[4999, 'ü'.repeat(61)], `close 4999 "${'ü'.repeat(61)}"`],
    ] as const;
    for (const [[code, reason], expected] of cases) {
      const { peer, transport } = await openInMemory(new WebSocketServer({}));
      peer.close(code, reason);
      await endOfTurn();
      assert.deepEqual(transport.said(), [expected]);
    }
  });

  it('throws at a code that may not stand on the wire, and at a reason of more than 123 bytes', async () => {
    const { peer } = await openInMemory(new WebSocketServer({}));
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, Number.NaN])
      assert.throws(() => peer.close(code), { name: 'RangeError' }, String(code));
    assert.throws(() => peer.close(1000, 'ü'.repeat(62)), {
      name: 'RangeError',
      message: /123 bytes, received 124/,
    });
    assert.equal(peer.isOpen, true);
  });

  it('is reported with what the client answered', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer(diary.handlers));
    peer.close(4000, 'ours');
    peer.close(4001, 'ignored');
    await endOfTurn();
    assert.deepEqual(transport.said(), ['close 4000 "ours"']);
    transport.feed(clientFrame(opcodes.close, closePayload(4002, 'theirs')));
    transport.feedEnd();
    await diary.until('close 4002 "theirs"');
  });

  it('gives the client closeTimeoutMs to answer, then drops it with 1006', async () => {
    const clock = new FakeClock();
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer({ ...diary.handlers, clock }));
    peer.close();
    clock.advance(9_999);
    assert.equal(transport.destroyed, false);
    clock.advance(1);
    await diary.until('close 1006 "" unclean');
  });

  it('still delivers what the client sends before its answer', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer(diary.handlers));
    peer.close();
    transport.feed(text('late'), clientFrame(opcodes.close, closePayload(1000)));
    transport.feedEnd();
    await diary.until('close 1000 ""');
    assert.deepEqual(diary.lines, ['open', 'message "late"', 'close 1000 ""']);
  });
});

describe('peer.terminate()', () => {
  it('ends the transport at once and reports 1006', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer(diary.handlers));
    transport.feed(text('unread'));
    peer.terminate();
    assert.equal(transport.destroyed, true);
    await diary.until('close 1006 "" unclean');
    assert.deepEqual(diary.lines, ['open', 'close 1006 "" unclean']);
    assert.deepEqual(transport.writes, []);
  });
});

describe('peer.bufferedAmount', () => {
  it('is every byte that the transport has not taken, framing included', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    transport.hold();
    assert.equal(peer.bufferedAmount, 0);
    peer.send('x'.repeat(100));
    assert.equal(peer.bufferedAmount, 102);
    await endOfTurn();
    assert.equal(peer.bufferedAmount, 102);
    peer.send(Buffer.alloc(1000));
    peer.ping();
    assert.equal(peer.bufferedAmount, 102 + 1004 + 2);
    await endOfTurn();
    peer.send(new PreparedMessage(Buffer.alloc(100_000)));
    assert.equal(peer.bufferedAmount, 102 + 1004 + 2 + 100_010);
    transport.release();
    await until(() => peer.bufferedAmount === 0);
    assert.equal(Buffer.concat(transport.writes).length, 102 + 1004 + 2 + 100_010);
  });

  it('tells send() whether there is room, and drain follows once when all is gone', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(
      new WebSocketServer({ ...diary.handlers, highWaterMark: 1000 }),
    );
    transport.hold();
    assert.equal(peer.send(Buffer.alloc(996)), true);
    assert.equal(peer.bufferedAmount, 1000);
    assert.equal(peer.send(''), false);
    assert.equal(peer.send(Buffer.alloc(50_000)), false);
    await endOfTurn();
    assert.equal(peer.send('more'), false);
    await endOfTurn();
    assert.deepEqual(diary.lines, ['open']);
    transport.release();
    await diary.until('drain');
    assert.equal(peer.bufferedAmount, 0);
    assert.equal(peer.send('again'), true);
    await endOfTurn();
    await endOfTurn();
    assert.deepEqual(diary.lines, ['open', 'drain']);
  });

  it('is bounded: a client that does not read is failed, and only the Close frame waits for it', async () => {
    const diary = new ServerDiary();
    const clock = new FakeClock();
    const { peer, transport } = await openInMemory(
      new WebSocketServer({ ...diary.handlers, clock, limits: { maxBufferedOutput: 100_000 } }),
    );
    transport.hold();
    peer.send(Buffer.alloc(30_000));
    await endOfTurn();
    for (let i = 0; i < 4; i++) peer.send(Buffer.alloc(30_000));
    assert.deepEqual(diary.lines, ['open', 'error too-much-buffered-output']);
    const [error] = diary.errors;
    assert.ok(error instanceof LimitError);
    assert.equal(error.closeCode, 1008);
    assert.ok(peer.bufferedAmount < 31_000);
    clock.advance(10_000);
    await diary.until('close 1006 "" unclean');
  });
});
