/** WebSocketStream: messages that are sent from a source, and messages that are read while they arrive. */
import assert from 'node:assert/strict';
import { ReadableStream } from 'node:stream/web';
import { describe, it } from 'node:test';
import { type IncomingMessage, type MessageSource, OutgoingMessage, WebSocketStream } from '../src/index.ts';
import { closePayload, opcodes, readFrames, serverFrame, tellFrame } from './frames.ts';
import type { MemoryTransport } from './memory-transport.ts';
import { endOfTurn, until } from './server-diary.ts';
import { startServer } from './servers.ts';
import { openStream, rejectsWith } from './stream-client.ts';

const { binary, continuation, ping, text } = opcodes;

/** Lets everything happen that can happen by itself. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await endOfTurn();
}

async function* chunks(
  ...all: readonly (string | Uint8Array | Error)[]
): AsyncGenerator<string | Uint8Array> {
  for (const chunk of all) {
    if (chunk instanceof Error) throw chunk;
    yield chunk;
  }
}

/** A source without an end, which counts what was taken from it. */
function endless(length: number) {
  const state = { taken: 0, isLeft: false };
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (; ; state.taken++) yield new Uint8Array(length);
    } finally {
      state.isLeft = true;
    }
  }
  return { state, source: source() };
}

/** What was written, a full stop behind the last frame of each message. */
function saidInFrames(transport: MemoryTransport): string[] {
  const frames = readFrames(Buffer.concat(transport.writes.splice(0)));
  return frames.map((frame) => `${tellFrame(frame)}${frame.fin ? '.' : ''}`);
}

/** The next message of a stream in streaming mode. */
async function nextMessage(reader: { read(): Promise<{ value?: IncomingMessage | undefined }> }) {
  const { value } = await reader.read();
  assert.ok(value !== undefined, 'Expected a message, received the end');
  return value;
}

async function parts(message: IncomingMessage): Promise<(string | Uint8Array)[]> {
  const all: (string | Uint8Array)[] = [];
  for await (const part of message) all.push(part);
  return all;
}

