/** RFC 6455 §5.4: messages that a peer sends from a stream, no faster than its client takes them. */
import assert from 'node:assert/strict';
import { ReadableStream } from 'node:stream/web';
import { describe, it } from 'node:test';
import {
  Budget,
  type MessageSource,
  PreparedMessage,
  type StreamOptions,
  WebSocketServer,
} from '../src/index.ts';
import { clientFrame, closePayload, opcodes, readFrames } from './frames.ts';
import type { MemoryTransport } from './memory-transport.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { openInMemory } from './servers.ts';
import { RunningInflate } from './zlib-streams.ts';

const KiB = 1024;

async function* iterate(chunks: Iterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  yield* chunks;
}

/** Yields a chunk whenever the test gives one. */
class ManualSource implements AsyncIterable<string> {
  isReleased = false;
  #give: ((chunk: string | undefined) => void) | undefined;

  /** Gives a chunk, or the end, when it is asked for. */
  async give(chunk: string | undefined): Promise<void> {
    await until(() => this.#give !== undefined);
    const give = this.#give;
    this.#give = undefined;
    give?.(chunk);
    await endOfTurn();
    await endOfTurn();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    try {
      for (;;) {
        const chunk = await new Promise<string | undefined>((resolve) => {
          this.#give = resolve;
        });
        if (chunk === undefined) return;
        yield chunk;
      }
    } finally {
      this.isReleased = true;
    }
  }
}

/** The one message that was written in fragments: its kind, and its payload. */
function message(transport: MemoryTransport): { opcode: number | undefined; payload: Buffer } {
  const frames = readFrames(Buffer.concat(transport.writes.splice(0)));
  const expected = frames.map((_, i) => ({ isFirst: i === 0, isLast: i === frames.length - 1 }));
  const actual = frames.map(({ opcode, fin }) => ({ isFirst: opcode !== opcodes.continuation, isLast: fin }));
  assert.deepEqual(actual, expected);
  return { opcode: frames[0]?.opcode, payload: Buffer.concat(frames.map(({ payload }) => payload)) };
}

describe('peer.sendStream()', () => {
  const text = { type: 'text' } as const;
  for (const [title, source, options, opcode, payload] of [
    ['a ReadableStream', ReadableStream.from(['He', 'llo']), text, opcodes.text, 'Hello'],
    ['a ReadableStream of bytes', new Blob(['Hello']).stream(), {}, opcodes.binary, 'Hello'],
    ['an async iterable', iterate(['He', 'llo']), {}, opcodes.binary, 'Hello'],
    [
      'bytes as text',
      iterate([Buffer.from('Gr\u00fc'), Buffer.from('\u00dfe')]),
      text,
      opcodes.text,
      'Grüße',
    ],
    ['a Blob', new Blob(['x'.repeat(600 * KiB)]), {}, opcodes.binary, 'x'.repeat(600 * KiB)],
    ['what is empty', iterate([]), text, opcodes.text, ''],
    ['a surrogate pair in two parts', iterate(['a\ud83d', '\ude00', 'b']), text, opcodes.text, 'a😀b'],
    ['a lone surrogate, as the replacement character', iterate(['a\ud83d']), text, opcodes.text, 'a\ufffd'],
  ] satisfies [string, MessageSource, StreamOptions, number, string][]) {
    it(`sends ${title} as one message`, async () => {
      const { peer, transport } = await openInMemory(new WebSocketServer({}));
      await peer.sendStream(source, options);
      await endOfTurn();
      const sent = message(transport);
      assert.equal(sent.opcode, opcode);
      assert.ok(sent.payload.equals(Buffer.from(payload)));
    });
  }

  it('compresses if it is told to: one stream over all fragments', async () => {
    const server = new WebSocketServer({ perMessageDeflate: { serverContextTakeover: true } });
    const headers = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
    const { peer, transport } = await openInMemory(server, headers);
    await peer.sendStream(iterate(['Hello, ', 'Hello, ', 'Hello']), { type: 'text', compress: true });
    await peer.sendStream(iterate(['Hello']), { type: 'text' });
    await endOfTurn();
    const frames = readFrames(Buffer.concat(transport.writes));
    assert.deepEqual(
      frames.map(({ rsv1 }) => rsv1),
      [true, false, false, false, false, false],
    );
    const compressed = Buffer.concat(frames.slice(0, 4).map(({ payload }) => payload));
    assert.equal((await new RunningInflate({}).message(compressed)).toString(), 'Hello, Hello, Hello');
  });

  it('takes no more from its source than the client has taken, and goes on when it does', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({ highWaterMark: 64 * KiB }));
    let taken = 0;
    const source = iterate(
      (function* () {
        for (; taken < 100; taken++) yield Buffer.alloc(32 * KiB, taken);
      })(),
    );
    transport.hold();
    const sent = peer.sendStream(source);
    for (let turn = 0; turn < 20; turn++) await endOfTurn();
    assert.ok(taken <= 5, `took ${taken} chunks`);
    assert.ok(peer.bufferedAmount <= 4 * 32 * KiB);
    transport.release();
    await sent;
    await until(() => peer.bufferedAmount === 0);
    assert.equal(message(transport).payload.length, 100 * 32 * KiB);
  });

