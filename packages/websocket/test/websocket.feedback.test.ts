/** WebSockets Standard §4: what the protocol tells, and in which order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocket } from '../src/index.ts';
import { accept, connect, open, untilLine } from './client.ts';
import { closePayload, opcodes, serverFrame } from './frames.ts';
import { endOfTurn, until } from './server-diary.ts';

describe('§4 when the connection is established', () => {
  it('the state is OPEN by the time that open is fired', async () => {
    const client = connect({ protocols: 'chat' });
    const seen: unknown[] = [];
    client.socket.onopen = () => seen.push(client.socket.readyState, client.socket.protocol);
    await accept(client.transport, { subprotocol: 'chat' });
    await untilLine(client, 'open');
    assert.deepEqual(seen, [WebSocket.OPEN, 'chat']);
  });

  it('open comes before messages that came with the response', async () => {
    const client = await open({ head: Buffer.concat([serverFrame(1, 'a'), serverFrame(1, 'b')]) });
    await untilLine(client, 'message "b"');
    assert.deepEqual(client.diary, ['open', 'message "a"', 'message "b"']);
  });

  it('open comes before the close that came with the response', async () => {
    const client = connect();
    await accept(client.transport, { head: serverFrame(8, closePayload(1001, 'full')) });
    client.transport.feedEnd();
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'close 1001 "full"']);
  });

  it('open comes before the loss of a connection that was lost at once', async () => {
    const client = connect();
    await accept(client.transport);
    client.transport.feedEnd();
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'error undefined', 'close 1006 "" unclean']);
  });
});

describe('§4 when a message has been received', () => {
  it('text comes as a string, with a byte order mark like any character', async () => {
    const client = await open();
    client.transport.feed(serverFrame(1, '\ufeffHello ☃'), serverFrame(1, ''));
    await untilLine(client, 'message ""');
    assert.deepEqual(client.diary.slice(1), ['message "\ufeffHello ☃"', 'message ""']);
  });

  it('bytes come as a Blob', async () => {
    const { socket, transport } = await open();
    const received = new Promise<Blob>((resolve) => {
      socket.onmessage = ({ data }) => resolve(data);
    });
    transport.feed(serverFrame(2, Uint8Array.of(1, 2, 3)));
    const blob = await received;
    assert.ok(blob instanceof Blob);
    assert.deepEqual(new Uint8Array(await blob.arrayBuffer()), Uint8Array.of(1, 2, 3));
    assert.equal(blob.type, '');
  });

  for (const length of [3, 300, 200_000]) {
    it(`${length} bytes come as an ArrayBuffer of that length`, async () => {
      const { socket, transport } = await open();
      socket.binaryType = 'arraybuffer';
      const buffers: ArrayBuffer[] = [];
      socket.onmessage = ({ data }) => buffers.push(data);
      const bytes = Buffer.alloc(length, 7);
      const frame = serverFrame(2, bytes);
      transport.feed(frame, frame.subarray(0, 100), frame.subarray(100));
      await until(() => buffers.length === 2);
      for (const buffer of buffers) assert.deepEqual(Buffer.from(buffer), bytes);
      assert.notEqual(buffers[0], buffers[1]);
    });
  }

  it('fragments come as one message', async () => {
    const client = await open();
    const fragments = [serverFrame(1, 'a', false), serverFrame(9, '?'), serverFrame(0, 'b', false)];
    client.transport.feed(...fragments, serverFrame(0, 'c'));
    await untilLine(client, 'message "abc"');
    await endOfTurn();
    assert.deepEqual(client.transport.said(), ['pong "?"']);
  });

  it('the event tells the origin and is a MessageEvent', async () => {
    const { socket, transport } = await open();
    const received = new Promise<MessageEvent>((resolve) => {
      socket.onmessage = resolve;
    });
    transport.feed(serverFrame(1, 'a'));
    const event = await received;
    assert.ok(event instanceof MessageEvent);
    assert.equal(event.origin, 'ws://localhost');
    assert.deepEqual([event.bubbles, event.cancelable], [false, false]);
  });

  it('binaryType holds from the next message on', async () => {
    const client = await open();
    client.socket.addEventListener('message', () => {
      client.socket.binaryType = 'arraybuffer';
    });
    client.transport.feed(Buffer.concat([serverFrame(2, 'a'), serverFrame(2, 'b')]));
    await untilLine(client, 'message ArrayBuffer 62');
    assert.deepEqual(client.diary.slice(1), ['message Blob 1', 'message ArrayBuffer 62']);
  });

  it('each is a task of its own: microtasks run in between', async () => {
    const { socket, transport } = await open();
    const next = (): Promise<unknown> =>
      new Promise((resolve) =>
        socket.addEventListener('message', ({ data }) => resolve(data), { once: true }),
      );
    const received: unknown[] = [];
    const reading = (async () => {
      for (let i = 0; i < 5; i++) {
        received.push(await next());
        for (let hops = 0; hops < 10; hops++) await null;
      }
    })();
    transport.feed(Buffer.concat(['a', 'b', 'c', 'd', 'e'].map((text) => serverFrame(1, text))));
    await reading;
    assert.deepEqual(received, ['a', 'b', 'c', 'd', 'e']);
  });
});

describe('§4 when the connection is closed', () => {
  const closes: [payload: Uint8Array | undefined, line: string, answer: string][] = [
    [undefined, 'close 1005 ""', 'close ""'],
    [closePayload(1000), 'close 1000 ""', 'close 1000 ""'],
    [closePayload(1001, 'gone'), 'close 1001 "gone"', 'close 1001 "gone"'],
    [closePayload(4321, '\ufeffü'), 'close 4321 "\ufeffü"', 'close 4321 "\ufeffü"'],
  ];
  for (const [payload, line, answer] of closes) {
    it(`by the server, ${line} is fired and ${answer} is answered`, async () => {
      const client = await open();
      client.transport.feed(serverFrame(8, payload));
      await until(() => client.transport.writes.length > 0);
      assert.equal(client.socket.readyState, WebSocket.CLOSING);
      assert.deepEqual(client.diary, ['open']);
      client.transport.feedEnd();
      await untilLine(client, /close/);
      assert.deepEqual(client.diary, ['open', line]);
      assert.deepEqual(client.transport.said(), [answer]);
      assert.equal(client.socket.readyState, WebSocket.CLOSED);
    });
  }

  it('messages that came before are fired before', async () => {
    const client = await open();
    const messages = ['a', 'b', 'c'].map((text) => serverFrame(1, text));
    client.transport.feed(Buffer.concat([...messages, serverFrame(8, closePayload(1000))]));
    client.transport.feedEnd();
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'message "a"', 'message "b"', 'message "c"', 'close 1000 ""']);
  });

  it('the state is CLOSED by the time that error and close are fired', async () => {
    const client = await open();
    const states: number[] = [];
    client.socket.onerror = () => states.push(client.socket.readyState);
    client.socket.onclose = () => states.push(client.socket.readyState);
    client.transport.feedEnd();
    await untilLine(client, /close/);
    assert.deepEqual(states, [WebSocket.CLOSED, WebSocket.CLOSED]);
  });

  it('the loss of the transport is an error, with its cause', async () => {
    const client = await open();
    const error = new Error('read ECONNRESET');
    client.transport.destroy(error);
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'error undefined', 'close 1006 "" unclean']);
    assert.equal(client.errors[0], error);
  });

  it('a transport that breaks behind a clean close is none', async () => {
    const client = await open();
    client.transport.feed(serverFrame(8, closePayload(1000)));
    await until(() => client.socket.readyState === WebSocket.CLOSING);
    client.transport.destroy(new Error('read ECONNRESET'));
    await untilLine(client, /close/);
    assert.deepEqual(client.diary, ['open', 'close 1000 ""']);
  });

  const violations: [title: string, frame: Uint8Array, code: string, closeCode: number][] = [
    ['a masked frame', Buffer.from([0x81, 0x80, 0, 0, 0, 0]), 'masked-frame', 1002],
    ['text that is not UTF-8', serverFrame(1, Uint8Array.of(0xff)), 'invalid-utf8', 1007],
    ['a reserved opcode', serverFrame(3), 'reserved-opcode', 1002],
    ['a message that is too long', serverFrame(2, 'a'.repeat(101)), 'frame-too-long', 1009],
    ['a close code that nobody may send', serverFrame(8, closePayload(1006)), 'invalid-close-code', 1002],
  ];
  for (const [title, frame, code, closeCode] of violations) {
    it(`${title} fails the connection: the server is told ${closeCode}, the page 1006`, async () => {
      const client = await open({ options: { limits: { maxFramePayloadLength: 100 } } });
      client.transport.feed(serverFrame(opcodes.text, 'before'), frame, serverFrame(opcodes.text, 'behind'));
      await until(() => client.transport.ended);
      client.transport.feedEnd();
      await untilLine(client, /close/);
      assert.deepEqual(client.diary, ['open', 'message "before"', `error ${code}`, 'close 1006 "" unclean']);
      assert.deepEqual(client.transport.said(), [`close ${closeCode} "${code}"`]);
    });
  }

  it('the error event tells the error and its message', async () => {
    const client = connect();
    const fired = new Promise<Event>((resolve) => {
      client.socket.onerror = resolve;
    });
    await until(() => client.transport.writes.length > 0);
    client.transport.feed(Buffer.from('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'));
    const event = await fired;
    assert.ok('message' in event && 'error' in event && event.error instanceof Error);
    assert.equal(event.message, 'Expected status 101, received 401 Unauthorized');
    assert.equal('status' in event.error && event.error.status, 401);
    assert.equal('code' in event.error && event.error.code, 'unexpected-status');
  });
});