describe('an OutgoingMessage', () => {
  const asText = { type: 'text' } as const;
  const cases: [title: string, message: OutgoingMessage, frames: string[]][] = [
    [
      'an async iterable',
      new OutgoingMessage(chunks('a', Uint8Array.of(98))),
      ['binary 61', 'continuation "b"', 'continuation "".'],
    ],
    [
      'a ReadableStream as text',
      new OutgoingMessage(ReadableStream.from(['He', 'llo']), asText),
      ['text "He"', 'continuation "llo"', 'continuation "".'],
    ],
    ['a Blob', new OutgoingMessage(new Blob(['ab', 'c'])), ['binary 616263.']],
    ['a Blob as text', new OutgoingMessage(new Blob(['ab', 'c']), asText), ['text "abc".']],
    ['nothing', new OutgoingMessage(chunks(), asText), ['text "".']],
  ];
  for (const [title, message, frames] of cases) {
    it(`sends ${title} as one message`, async () => {
      const { transport, writable } = await openStream();
      await writable.getWriter().write(message);
      await endOfTurn();
      assert.deepEqual(saidInFrames(transport), frames);
    });
  }

  it('can only be made of a source', () => {
    for (const source of ['text', new Uint8Array(1), {}, null, undefined]) {
      assert.throws(() => Reflect.construct(OutgoingMessage, [source]), TypeError);
    }
  });

  it('is taken from its source no faster than the server takes it', async () => {
    const { stream, transport, writable } = await openStream();
    transport.hold();
    const { state, source } = endless(64 * 1024);
    writable
      .getWriter()
      .write(new OutgoingMessage(source))
      .catch(() => undefined);
    await settle();
    const { taken } = state;
    assert.ok(taken > 0 && taken < 10, `${taken} chunks taken`);
    await settle();
    assert.equal(state.taken, taken);
    transport.release();
    await until(() => state.taken > taken);
    transport.destroy();
    await rejectsWith(stream.closed, 1006);
    await until(() => state.isLeft);
  });

  it('is complete before the next message and before the Close frame', async () => {
    const { transport, writable } = await openStream();
    const writer = writable.getWriter();
    const writes = [writer.write(new OutgoingMessage(new Blob(['a']))), writer.write('b')];
    writer.close().catch(() => undefined);
    await Promise.all(writes);
    await settle();
    assert.deepEqual(transport.said(), ['binary 61', 'text "b"', 'close ""']);
  });

  it('fails the connection if its source throws, and the write with what was thrown', async () => {
    const { stream, transport, writable } = await openStream();
    const thrown = new Error('disk full');
    const writing = writable.getWriter().write(new OutgoingMessage(chunks('a', thrown)));
    await assert.rejects(writing, thrown);
    await settle();
    assert.deepEqual(saidInFrames(transport), ['binary 61', 'close 1011 "unexpected-condition".']);
    transport.feedEnd();
    const { cause } = await rejectsWith(stream.closed, 1006);
    assert.ok(cause instanceof Error && cause.cause === thrown);
  });

  it('is cut short when the writable is aborted, though its source has nothing', async () => {
    const { stream, transport, writable } = await openStream();
    const silent: MessageSource = new ReadableStream<string>();
    const writer = writable.getWriter();
    const writing = writer.write(new OutgoingMessage(silent));
    const outcome = assert.rejects(writing, { name: 'InvalidStateError' });
    await settle();
    writer.abort().catch(() => undefined);
    await endOfTurn();
    assert.deepEqual(transport.said(), ['close ""']);
    transport.feed(serverFrame(opcodes.close));
    transport.feedEnd();
    await stream.closed;
    await outcome;
  });

  it('ends with the connection', async () => {
    const { stream, transport, writable } = await openStream();
    const writing = writable.getWriter().write(new OutgoingMessage(new ReadableStream<string>()));
    const outcome = assert.rejects(writing, { name: 'WebSocketError' });
    await settle();
    transport.destroy();
    await rejectsWith(stream.closed, 1006);
    await outcome;
  });
});

