/** How frames leave: all of one turn in one write, large payloads by reference, nothing while the transport is stuck. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PreparedMessage, WebSocketServer } from '../src/index.ts';
import { clientFrame, opcodes, text } from './frames.ts';
import { endOfTurn, until } from './server-diary.ts';
import { openInMemory } from './servers.ts';

describe('the writes of a peer', () => {
  it('are one for all that is sent in a turn, whatever the size', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    for (let i = 0; i < 1000; i++) peer.send(`message ${i}`);
    peer.send(Buffer.alloc(100_000));
    peer.ping();
    peer.send(new PreparedMessage('prepared'));
    assert.equal(transport.writes.length, 0);
    await endOfTurn();
    assert.equal(transport.writes.length, 1);
    assert.equal(transport.said().length, 1003);
  });

  it('are one for the answers to all that came in one chunk', async () => {
    const echo = new WebSocketServer({ message: (peer, message) => void peer.send(message) });
    const { transport } = await openInMemory(echo);
    transport.feed(Buffer.concat([text('one'), clientFrame(opcodes.ping, 'p'), text('two'), text('three')]));
    await until(() => transport.writes.length > 0);
    assert.equal(transport.writes.length, 1);
    assert.deepEqual(transport.said(), ['text "one"', 'pong "p"', 'text "two"', 'text "three"']);
  });

  it('are one for each peer when many are sent to in turn', async () => {
    const server = new WebSocketServer({});
    const opened = [await openInMemory(server), await openInMemory(server), await openInMemory(server)];
    for (let i = 0; i < 10; i++) for (const { peer } of opened) peer.send(`message ${i}`);
    await endOfTurn();
    for (const { transport } of opened) {
      assert.equal(transport.writes.length, 1);
      assert.deepEqual(
        transport.said(),
        Array.from({ length: 10 }, (_, i) => `text "message ${i}"`),
      );
    }
  });

  it('hand small frames over as one chunk', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    for (let i = 0; i < 100; i++) peer.send(`message ${i}`);
    await endOfTurn();
    assert.equal(transport.chunks.length, 1);
  });

  it('hand large payloads over by reference', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    const payload = Buffer.alloc(100_000, 'x');
    peer.send('before');
    peer.send(payload);
    peer.send('after');
    await endOfTurn();
    const [, chunk] = transport.chunks;
    assert.equal(transport.chunks.length, 3);
    assert.equal(chunk?.buffer, payload.buffer);
    assert.equal(chunk?.byteOffset, payload.byteOffset);
  });

  it('hand a large prepared message to every peer by reference', async () => {
    const server = new WebSocketServer({});
    const opened = [await openInMemory(server), await openInMemory(server)];
    const message = new PreparedMessage(Buffer.alloc(100_000, 'x'));
    for (const { peer } of opened) peer.send(message);
    await endOfTurn();
    const buffers = opened.map(({ transport }) => transport.chunks.at(-1)?.buffer);
    assert.notEqual(buffers[0], undefined);
    assert.equal(buffers[0], buffers[1]);
  });

  it('wait while the transport is stuck, and are then one again', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    transport.hold();
    peer.send(Buffer.alloc(100_000));
    await endOfTurn();
    assert.equal(transport.writes.length, 1);
    for (let i = 0; i < 10; i++) {
      peer.send(`message ${i}`);
      await endOfTurn();
    }
    assert.equal(transport.writes.length, 1);
    transport.release();
    await until(() => peer.bufferedAmount === 0);
    assert.equal(transport.writes.length, 2);
    assert.equal(transport.said().length, 11);
  });

  it('answer only the latest of the Pings that came while the transport was stuck (§5.5.3)', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    transport.hold();
    peer.send(Buffer.alloc(100_000));
    await endOfTurn();
    for (let i = 0; i < 1000; i++) transport.feed(clientFrame(opcodes.ping, String(i)));
    await until(() => transport.readableLength === 0);
    assert.ok(peer.bufferedAmount < 101_000);
    transport.release();
    await until(() => transport.writes.length === 2);
    assert.deepEqual(transport.said().slice(1), ['pong "999"']);
  });
});
