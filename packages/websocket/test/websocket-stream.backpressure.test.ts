/** WebSocketStream: messages, and backpressure both ways. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocketStream } from '../src/index.ts';
import { closePayload, opcodes, serverFrame } from './frames.ts';
import { endOfTurn, until } from './server-diary.ts';
import { startServer } from './servers.ts';
import { openStream, rejectsWith } from './stream-client.ts';

/** Lets everything happen that can happen by itself. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await endOfTurn();
}

describe('WebSocketStream readable', () => {
  it('gives text as strings and bytes in memory of their own', async () => {
    const { transport, readable } = await openStream();
    transport.feed(serverFrame(opcodes.text, '\ufeffü'), serverFrame(opcodes.binary, Uint8Array.of(1, 2)));
    const reader = readable.getReader();
    assert.equal((await reader.read()).value, '\ufeffü');
    const { value } = await reader.read();
    assert.ok(value instanceof Uint8Array && Object.getPrototypeOf(value) === Uint8Array.prototype);
    assert.deepEqual([value.byteOffset, value.buffer.byteLength, ...value], [0, 2, 1, 2]);
  });

  it('is read no faster than its reader reads', async () => {
    const { stream, transport, readable } = await openStream();
    for (const text of ['1', '2', '3', '4']) transport.feed(serverFrame(opcodes.text, text));
    transport.feed(serverFrame(opcodes.ping, 'seen'));
    await settle();
    // One message waits in the readable; the Ping, which is behind the others, has not been seen.
    assert.deepEqual(transport.said(), []);
    assert.ok(transport.isPaused());
    const reader = readable.getReader();
    for (const text of ['1', '2', '3']) assert.equal((await reader.read()).value, text);
    await settle();
    assert.deepEqual(transport.said(), []);
    assert.equal((await reader.read()).value, '4');
    await until(() => transport.writes.length > 0);
    assert.deepEqual(transport.said(), ['pong "seen"']);
    stream.close();
  });

  it('answers reads that were asked for before', async () => {
    const { transport, readable } = await openStream();
    const reader = readable.getReader();
    const reads = [reader.read(), reader.read(), reader.read()];
    transport.feed(...['1', '2', '3'].map((text) => serverFrame(opcodes.text, text)));
    assert.deepEqual(
      (await Promise.all(reads)).map(({ value }) => value),
      ['1', '2', '3'],
    );
  });

  it('does not keep close() from its answer, though nobody reads', async () => {
    const { stream, transport } = await openStream();
    for (const text of ['1', '2', '3']) transport.feed(serverFrame(opcodes.text, text));
    await settle();
    stream.close({ closeCode: 1000 });
    transport.feed(serverFrame(opcodes.close, closePayload(1000)));
    transport.feedEnd();
    assert.deepEqual(await stream.closed, { closeCode: 1000, reason: '' });
  });

  it('holds back a server on a real socket', async (t) => {
    const message = new Uint8Array(1024 * 1024);
    const received: string[] = [];
    const { place } = await startServer(t, {
      limits: { maxBufferedOutput: 64 * message.length, maxHeldBytes: 128 * message.length },
      open: (peer) => {
        for (let i = 0; i < 32; i++) peer.send(message);
      },
      drain: () => void received.push('drained'),
    });
    const stream = new WebSocketStream(`ws://${place.host}:${place.port}/`);
    const { readable } = await stream.opened;
    await settle();
    assert.deepEqual(received, []);
    let count = 0;
    for await (const each of readable) {
      assert.equal(each.length, message.length);
      count += 1;
      if (count === 32) break;
    }
    await until(() => received.length > 0);
    assert.deepEqual(await stream.closed, { closeCode: 1005, reason: '' });
  });
});

describe('WebSocketStream writable', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const cases: Record<string, [chunk: unknown, frame: string]> = {
    text: ['Hello ☃', 'text "Hello ☃"'],
    'no text': ['', 'text ""'],
    bytes: [bytes, 'binary 01020304'],
    'an ArrayBuffer': [bytes.slice().buffer, 'binary 01020304'],
    'a part of a buffer': [new DataView(bytes.buffer, 1, 2), 'binary 0203'],
    'lone surrogates as U+FFFD': ['a\ud800', 'text "a\ufffd"'],
    'a number as a string': [12.5, 'text "12.5"'],
    'a Blob as a string': [new Blob(['a']), 'text "[object Blob]"'],
    'undefined as a string': [undefined, 'text "undefined"'],
  };
  for (const [title, [chunk, frame]] of Object.entries(cases)) {
    it(`sends ${title}`, async () => {
      const { transport, writable } = await openStream();
      const writer = writable.getWriter();
      await Reflect.apply(writer.write, writer, [chunk]);
      await endOfTurn();
      assert.deepEqual(transport.said(), [frame]);
    });
  }

  it('refuses shared memory, resizable memory and symbols', async () => {
    const resizable: unknown = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]);
    for (const chunk of [new SharedArrayBuffer(4), resizable, Symbol('a')]) {
      const { writable } = await openStream();
      const writer = writable.getWriter();
      await assert.rejects(Reflect.apply(writer.write, writer, [chunk]), TypeError);
    }
  });

  it('is ready while there is room, and not before the server takes more', async () => {
    const { transport, writable } = await openStream();
    transport.hold();
    const writer = writable.getWriter();
    const done: number[] = [];
    const write = async (length: number): Promise<void> => {
      await writer.write(new Uint8Array(length));
      done.push(length);
    };
    const writes = [write(1000), write(1_000_000), write(10)];
    await settle();
    assert.deepEqual(done, [1000]);
    transport.release();
    await Promise.all(writes);
    assert.deepEqual(done, [1000, 1_000_000, 10]);
  });

  it('holds less than maxBufferedOutput, however small', async () => {
    const { transport, writable } = await openStream({ limits: { maxBufferedOutput: 1000 } });
    transport.hold();
    const writer = writable.getWriter();
    const writes = Array.from({ length: 20 }, () => writer.write(new Uint8Array(200)));
    await settle();
    transport.release();
    await Promise.all(writes);
    await endOfTurn();
    assert.equal(transport.said().length, 20);
  });

  it('fails a write that was not taken when the connection is lost', async () => {
    const { stream, transport, writable } = await openStream();
    transport.hold();
    const writing = writable.getWriter().write(new Uint8Array(1_000_000));
    await settle();
    transport.destroy();
    const error = await rejectsWith(stream.closed, 1006);
    await assert.rejects(writing, error);
  });
});