describe('WebSocketStream in streaming mode', () => {
  const streaming = { streaming: true } as const;

  it('gives a message when it begins, and its parts as they arrive', async () => {
    const { transport, readable } = await openStream(streaming);
    const reader = readable.getReader();
    transport.feed(serverFrame(text, Buffer.from('a€').subarray(0, 2), false));
    const message = await nextMessage(reader);
    assert.equal(message.type, 'text');
    const iterator = message[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).value, 'a');
    const next = iterator.next();
    transport.feed(serverFrame(continuation, Buffer.from('€').subarray(1)));
    assert.equal((await next).value, '€');
    assert.equal((await iterator.next()).done, true);
  });

  it('holds the server back while nobody asks for the next part', async () => {
    const { transport, readable } = await openStream(streaming);
    const reader = readable.getReader();
    transport.feed(serverFrame(binary, Uint8Array.of(1), false), serverFrame(ping, 'seen'));
    transport.feed(serverFrame(continuation, Uint8Array.of(2)));
    const message = await nextMessage(reader);
    await settle();
    assert.deepEqual(transport.said(), []);
    assert.ok(transport.isPaused());
    assert.deepEqual(Buffer.concat((await parts(message)).map((part) => Buffer.from(part))), Buffer.of(1, 2));
    await settle();
    assert.deepEqual(transport.said(), ['pong "seen"']);
  });

  it('gives the next message once the one before it has been read', async () => {
    const { transport, readable } = await openStream(streaming);
    const reader = readable.getReader();
    for (const each of ['1', '2', '3']) transport.feed(serverFrame(text, each));
    transport.feed(serverFrame(text, ''), serverFrame(ping, 'seen'));
    const first = await nextMessage(reader);
    const reading = nextMessage(reader);
    assert.equal(await Promise.race([reading, settle()]), undefined);
    assert.deepEqual(await parts(first), ['1']);
    assert.deepEqual(await parts(await reading), ['2']);
    assert.deepEqual(await parts(await nextMessage(reader)), ['3']);
    await settle();
    assert.deepEqual(transport.said(), []);
    assert.deepEqual(await parts(await nextMessage(reader)), []);
    await settle();
    assert.deepEqual(transport.said(), ['pong "seen"']);
  });

  it('skips the rest of a message whose loop was left', async () => {
    const { transport, readable } = await openStream(streaming);
    const reader = readable.getReader();
    for (const [at, each] of ['1', '2', '3'].entries()) {
      transport.feed(serverFrame(at === 0 ? text : continuation, each, at === 2));
    }
    transport.feed(serverFrame(text, 'next'));
    for await (const part of await nextMessage(reader)) {
      assert.equal(part, '1');
      break;
    }
    assert.deepEqual(await parts(await nextMessage(reader)), ['next']);
  });

  it('ends a message that the connection ends in, as the streams end', async () => {
    const { stream, transport, readable } = await openStream(streaming);
    const reader = readable.getReader();
    transport.feed(serverFrame(text, '1', false));
    const reading = parts(await nextMessage(reader));
    const outcome = assert.rejects(reading, { name: 'WebSocketError', closeCode: 1006 });
    transport.feedEnd();
    await rejectsWith(stream.closed, 1006);
    await outcome;
  });

  it('ends a message that the server closes in', async () => {
    const { stream, transport, readable } = await openStream(streaming);
    const reader = readable.getReader();
    transport.feed(serverFrame(text, '1', false));
    const outcome = assert.rejects(parts(await nextMessage(reader)), { code: 'connection-ended' });
    transport.feed(serverFrame(opcodes.close, closePayload(1000)));
    transport.feedEnd();
    assert.deepEqual(await stream.closed, { closeCode: 1000, reason: '' });
    await outcome;
    assert.equal((await reader.read()).done, true);
  });

  it('does not keep close() from its answer, though nobody reads', async () => {
    const { stream, transport } = await openStream(streaming);
    transport.feed(serverFrame(text, '1', false), serverFrame(continuation, '2'), serverFrame(text, '3'));
    await settle();
    stream.close({ closeCode: 1000 });
    transport.feed(serverFrame(opcodes.close, closePayload(1000)));
    transport.feedEnd();
    assert.deepEqual(await stream.closed, { closeCode: 1000, reason: '' });
  });

  it('obeys limits that were given', async () => {
    const { stream, transport, readable } = await openStream({
      ...streaming,
      limits: { maxMessageLength: 3 },
    });
    const outcome = assert.rejects(
      parts(await readOne(readable, () => transport.feed(serverFrame(text, '12', false)))),
    );
    transport.feed(serverFrame(continuation, '34'));
    await settle();
    assert.match(transport.said().join(), /^close 1009/);
    transport.feedEnd();
    await assert.rejects(stream.closed);
    await outcome;
  });

  it('passes a message on that is longer than any limit, through a server and back', async (t) => {
    const { place } = await startServer(t, {
      stream: (peer, message) => peer.sendStream(message, { type: message.type }),
    });
    const limits = { maxBufferedOutput: 1024 * 1024, maxHeldBytes: 2 * 1024 * 1024 };
    const stream = new WebSocketStream(`ws://${place.host}:${place.port}/`, { ...streaming, limits });
    const { readable, writable } = await stream.opened;
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const written = writable
      .getWriter()
      .write(new OutgoingMessage(chunks(...Array.from({ length: 48 }, () => chunk))));
    let length = 0;
    for await (const part of await nextMessage(readable.getReader())) length += part.length;
    await written;
    assert.equal(length, 48 * chunk.length);
    stream.close();
    await stream.closed;
  });
});

async function readOne(
  readable: ReadableStream<IncomingMessage>,
  feed: () => void,
): Promise<IncomingMessage> {
  const reading = nextMessage(readable.getReader());
  feed();
  return reading;
}
