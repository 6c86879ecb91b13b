/** RFC 6455 §5.4: messages that are read while they arrive. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  type IncomingMessage,
  type Peer,
  WebSocketServer,
  type WebSocketServerOptions,
} from '../src/index.ts';
import { clientFrame, closePayload, opcodes, RSV1, readFrames, text } from './frames.ts';
import type { MemoryTransport } from './memory-transport.ts';
import { RawClient } from './raw-client.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { openInMemory, startServer } from './servers.ts';
import { RunningDeflate } from './zlib-streams.ts';

const { binary, close, continuation, ping } = opcodes;

/** A reader whose every step the test asks for. */
interface Reading {
  readonly type: string;
  next(): Promise<string | undefined>;
  leave(): Promise<unknown>;
}

/** A connection in streaming mode: its messages wait in `readings` until the test reads them. */
async function open(options: Partial<WebSocketServerOptions<undefined>> = {}, extensions?: string) {
  const readings: Reading[] = [];
  const diary = new ServerDiary();
  const server = new WebSocketServer<undefined>({
    ...options,
    close: diary.handlers.close,
    error: diary.handlers.error,
    stream: (_peer, message) => void readings.push(read(message)),
  });
  const headers = extensions === undefined ? {} : { 'Sec-WebSocket-Extensions': extensions };
  const { peer, transport } = await openInMemory(server, headers);
  return { peer, transport, readings, diary };
}

function read(message: IncomingMessage): Reading {
  const iterator = message[Symbol.asyncIterator]();
  return {
    type: message.type,
    next: async () => {
      const { value } = await iterator.next();
      return value === undefined
        ? undefined
        : typeof value === 'string'
          ? value
          : Buffer.from(value).toString('hex');
    },
    leave: async () => iterator.return?.(),
  };
}

/** Reads a message to its end. */
async function parts(reading: Reading | undefined): Promise<string[]> {
  const all: string[] = [];
  for (let part = await reading?.next(); part !== undefined; part = await reading?.next()) all.push(part);
  return all;
}

function fragment(opcode: number, payload: string | Uint8Array): Buffer {
  return clientFrame(opcode, payload, false);
}

