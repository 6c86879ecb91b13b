/** WebSocketStream: its constructor, `opened`, the signal, and the shape of the interface. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandshakeError, WebSocketError, WebSocketStream } from '../src/index.ts';
import { accept, throwsDomException } from './client.ts';
import { opcodes, serverFrame } from './frames.ts';
import { endOfTurn, until } from './server-diary.ts';
import { startServer } from './servers.ts';
import { connectStream, openStream, rejectsWith } from './stream-client.ts';

describe('WebSocketStream constructor', () => {
  it('wants a URL', () => {
    assert.throws(() => Reflect.construct(WebSocketStream, []), TypeError);
    for (const url of ['', '/chat', 'ftp://localhost/', 'ws://localhost/#there']) {
      throwsDomException(() => new WebSocketStream(url), 'SyntaxError');
    }
  });

  it('takes a subprotocol or a list of them, each a token that comes once', () => {
    for (const protocols of ['', 'a b', ['a', 'a'], ['a', 'A'], ['/']]) {
      throwsDomException(() => new WebSocketStream('ws://localhost/', { protocols }), 'SyntaxError');
    }
  });

  it('takes no other signal than an AbortSignal, and no option out of range', () => {
    const construct = (options: object) => Reflect.construct(WebSocketStream, ['ws://localhost/', options]);
    assert.throws(() => construct({ signal: {} }), TypeError);
    assert.throws(() => construct({ closeTimeoutMs: -1 }), RangeError);
  });

  it('serializes the URL, with ws for http', async () => {
    const { stream } = connectStream();
    assert.equal(stream.url, 'ws://localhost/chat?room=1');
    stream.close();
    const other = new WebSocketStream(new URL('HTTP://LOCALHOST:80'), {
      signal: AbortSignal.abort(),
    });
    assert.equal(other.url, 'ws://localhost/');
  });

  it('is called with new, and has its members on the prototype', () => {
    assert.throws(() => Reflect.apply(WebSocketStream, undefined, ['ws://localhost/']), TypeError);
    assert.deepEqual(Object.keys(WebSocketStream.prototype).sort(), ['close', 'closed', 'opened', 'url']);
    assert.equal(WebSocketStream.length, 1);
    assert.equal(Object.prototype.toString.call(WebSocketStream.prototype), '[object WebSocketStream]');
  });
});

describe('WebSocketStream opened', () => {
  it('gives two streams and what was agreed on', async () => {
    const { stream, readable, writable, protocol, extensions } = await openStream(
      { protocols: ['b', 'a'] },
      { subprotocol: 'a' },
    );
    assert.ok(readable instanceof ReadableStream && writable instanceof WritableStream);
    assert.deepEqual([protocol, extensions], ['a', '']);
    assert.equal(stream.opened, stream.opened);
    assert.equal((await stream.opened).readable, readable);
  });

  it('rejects, as closed does, if the server refuses', async () => {
    const { stream, transport } = connectStream();
    await until(() => transport.writes.length > 0);
    transport.feed(Buffer.from('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const error = await rejectsWith(stream.opened, 1006);
    assert.equal(await rejectsWith(stream.closed, 1006), error);
    assert.ok(error.cause instanceof HandshakeError && error.cause.status === 403);
  });

  it('rejects if none of the subprotocols was chosen', async () => {
    const { stream, transport } = connectStream({ protocols: 'a' });
    await accept(transport);
    const { cause } = await rejectsWith(stream.opened, 1006);
    assert.ok(cause instanceof HandshakeError && cause.code === 'unrequested-subprotocol');
  });

  it('rejects if the transport cannot be opened, whatever is thrown', async () => {
    const reason = { no: 'error' };
    const openTransport = () => Promise.reject(reason);
    const { cause } = await rejectsWith(connectStream({ openTransport }).stream.opened, 1006);
    assert.ok(cause instanceof Error && cause.cause === reason);
  });

  it('reads what came in one piece with the handshake', async () => {
    const head = serverFrame(opcodes.text, 'at once');
    const { readable } = await openStream({}, { head });
    const { value } = await readable.getReader().read();
    assert.equal(value, 'at once');
  });

  it('works over real sockets, with compression', async (t) => {
    const { place } = await startServer(t, {
      perMessageDeflate: true,
      message: (peer, message) => void peer.send(message),
    });
    const stream = new WebSocketStream(`ws://${place.host}:${place.port}/`, { perMessageDeflate: true });
    const { readable, writable, extensions } = await stream.opened;
    assert.match(extensions, /^permessage-deflate/);
    const text = 'again and again '.repeat(10_000);
    const writer = writable.getWriter();
    const reader = readable.getReader();
    for (const message of [text, new Uint8Array(3_000_000)]) {
      await writer.write(message);
      const { value } = await reader.read();
      assert.ok(typeof value === 'string' ? value === text : value?.length === 3_000_000);
    }
    stream.close({ closeCode: 1000, reason: 'bye' });
    assert.deepEqual(await stream.closed, { closeCode: 1000, reason: 'bye' });
  });
});

describe('WebSocketStream signal', () => {
  it('that was aborted before keeps it from connecting', async () => {
    const reason = new Error('Not today');
    const { stream, transport } = connectStream({ signal: AbortSignal.abort(reason) });
    await assert.rejects(stream.opened, reason);
    await assert.rejects(stream.closed, reason);
    await endOfTurn();
    assert.equal(transport.writes.length, 0);
  });

  it('gives up the handshake', async () => {
    const controller = new AbortController();
    const { stream, transport, clock } = connectStream({ signal: controller.signal });
    await until(() => transport.writes.length > 0);
    controller.abort();
    await assert.rejects(stream.opened, { name: 'AbortError' });
    await assert.rejects(stream.closed, { name: 'AbortError' });
    await until(() => transport.destroyed && clock.timerCount === 0);
  });

  it('gives it up between the answer and the opening', async () => {
    const controller = new AbortController();
    const { stream, transport } = connectStream({ signal: controller.signal });
    transport.on('pause', () => controller.abort());
    await accept(transport);
    await assert.rejects(stream.opened, { name: 'AbortError' });
    await until(() => transport.destroyed);
  });

  it('does nothing once it is open', async () => {
    const controller = new AbortController();
    const { stream, transport, writable } = await openStream({ signal: controller.signal });
    controller.abort();
    await writable.getWriter().write('still here');
    await endOfTurn();
    assert.deepEqual(transport.said(), ['text "still here"']);
    stream.close();
    transport.destroy();
    await assert.rejects(stream.closed, WebSocketError);
  });
});
