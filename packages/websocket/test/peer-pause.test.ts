/** Pausing: no message comes, and the sender feels it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocketServer } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { clientFrame, closePayload, opcodes, text } from './frames.ts';
import { RawClient } from './raw-client.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { openInMemory, startServer } from './servers.ts';

describe('peer.pause() and peer.resume()', () => {
  it('hold back all messages, then deliver them in order', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer(diary.handlers));
    peer.pause();
    assert.equal(peer.isPaused, true);
    transport.feed(text('one'), text('two'));
    await endOfTurn();
    transport.feed(text('three'));
    await endOfTurn();
    assert.deepEqual(diary.lines, ['open']);
    peer.resume();
    assert.equal(peer.isPaused, false);
    await diary.until('message "three"');
    assert.deepEqual(diary.lines.slice(1), ['message "one"', 'message "two"', 'message "three"']);
  });

  it('hold back the rest of a chunk when a handler pauses in the middle of it', async () => {
    const taken: unknown[] = [];
    const { peer, transport } = await openInMemory(
      new WebSocketServer({
        message(pausing, message) {
          taken.push(message);
          pausing.pause();
        },
      }),
    );
    transport.feed(Buffer.concat([text('one'), text('two'), text('three')]));
    for (const expected of [['one'], ['one', 'two'], ['one', 'two', 'three']]) {
      await until(() => taken.length === expected.length);
      await endOfTurn();
      assert.deepEqual(taken, expected);
      peer.resume();
    }
  });

  it('leave sending alone', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    peer.pause();
    peer.send('Hello');
    await endOfTurn();
    assert.deepEqual(transport.said(), ['text "Hello"']);
  });

  it('may be called in open, and twice', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(
      new WebSocketServer({
        ...diary.handlers,
        open(pausing) {
          pausing.pause();
          pausing.pause();
        },
      }),
    );
    transport.feed(text('one'));
    await endOfTurn();
    assert.deepEqual(diary.lines, []);
    peer.resume();
    peer.resume();
    await diary.until('message "one"');
  });

  it('reach the sender: what it sends stays with it', async (t) => {
    const diary = new ServerDiary();
    const { server, place } = await startServer(t, {
      open: (peer) => peer.pause(),
      message: (_peer, message) => void diary.lines.push(String(message.length)),
    });
    const client = await RawClient.open(place);
    const flood = Array.from({ length: 30 }, () => text('x'.repeat(1_000_000)));
    client.send(...flood);
    const [peer] = server.peers;
    assert.ok(peer);
    await until(() => client.socket.writableLength < 30_000_000);
    await untilStill(() => client.socket.writableLength);
    assert.ok(client.socket.writableLength > 10_000_000);
    assert.deepEqual(diary.lines, []);
    peer.resume();
    await until(() => diary.lines.length === 30);
    assert.equal(client.socket.writableLength, 0);
  });

  it('do not keep a peer that is closing: its Close frame is read, the messages before it are not', async () => {
    const clock = new FakeClock();
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer({ ...diary.handlers, clock }));
    peer.pause();
    transport.feed(text('unwanted'));
    await endOfTurn();
    peer.close(1001);
    transport.feed(text('unwanted'), clientFrame(opcodes.close, closePayload(1001)));
    transport.feedEnd();
    await diary.until('close 1001 ""');
    assert.deepEqual(diary.lines, ['open', 'close 1001 ""']);
  });

  it('deliver on resume what came before a transport that is gone by then', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer(diary.handlers));
    peer.pause();
    transport.feed(text('last words'));
    await endOfTurn();
    transport.destroy();
    await endOfTurn();
    assert.deepEqual(diary.lines, ['open']);
    peer.resume();
    assert.deepEqual(diary.lines, ['open', 'message "last words"', 'close 1006 "" unclean']);
  });
});

/** Lets the loop turn until a number has been the same for a hundred turns. */
async function untilStill(value: () => number): Promise<void> {
  let seen = value();
  for (let same = 0; same < 100; same++) {
    await endOfTurn();
    if (value() === seen) continue;
    seen = value();
    same = 0;
  }
}
