/** WebSockets Standard §3.1: send() and bufferedAmount. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, open, throwsDomException, untilLine } from './client.ts';
import { readFrames } from './frames.ts';
import { endOfTurn, until } from './server-diary.ts';

/** A Blob whose bytes come when the test says so. */
class SlowBlob extends Blob {
  #finish: (error?: Error) => void = () => undefined;
  readonly #finished = new Promise<void>((resolve, reject) => {
    this.#finish = (error) => (error ? reject(error) : resolve());
  });

  override slice(start?: number, end?: number): Blob {
    const part = super.slice(start, end);
    const bytes = part.arrayBuffer();
    part.arrayBuffer = () => this.#finished.then(() => bytes);
    return part;
  }

  finish(error?: Error): void {
    this.#finish(error);
  }
}

describe('§3.1 send()', () => {
  it('throws InvalidStateError while connecting', () => {
    const { socket } = connect();
    throwsDomException(() => socket.send('a'), 'InvalidStateError');
    assert.equal(socket.bufferedAmount, 0);
    socket.close();
  });

  it('wants an argument', async () => {
    const { socket } = await open();
    assert.throws(() => Reflect.apply(socket.send, socket, []), TypeError);
  });

  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const cases: Record<string, [data: unknown, frame: string]> = {
    'text as text': ['Hello ☃', 'text "Hello ☃"'],
    'no text': ['', 'text ""'],
    'an ArrayBuffer': [bytes.slice().buffer, 'binary 0102030405060708'],
    'an empty ArrayBuffer': [new ArrayBuffer(0), 'binary '],
    'a part of a buffer': [bytes.subarray(2, 4), 'binary 0304'],
    'a DataView': [new DataView(bytes.buffer, 1, 3), 'binary 020304'],
    'numbers as their bytes': [new Uint16Array(bytes.slice().buffer, 2, 2), 'binary 03040506'],
    'a Blob': [new Blob(['ab', 'c']), 'binary 616263'],
    'null as a string': [null, 'text "null"'],
    'undefined as a string': [undefined, 'text "undefined"'],
    'a number as a string': [12.5, 'text "12.5"'],
    'an array as a string': [[1, 2], 'text "1,2"'],
    'an object as it says': [{ toString: () => 'me' }, 'text "me"'],
    'lone surrogates as U+FFFD': ['a\ud800b\udc00', 'text "a\ufffdb\ufffd"'],
    'paired surrogates as they are': ['\u{1f600}', 'text "\u{1f600}"'],
  };
  for (const [title, [data, frame]] of Object.entries(cases)) {
    it(`sends ${title}`, async () => {
      const { socket, transport } = await open();
      Reflect.apply(socket.send, socket, [data]);
      await until(() => transport.writes.length > 0);
      assert.deepEqual(transport.said(), [frame]);
    });
  }

  it('refuses shared memory, resizable memory and symbols', async () => {
    const { socket } = await open();
    const shared = new SharedArrayBuffer(4);
    const resizable: unknown = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]);
    for (const data of [shared, new Uint8Array(shared), resizable, Symbol('a')]) {
      assert.throws(() => Reflect.apply(socket.send, socket, [data]), TypeError);
    }
    assert.equal(socket.bufferedAmount, 0);
  });

  for (const length of [10, 100_000]) {
    it(`takes ${length} bytes as they are at that moment`, async () => {
      const { socket, transport } = await open();
      const data = new Uint8Array(length).fill(7);
      socket.send(data);
      data.fill(9);
      await until(() => transport.writes.length > 0);
      const [frame] = readFrames(Buffer.concat(transport.writes));
      assert.ok(frame?.payload.every((byte) => byte === 7) && frame.payload.length === length);
    });
  }

  it('masks each message with a key of its own', async () => {
    const { socket, transport } = await open();
    for (let i = 0; i < 5000; i++) socket.send('');
    await endOfTurn();
    const bytes = Buffer.concat(transport.writes);
    const keys = Array.from({ length: 5000 }, (_, i) => bytes.readUInt32LE(i * 6 + 2));
    assert.ok(new Set(keys).size > 4990);
    assert.ok(readFrames(bytes).every(({ masked }) => masked));
  });

  it('writes once what is sent in one turn', async () => {
    const { socket, transport } = await open();
    for (const text of ['a', 'b', 'c']) socket.send(text);
    await endOfTurn();
    assert.equal(transport.writes.length, 1);
    assert.deepEqual(transport.said(), ['text "a"', 'text "b"', 'text "c"']);
  });
});

