/** WebSockets Standard §3.1: close(), in each state. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocket } from '../src/index.ts';
import { accept, connect, feedClose, open, throwsDomException, untilLine } from './client.ts';
import { closePayload, serverFrame } from './frames.ts';
import { MemoryTransport } from './memory-transport.ts';
import { endOfTurn, until } from './server-diary.ts';

describe('§3.1 close(): its arguments', () => {
  for (const code of [
    0,
    999,
    1001,
    1005,
    1006,
    1015,
    2999,
    5000,
    65535,
    -1,
    Number.NaN,
    null,
    '1001',
    'reason',
  ]) {
    it(`throw InvalidAccessError for ${code}, in every state`, async () => {
      const { socket } = await open();
      const close = (): unknown => Reflect.apply(socket.close, socket, [code]);
      throwsDomException(close, 'InvalidAccessError');
      assert.equal(socket.readyState, WebSocket.OPEN);
      socket.close();
      throwsDomException(close, 'InvalidAccessError');
    });
  }

  const frames: [args: unknown[], frame: string][] = [
    [[], 'close ""'],
    [[undefined], 'close ""'],
    [[undefined, undefined], 'close ""'],
    [[1000], 'close 1000 ""'],
    [[3000], 'close 3000 ""'],
    [[4999, ''], 'close 4999 ""'],
    [['1000', 'as a string'], 'close 1000 "as a string"'],
    [[999.6], 'close 1000 ""'],
    [[2999.5], 'close 3000 ""'],
    [[1000.5], 'close 1000 ""'],
    [[undefined, 'bye'], 'close 1000 "bye"'],
    [[undefined, ''], 'close ""'],
    [[1000, null], 'close 1000 "null"'],
    [[1000, 'a\ud800'], 'close 1000 "a\ufffd"'],
    [[1000, 'ü'.repeat(61)], `close 1000 "${'ü'.repeat(61)}"`],
  ];
  for (const [args, frame] of frames) {
    it(`${JSON.stringify(args)} become ${frame.slice(0, 30)}`, async () => {
      const { socket, transport } = await open();
      Reflect.apply(socket.close, socket, args);
      assert.equal(socket.readyState, WebSocket.CLOSING);
      await until(() => transport.writes.length > 0);
      assert.deepEqual(transport.said(), [frame]);
    });
  }

  it('throw SyntaxError for a reason of more than 123 bytes', async () => {
    const { socket } = await open();
    for (const reason of ['a'.repeat(124), 'ü'.repeat(62)]) {
      throwsDomException(() => socket.close(1000, reason), 'SyntaxError');
      throwsDomException(() => socket.close(undefined, reason), 'SyntaxError');
    }
    assert.equal(socket.readyState, WebSocket.OPEN);
  });
});

describe('§3.1 close() while connecting', () => {
  it('fails the connection: error, then close, neither of them at once', async () => {
    const client = connect();
    await until(() => client.transport.writes.length > 0);
    client.socket.close();
    assert.equal(client.socket.readyState, WebSocket.CLOSING);
    await Promise.resolve();
    assert.deepEqual(client.diary, []);
    await untilLine(client, /close/);
    assert.equal(client.socket.readyState, WebSocket.CLOSED);
    assert.deepEqual(client.diary, ['error 20', 'close 1006 "" unclean']);
    assert.equal(client.errors[0]?.name, 'AbortError');
    assert.ok(client.transport.destroyed);
    assert.equal(client.clock.timerCount, 0);
  });

  it('does so in the turn of the constructor', async () => {
    const client = connect();
    client.socket.close(1000, 'never mind');
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['error 20', 'close 1006 "" unclean']);
  });

  it('does so when the response is there and open has not been fired', async () => {
    const client = connect();
    await accept(client.transport);
    await Promise.resolve();
    client.socket.close();
    await untilLine(client, /close/);
    await endOfTurn();
    assert.deepEqual(client.diary, ['error 20', 'close 1006 "" unclean']);
    assert.ok(client.transport.destroyed);
  });

  it('destroys a transport that is opened too late', async () => {
    const transport = new MemoryTransport();
    let finish: (transport: MemoryTransport) => void = () => undefined;
    const opened = new Promise<MemoryTransport>((resolve) => {
      finish = resolve;
    });
    const client = connect({ options: { openTransport: () => opened } });
    client.socket.close();
    await untilLine(client, /close/);
    finish(transport);
    await until(() => transport.destroyed);
    assert.equal(transport.writes.length, 0);
  });
});

describe('§3.1 close() while open', () => {
  it('waits for the server: closing, then closed', async () => {
    const client = await open();
    client.socket.close(3001, 'bye');
    client.socket.close(3002, 'again');
    await until(() => client.transport.writes.length > 0);
    assert.deepEqual(client.transport.said(), ['close 3001 "bye"']);
    assert.equal(client.socket.readyState, WebSocket.CLOSING);
    feedClose(client.transport, closePayload(3001, 'and bye'));
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'close 3001 "and bye"']);
    assert.equal(client.socket.readyState, WebSocket.CLOSED);
    client.socket.close();
    assert.deepEqual(client.diary.length, 2);
  });

  it('sends what was sent before', async () => {
    const { socket, transport } = await open();
    socket.send('last words');
    socket.close();
    await until(() => transport.writes.length > 0);
    assert.deepEqual(transport.said(), ['text "last words"', 'close ""']);
  });

  it('ends the delivery of messages', async () => {
    const client = await open();
    client.socket.close();
    client.transport.feed(serverFrame(1, 'too late'));
    feedClose(client.transport, closePayload(1000));
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'close 1000 ""']);
  });

  it('ends the delivery of messages that had come already', async () => {
    const client = await open();
    client.socket.addEventListener('message', () => client.socket.close());
    client.transport.feed(serverFrame(1, 'first'), serverFrame(1, 'second'));
    feedClose(client.transport, closePayload(1000));
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'message "first"', 'close 1000 ""']);
  });

  it('waits for the server no longer than closeTimeoutMs', async () => {
    const client = await open({ options: { closeTimeoutMs: 500 } });
    client.socket.close();
    await endOfTurn();
    client.clock.advance(499);
    assert.ok(!client.transport.destroyed);
    client.clock.advance(1);
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'error undefined', 'close 1006 "" unclean']);
    assert.equal(client.clock.timerCount, 0);
  });

  it('may be called by every listener', async () => {
    const client = connect();
    for (const type of ['open', 'error', 'close']) {
      client.socket.addEventListener(type, () => client.socket.close());
    }
    await accept(client.transport);
    await untilLine(client, 'open');
    feedClose(client.transport);
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'close 1005 ""']);
  });
});