describe('the stream handler', () => {
  it('hands out a message when it begins, and its parts as they arrive', async () => {
    const { transport, readings } = await open();
    transport.feed(fragment(binary, Buffer.of(1, 2)));
    await until(() => readings.length === 1);
    const [reading] = readings;
    assert.equal(reading?.type, 'binary');
    assert.equal(await reading?.next(), '0102');
    const waiting = reading?.next();
    transport.feed(fragment(continuation, Buffer.of(3)));
    assert.equal(await waiting, '03');
    transport.feed(clientFrame(continuation, Buffer.of(4)));
    assert.deepEqual(reading && (await parts(reading)), ['04']);
  });

  it('hands out the parts of one long frame as they arrive', async () => {
    const { transport, readings } = await open();
    const frame = clientFrame(binary, Buffer.alloc(10, 7));
    transport.feed(frame.subarray(0, 9));
    await until(() => readings.length === 1);
    assert.equal(await readings[0]?.next(), '070707');
    transport.feed(frame.subarray(9));
    assert.deepEqual(await parts(readings[0]), ['07'.repeat(7)]);
  });

  it('hands out text in strings, and never half of a code point', async () => {
    const { transport, readings } = await open();
    const bytes = Buffer.from('a€👋b');
    for (const [at, byte] of bytes.entries()) {
      const payload = Buffer.of(byte);
      transport.feed(at === 0 ? fragment(opcodes.text, payload) : fragment(continuation, payload));
    }
    transport.feed(clientFrame(continuation));
    await until(() => readings.length === 1);
    assert.equal(readings[0]?.type, 'text');
    assert.deepEqual(await parts(readings[0]), ['a', '€', '👋', 'b']);
  });

  it('hands out empty messages, which have no parts', async () => {
    const { transport, readings } = await open();
    transport.feed(text(''), clientFrame(binary), fragment(binary, ''), clientFrame(continuation), text('x'));
    for (const [at, expected] of [[], [], [], ['x']].entries()) {
      await until(() => readings.length === at + 1);
      assert.deepEqual(await parts(readings[at]), expected);
    }
  });

  it('does not read the next message before this one was read to its end', async () => {
    const { peer, transport, readings } = await open();
    transport.feed(text('one'), text('two'));
    await until(() => readings.length === 1);
    for (let turn = 0; turn < 5; turn++) await endOfTurn();
    assert.equal(readings.length, 1);
    assert.equal(peer.isPaused, true);
    assert.deepEqual(await parts(readings[0]), ['one']);
    await until(() => readings.length === 2);
    assert.deepEqual(await parts(readings[1]), ['two']);
  });

  it('skips the rest of a message whose loop is left', async () => {
    const { transport, readings } = await open();
    transport.feed(fragment(binary, Buffer.of(1)), fragment(continuation, Buffer.of(2)));
    await until(() => readings.length === 1);
    assert.equal(await readings[0]?.next(), '01');
    await readings[0]?.leave();
    transport.feed(clientFrame(continuation, Buffer.of(3)), text('next'));
    await until(() => readings.length === 2);
    assert.deepEqual(await parts(readings[1]), ['next']);
    assert.equal(await readings[0]?.next(), undefined);
  });

  it('holds the sender back while nobody reads', async (t: TestContext) => {
    const LENGTH = 64 * 1024 * 1024;
    const readings: Reading[] = [];
    const { place } = await startServer<undefined>(t, {
      stream: (_peer, message) => void readings.push(read(message)),
    });
    const client = await RawClient.open(place);
    const chunk = fragment(continuation, Buffer.alloc(1024 * 1024));
    client.send(fragment(binary, ''));
    for (let sent = 0; sent < LENGTH; sent += 1024 * 1024) client.send(chunk);
    client.send(clientFrame(continuation));
    await until(() => readings.length === 1);
    // What the two kernels take is far less than this; the rest stays with the sender.
    for (let turn = 0; turn < 200; turn++) await endOfTurn();
    assert.ok(client.socket.writableLength > LENGTH / 4);
    const received = (await parts(readings[0])).reduce((sum, part) => sum + part.length / 2, 0);
    assert.equal(received, LENGTH);
  });

  it('hands out a compressed message as one part', async () => {
    const { transport, readings } = await open({ perMessageDeflate: true }, 'permessage-deflate');
    const deflate = new RunningDeflate({ takesOver: false });
    const payload = await deflate.message(Buffer.from('Hello, Hello'));
    transport.feed(fragment(RSV1 | opcodes.text, payload.subarray(0, 3)));
    transport.feed(clientFrame(ping, 'p'), clientFrame(continuation, payload.subarray(3)), text('plain'));
    await until(() => readings.length === 1);
    assert.deepEqual(await parts(readings[0]), ['Hello, Hello']);
    await until(() => readings.length === 2);
    assert.deepEqual(await parts(readings[1]), ['plain']);
  });

  it('takes messages of any length by default, and limits them where it is told to', async () => {
    const long = Buffer.alloc(17 * 1024 * 1024);
    const unlimited = await open();
    unlimited.transport.feed(clientFrame(binary, long));
    await until(() => unlimited.readings.length === 1);
    assert.equal((await parts(unlimited.readings[0])).join('').length, 2 * long.length);
    const limited = await open({ limits: { maxMessageLength: 1000 } });
    limited.transport.feed(fragment(binary, Buffer.alloc(1000)), clientFrame(continuation, Buffer.of(1)));
    await until(() => limited.readings.length === 1);
    await assert.rejects(parts(limited.readings[0]), { code: 'message-too-long' });
  });

  for (const [title, end] of [
    ['is lost', (transport) => transport.destroy()],
    ['is closed', (transport) => transport.feed(clientFrame(close, closePayload(1001)))],
  ] satisfies [string, (transport: MemoryTransport) => void][]) {
    it(`throws a ConnectionEndedError when the connection ${title} inside a message`, async () => {
      const { transport, readings } = await open();
      transport.feed(fragment(binary, Buffer.of(1)));
      await until(() => readings.length === 1);
      end(transport);
      if (!transport.destroyed) transport.feedEnd();
      assert.equal(await readings[0]?.next(), '01');
      await assert.rejects(async () => readings[0]?.next(), { name: 'ConnectionEndedError' });
      assert.equal(await readings[0]?.next(), undefined);
    });
  }

  it('throws what the connection was failed for, after the parts that came before', async () => {
    const { transport, readings, diary } = await open();
    transport.feed(fragment(opcodes.text, 'ok'), fragment(continuation, Buffer.of(0xff)));
    await until(() => readings.length === 1);
    assert.equal(await readings[0]?.next(), 'ok');
    await assert.rejects(async () => readings[0]?.next(), { code: 'invalid-utf8' });
    assert.ok(diary.lines.includes('error invalid-utf8'));
  });

  it('fails the connection with 1011 when it throws or rejects', async () => {
    for (const stream of [
      () => {
        throw new Error('thrown');
      },
      async (_peer: Peer, message: IncomingMessage) => {
        for await (const _ of message) throw new Error('rejected');
      },
    ]) {
      const diary = new ServerDiary();
      const { transport } = await openInMemory(new WebSocketServer<undefined>({ ...diary.handlers, stream }));
      transport.feed(text('Hello'));
      await diary.until('error unexpected-condition');
      await endOfTurn();
      assert.deepEqual(transport.said(), ['close 1011 "unexpected-condition"']);
    }
  });

  it('keeps nothing of what comes while the connection is closing and nobody reads', async () => {
    const { peer, transport, readings } = await open();
    transport.feed(fragment(binary, Buffer.of(1)));
    await until(() => readings.length === 1);
    peer.close();
    transport.feed(
      fragment(continuation, Buffer.of(2)),
      clientFrame(continuation, Buffer.of(3)),
      text('next'),
    );
    await endOfTurn();
    assert.equal(readings.length, 1);
    assert.equal(await readings[0]?.next(), '01');
    await assert.rejects(async () => readings[0]?.next(), { code: 'connection-ended' });
    assert.equal(await readings[0]?.next(), undefined);
  });

  it('still hands out what comes while the connection is closing and somebody reads', async () => {
    const { peer, transport, readings } = await open();
    peer.close();
    transport.feed(text('one'));
    await until(() => readings.length === 1);
    assert.deepEqual(await parts(readings[0]), ['one']);
    transport.feed(text('two'));
    await until(() => readings.length === 2);
    assert.deepEqual(await parts(readings[1]), ['two']);
  });

  it('echoes by sendStream, text as text', async () => {
    const server = new WebSocketServer<undefined>({
      stream: (peer, message) => peer.sendStream(message, { type: message.type }),
    });
    const { transport } = await openInMemory(server);
    transport.feed(
      fragment(opcodes.text, 'He'),
      clientFrame(continuation, 'llo'),
      clientFrame(binary, Buffer.of(1)),
    );
    await until(() => readFrames(Buffer.concat(transport.writes)).filter(({ fin }) => fin).length === 2);
    const said = transport.said();
    assert.deepEqual(said.slice(0, 2), ['text "He"', 'continuation "llo"']);
    assert.equal(said.at(-2), 'binary 01');
  });
});