describe('§3.1 send() of a Blob', () => {
  it('is not overtaken by what follows, nor by the Close frame', async () => {
    const { socket, transport } = await open();
    const [first, second] = [new SlowBlob(['1']), new SlowBlob(['3'])];
    const bytes = Uint8Array.of(2);
    socket.send('0');
    socket.send(first);
    socket.send(bytes);
    bytes[0] = 9;
    socket.send(second);
    socket.send('4');
    socket.close(1000, 'bye');
    await endOfTurn();
    assert.deepEqual(transport.said(), ['text "0"']);
    first.finish();
    await until(() => transport.writes.length > 0);
    assert.deepEqual(transport.said(), ['binary 31', 'binary 02']);
    second.finish();
    await until(() => transport.writes.length > 0);
    assert.deepEqual(transport.said(), ['binary 33', 'text "4"', 'close 1000 "bye"']);
  });

  it('may be larger than what may wait', async () => {
    const { socket, transport } = await open({ options: { limits: { maxBufferedOutput: 1000 } } });
    const bytes = Uint8Array.from({ length: 2600 }, (_, i) => i);
    socket.send(new Blob([bytes.subarray(0, 10), bytes.subarray(10)]));
    socket.send('next');
    await until(() => socket.bufferedAmount === 0);
    const frames = readFrames(Buffer.concat(transport.writes));
    assert.deepEqual(
      frames.map(({ opcode, fin }) => `${opcode}${fin ? ' fin' : ''}`),
      ['2', ...Array.from({ length: 9 }, () => '0'), '0 fin', '1 fin'],
    );
    assert.deepEqual(Buffer.concat(frames.slice(0, -1).map(({ payload }) => payload)), Buffer.from(bytes));
  });

  it('is read no faster than the transport takes it, and bufferedAmount falls with it', async () => {
    const { socket, transport } = await open({ options: { limits: { maxBufferedOutput: 1000 } } });
    transport.hold();
    socket.send(new Blob([new Uint8Array(2600)]));
    await until(() => transport.writes.length > 0);
    for (let turn = 0; turn < 20; turn++) await endOfTurn();
    assert.equal(socket.bufferedAmount, 2600);
    assert.ok(Buffer.concat(transport.writes).length <= 1000);
    transport.release();
    const amounts = [socket.bufferedAmount];
    await until(() => {
      if (socket.bufferedAmount !== amounts.at(-1)) amounts.push(socket.bufferedAmount);
      return socket.bufferedAmount === 0;
    });
    assert.deepEqual(
      amounts,
      [...amounts].sort((a, b) => b - a),
    );
    assert.ok(amounts.length > 5);
  });

  it('stays in bufferedAmount as far as it was not taken when the connection is lost', async () => {
    const client = await open({ options: { limits: { maxBufferedOutput: 1000 } } });
    client.socket.send(new Blob([new Uint8Array(600)]));
    await until(() => client.socket.bufferedAmount === 0);
    client.transport.hold();
    client.socket.send(new Blob([new Uint8Array(2600)]));
    client.socket.send('after');
    await until(() => client.transport.writes.length > 3);
    client.transport.destroy();
    await untilLine(client, /close/);
    assert.equal(client.socket.bufferedAmount, 2605);
  });

  it('counts at once', async () => {
    const { socket, transport } = await open();
    const blob = new SlowBlob(['12345']);
    socket.send(blob);
    socket.send('67');
    assert.equal(socket.bufferedAmount, 7);
    await endOfTurn();
    assert.equal(socket.bufferedAmount, 7);
    blob.finish();
    await until(() => socket.bufferedAmount === 0);
    assert.deepEqual(transport.said(), ['binary 3132333435', 'text "67"']);
  });

  it('fails the connection if the Blob cannot be read', async () => {
    const client = await open();
    const blob = new SlowBlob(['1']);
    client.socket.send(blob);
    client.socket.send('2');
    const cause = new Error('The file has gone');
    blob.finish(cause);
    await until(() => client.transport.ended);
    client.transport.feedEnd();
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'error unexpected-condition', 'close 1006 "" unclean']);
    assert.equal(client.errors[0]?.cause, cause);
    assert.deepEqual(client.transport.said(), ['close 1011 "unexpected-condition"']);
    assert.equal(client.socket.bufferedAmount, 2);
  });

  it('lets only so much wait behind it', async () => {
    const client = await open({ options: { limits: { maxBufferedOutput: 1000 } } });
    client.socket.send(new SlowBlob(['1']));
    client.socket.send('a'.repeat(700));
    assert.equal(client.socket.readyState, 1);
    client.socket.send('b');
    await until(() => client.transport.ended);
    client.transport.feedEnd();
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'error too-much-buffered-output', 'close 1006 "" unclean']);
  });
});