  it('goes on when the client takes what was written while the source had nothing', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({ highWaterMark: KiB }));
    const source = new ManualSource();
    const sent = peer.sendStream(source);
    transport.hold();
    await source.give('a'.repeat(100 * KiB));
    await source.give('b'.repeat(100 * KiB));
    assert.ok(peer.bufferedAmount < 101 * KiB);
    transport.release();
    await source.give(undefined);
    await sent;
    await endOfTurn();
    assert.equal(message(transport).payload.length, 200 * KiB);
  });

  it('lets control frames through between the fragments, but no message', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    const source = new ManualSource();
    const sent = peer.sendStream(source, { type: 'text' });
    await source.give('He');
    peer.ping(Buffer.from('p'));
    peer.send('message');
    transport.feed(clientFrame(opcodes.ping, 'q'));
    await source.give('llo');
    await source.give(undefined);
    await sent;
    await endOfTurn();
    const said = transport.said();
    const pong = said.indexOf('pong "q"');
    assert.ok(pong > 0 && pong < said.length - 1);
    assert.deepEqual(said.toSpliced(pong, 1), [
      'text "He"',
      'ping "p"',
      'continuation "llo"',
      'continuation ""',
      'text "message"',
    ]);
  });

  it('has all that is sent meanwhile wait in its order, and counts it', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    const source = new ManualSource();
    const streams = [peer.sendStream(source, { type: 'text' })];
    peer.send('one');
    peer.send(new PreparedMessage('two'));
    streams.push(peer.sendStream(iterate(['th', 'ree']), { type: 'text' }));
    streams.push(peer.sendStream(iterate(['four']), { type: 'text' }));
    peer.send(Buffer.from('five'));
    const headers = 3 * 2;
    assert.equal(peer.bufferedAmount, headers + 'one'.length + 'two'.length + 'five'.length);
    await source.give('zero');
    await source.give(undefined);
    await Promise.all(streams);
    await endOfTurn();
    assert.equal(peer.bufferedAmount, 0);
    assert.deepEqual(transport.said(), [
      ...['text "zero"', 'continuation ""', 'text "one"', 'text "two"'],
      ...['text "th"', 'continuation "ree"', 'continuation ""', 'text "four"', 'continuation ""'],
      `binary ${Buffer.from('five').toString('hex')}`,
    ]);
  });

  it('fails the connection when too much waits behind it', async () => {
    const diary = new ServerDiary();
    const limits = { maxBufferedOutput: 1000 };
    const { peer, transport } = await openInMemory(new WebSocketServer({ ...diary.handlers, limits }));
    const sent = peer.sendStream(new ManualSource());
    peer.send('x'.repeat(996));
    assert.equal(peer.isOpen, true);
    peer.send('');
    await endOfTurn();
    assert.deepEqual(transport.said(), ['close 1008 "too-much-buffered-output"']);
    transport.feedEnd();
    await assert.rejects(sent, { code: 'connection-ended' });
    assert.deepEqual(diary.lines.slice(0, 2), ['open', 'error too-much-buffered-output']);
  });

  it('waits behind a stream at little more than its own length, however small it is', async () => {
    const budget = new Budget();
    const { peer } = await openInMemory(new WebSocketServer({ budget }));
    const source = new ManualSource();
    const sent = peer.sendStream(source);
    await source.give('begun');
    await endOfTurn();
    const usedBefore = budget.used;
    for (let i = 0; i < 100_000; i++) peer.send('');
    assert.equal(peer.bufferedAmount, 2 * 100_000);
    assert.ok(budget.used - usedBefore < 3 * 2 * 100_000);
    peer.terminate();
    await assert.rejects(sent, { code: 'connection-ended' });
    await until(() => budget.used === 0);
  });

  it('calls drain when nothing waits any more, and only after a send() that returned false', async () => {
    const diary = new ServerDiary();
    const server = new WebSocketServer({ ...diary.handlers, highWaterMark: 1000 });
    const { peer } = await openInMemory(server);
    await peer.sendStream(iterate(['x'.repeat(2000), 'y'.repeat(2000)]));
    await endOfTurn();
    assert.deepEqual(diary.lines, ['open']);
    const source = new ManualSource();
    const sent = peer.sendStream(source);
    assert.equal(peer.send('x'.repeat(2000)), false);
    await source.give('y'.repeat(2000));
    assert.deepEqual(diary.lines, ['open']);
    await source.give(undefined);
    await sent;
    await diary.until('drain');
    assert.equal(peer.bufferedAmount, 0);
    assert.deepEqual(diary.lines, ['open', 'drain']);
  });

  it('fails the connection with 1011 when its source throws, and rejects with that', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer({ ...diary.handlers }));
    const broken = new Error('the disk is gone');
    const source = ReadableStream.from(
      (async function* () {
        yield 'Hel';
        throw broken;
      })(),
    );
    const sent = peer.sendStream(source, { type: 'text' });
    const next = peer.sendStream(iterate(['next']));
    await assert.rejects(sent, broken);
    await assert.rejects(next, { code: 'connection-ended' });
    await endOfTurn();
    assert.deepEqual(transport.said(), ['text "Hel"', 'close 1011 "unexpected-condition"']);
    assert.equal(diary.errors[0]?.cause, broken);
  });

  it('fails the connection when its source gives what is neither text nor bytes', async () => {
    const { peer } = await openInMemory(new WebSocketServer({}));
    const source: MessageSource = JSON.parse('{}');
    await assert.rejects(peer.sendStream(source), TypeError);
    const { peer: other } = await openInMemory(new WebSocketServer({}));
    await assert.rejects(other.sendStream(iterate(JSON.parse('[1]'))), TypeError);
    assert.deepEqual([peer.isOpen, other.isOpen], [false, false]);
  });

  for (const [title, end] of [
    ['is lost', (transport) => transport.destroy()],
    [
      'is closed by the client',
      (transport) => transport.feed(clientFrame(opcodes.close, closePayload(1000))),
    ],
  ] satisfies [string, (transport: MemoryTransport) => void][]) {
    it(`rejects when the connection ${title}, and lets the source go`, async () => {
      const { peer, transport } = await openInMemory(new WebSocketServer({}));
      const source = new ManualSource();
      const waiting = peer.sendStream(source);
      const behind = peer.sendStream(iterate(['behind']));
      await source.give('a');
      end(transport);
      if (!transport.destroyed) transport.feedEnd();
      // The source has nothing at present, and may not have for ever.
      await assert.rejects(waiting, { name: 'ConnectionEndedError' });
      await assert.rejects(behind, { name: 'ConnectionEndedError' });
      await source.give('b');
      assert.equal(source.isReleased, true);
      await assert.rejects(peer.sendStream(iterate(['late'])), { name: 'ConnectionEndedError' });
    });
  }

  it('rejects when the connection ends while it waits for room', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({ highWaterMark: 1000 }));
    transport.hold();
    const sent = peer.sendStream(iterate([Buffer.alloc(100 * KiB), Buffer.alloc(100 * KiB)]));
    await endOfTurn();
    peer.terminate();
    await assert.rejects(sent, { code: 'connection-ended' });
  });
});