describe('§3.1 bufferedAmount', () => {
  it('counts bytes of UTF-8 until the transport has taken them', async () => {
    const { socket, transport } = await open();
    transport.hold();
    socket.send('☃\u{1f600}\ud800a');
    socket.send(new ArrayBuffer(10));
    socket.send(new Uint8Array(20).subarray(5, 10));
    assert.equal(socket.bufferedAmount, 3 + 4 + 3 + 1 + 10 + 5);
    await endOfTurn();
    assert.equal(socket.bufferedAmount, 26);
    transport.release();
    await until(() => socket.bufferedAmount === 0);
  });

  it('does not shrink while the task runs', async () => {
    const { socket } = await open();
    socket.send('12345');
    await Promise.resolve();
    assert.equal(socket.bufferedAmount, 5);
  });

  it('grows, and never shrinks, once the connection is closing', async () => {
    const client = await open();
    client.socket.close();
    client.socket.send('abc');
    client.socket.send(new Blob(['12']));
    assert.equal(client.socket.bufferedAmount, 5);
    client.transport.feedEnd();
    await untilLine(client, /close/);
    client.socket.send(new ArrayBuffer(4));
    await endOfTurn();
    assert.equal(client.socket.bufferedAmount, 9);
    assert.deepEqual(client.transport.said(), ['close ""']);
  });

  it('grows when the connection was given up before it was open', async () => {
    const { socket } = connect();
    socket.close();
    socket.send('abc');
    assert.equal(socket.bufferedAmount, 3);
  });

  it('keeps what was never taken when the connection is lost', async () => {
    const client = await open();
    client.transport.hold();
    client.socket.send('abc');
    await endOfTurn();
    client.transport.destroy();
    await untilLine(client, /close/);
    client.transport.release();
    await endOfTurn();
    assert.equal(client.socket.bufferedAmount, 3);
  });

  it('keeps what was dropped when too much waited', async () => {
    const client = await open({ options: { limits: { maxBufferedOutput: 1000 } } });
    client.transport.hold();
    client.socket.send('first');
    await endOfTurn();
    client.socket.send('a'.repeat(1001));
    assert.equal(client.socket.bufferedAmount, 1006);
    client.transport.release();
    await until(() => client.transport.ended);
    client.transport.feedEnd();
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'error too-much-buffered-output', 'close 1006 "" unclean']);
    assert.deepEqual(client.transport.said(), ['text "first"', 'close 1008 "too-much-buffered-output"']);
    assert.equal(client.socket.bufferedAmount, 1001);
  });
});
