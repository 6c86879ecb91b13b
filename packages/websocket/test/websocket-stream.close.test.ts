/** WebSocketStream: close(), `closed`, and what closing either stream does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProtocolError, WebSocketError } from '../src/index.ts';
import { feedClose, throwsDomException } from './client.ts';
import { closePayload, opcodes, serverFrame } from './frames.ts';
import { endOfTurn, until } from './server-diary.ts';
import { connectStream, openStream, rejectsWith, type TestStream } from './stream-client.ts';

/** The line of the Close frame that was sent, when it has been. */
async function saidClose({ transport }: TestStream): Promise<string> {
  await until(() => transport.writes.length > 0);
  return transport.said().join();
}

describe('WebSocketStream close()', () => {
  const cases: [title: string, argument: unknown, frame: string][] = [
    ['a code and a reason', { closeCode: 3456, reason: 'pizza' }, 'close 3456 "pizza"'],
    ['nothing', undefined, 'close ""'],
    ['null', null, 'close ""'],
    ['no members', {}, 'close ""'],
    ['an empty reason', { reason: '' }, 'close ""'],
    ['a reason alone, with 1000', { reason: 'non-empty' }, 'close 1000 "non-empty"'],
    ['a code alone', { closeCode: 1000 }, 'close 1000 ""'],
    ['a code that is converted', { closeCode: '3000.9' }, 'close 3000 ""'],
  ];
  for (const [title, argument, frame] of cases) {
    it(`sends ${title}`, async () => {
      const client = await openStream();
      Reflect.apply(client.stream.close, client.stream, [argument]);
      assert.equal(await saidClose(client), frame);
    });
  }

  it('refuses what no Close frame may say, and stays open', async () => {
    const { stream, transport } = await openStream();
    for (const closeCode of [999, 1001, 2999, 5000]) {
      throwsDomException(() => stream.close({ closeCode }), 'InvalidAccessError');
    }
    throwsDomException(() => stream.close({ reason: '.'.repeat(124) }), 'SyntaxError');
    for (const argument of [true, 'a', { closeCode: 65536 }, { closeCode: -1 }, { closeCode: {} }]) {
      assert.throws(() => Reflect.apply(stream.close, stream, [argument]), TypeError);
    }
    await endOfTurn();
    assert.deepEqual(transport.writes, []);
  });

  it('gives up the handshake', async () => {
    const { stream, transport } = connectStream();
    await until(() => transport.writes.length > 0);
    stream.close({ closeCode: 3000 });
    const error = await rejectsWith(stream.opened, 1006);
    assert.equal(await rejectsWith(stream.closed, 1006), error);
    assert.ok(error.cause instanceof DOMException && error.cause.name === 'AbortError');
    await until(() => transport.destroyed);
    stream.close();
  });

  it('closes once', async () => {
    const client = await openStream();
    client.stream.close({ closeCode: 3000 });
    client.stream.close({ closeCode: 3001 });
    assert.equal(await saidClose(client), 'close 3000 ""');
  });

  it('sends what was written before, and nothing that is written after', async () => {
    const client = await openStream();
    const writer = client.writable.getWriter();
    await writer.write('before');
    client.stream.close();
    const after = writer.write('after');
    assert.equal(await saidClose(client), 'text "before",close ""');
    feedClose(client.transport);
    await assert.rejects(after, { name: 'InvalidStateError' });
  });

  it('drops the messages that still come', async () => {
    const { stream, transport, readable } = await openStream();
    stream.close();
    transport.feed(serverFrame(opcodes.text, 'late'));
    feedClose(transport);
    assert.deepEqual(await readable.getReader().read(), { done: true, value: undefined });
  });

  it('waits for the server no longer than closeTimeoutMs', async () => {
    const { stream, transport, clock } = await openStream({ closeTimeoutMs: 1000 });
    stream.close();
    await endOfTurn();
    clock.advance(1000);
    await rejectsWith(stream.closed, 1006);
    assert.ok(transport.destroyed);
  });
});

describe('WebSocketStream closed', () => {
  it('resolves with what the server said, and both streams end', async () => {
    const { stream, transport, readable, writable } = await openStream();
    feedClose(transport, closePayload(4321, 'bye'));
    assert.deepEqual(await stream.closed, { closeCode: 4321, reason: 'bye' });
    assert.deepEqual(await readable.getReader().read(), { done: true, value: undefined });
    await assert.rejects(writable.getWriter().write('a'), { name: 'InvalidStateError' });
    stream.close();
  });

  it('resolves with 1005 if the Close frame was empty', async () => {
    const { stream, transport } = await openStream();
    feedClose(transport);
    assert.deepEqual(await stream.closed, { closeCode: 1005, reason: '' });
  });

  it('comes behind the messages that came before it', async () => {
    const { stream, transport, readable } = await openStream();
    for (const text of ['1', '2', '3']) transport.feed(serverFrame(opcodes.text, text));
    feedClose(transport, closePayload(1000));
    const messages: unknown[] = [];
    for await (const message of readable) messages.push(message);
    assert.deepEqual(messages, ['1', '2', '3']);
    assert.deepEqual(await stream.closed, { closeCode: 1000, reason: '' });
  });

  it('rejects if the connection is lost, and both streams fail with the same error', async () => {
    const { stream, transport, readable, writable } = await openStream();
    const writer = writable.getWriter();
    transport.destroy(new Error('The cable was cut'));
    const error = await rejectsWith(stream.closed, 1006);
    await assert.rejects(readable.getReader().read(), error);
    await assert.rejects(writer.closed, error);
    assert.ok(error.cause instanceof Error && error.cause.message === 'The cable was cut');
  });

  it('rejects if the server broke a rule, with the rule as the cause', async () => {
    const { stream, transport } = await openStream();
    transport.feed(Buffer.from([0x83, 0]));
    await until(() => transport.ended);
    transport.feedEnd();
    const { cause } = await rejectsWith(stream.closed, 1006);
    assert.ok(cause instanceof ProtocolError);
  });
});

describe('WebSocketStream writable', () => {
  it('closed, sends an empty Close frame, and is closed when the server has answered', async () => {
    const client = await openStream();
    const order: string[] = [];
    const closing = client.writable.getWriter().close();
    closing.then(() => order.push('writer'));
    client.stream.closed.then(() => order.push('stream'));
    assert.equal(await saidClose(client), 'close ""');
    await endOfTurn();
    assert.deepEqual(order, []);
    feedClose(client.transport);
    await closing;
    assert.deepEqual(await client.stream.closed, { closeCode: 1005, reason: '' });
    assert.equal(order.length, 2);
  });

  it('closed, fails if the server does not answer', async () => {
    const { stream, transport, writable } = await openStream();
    const closing = writable.getWriter().close();
    await until(() => transport.writes.length > 0);
    transport.destroy();
    assert.equal(await closing.catch((error: unknown) => error), await rejectsWith(stream.closed, 1006));
  });
});

describe('WebSocketStream aborted or cancelled', () => {
  const ways: Record<string, (client: TestStream & Streams, reason?: unknown) => Promise<void>> = {
    'the writable aborted': ({ writable }, reason) => writable.abort(reason),
    'the readable cancelled': ({ readable }, reason) => readable.cancel(reason),
  };
  const reasons: [title: string, reason: unknown, frame: string][] = [
    ['nothing', undefined, 'close ""'],
    ['an error', new Error('Enough'), 'close ""'],
    ['a code and reason that are no error', { closeCode: 3456, reason: 'set' }, 'close ""'],
    ['a WebSocketError', new WebSocketError('', { closeCode: 3456, reason: 'set' }), 'close 3456 "set"'],
    ['a WebSocketError without a code', new WebSocketError('Enough'), 'close ""'],
    ['a WebSocketError with a reason', new WebSocketError('', { reason: 'set' }), 'close 1000 "set"'],
  ];
  for (const [way, end] of Object.entries(ways)) {
    for (const [title, reason, frame] of reasons) {
      it(`${way} with ${title}, closes with ${frame}`, async () => {
        const client = await openStream();
        await end(client, reason);
        assert.equal(await saidClose(client), frame);
        feedClose(client.transport, closePayload(1000));
        assert.deepEqual(await client.stream.closed, { closeCode: 1000, reason: '' });
      });
    }

    it(`${way} with the error of another connection, which nobody may send, closes without a code`, async () => {
      const lost = await openStream();
      lost.transport.destroy();
      const error = await rejectsWith(lost.stream.closed, 1006);
      const client = await openStream();
      await end(client, error);
      assert.equal(await saidClose(client), 'close ""');
    });
  }

  it('does not wait for a write that the server does not take', async () => {
    const client = await openStream();
    client.transport.hold();
    const writer = client.writable.getWriter();
    const writing = assert.rejects(writer.write(new Uint8Array(1_000_000)), { name: 'WebSocketError' });
    await endOfTurn();
    const aborting = writer.abort(new WebSocketError('', { closeCode: 4000 }));
    await endOfTurn();
    client.clock.advance(10_000);
    await Promise.all([writing, aborting]);
    await rejectsWith(client.stream.closed, 1006);
  });
});

type Streams = Awaited<ReturnType<typeof openStream>>;

describe('WebSocketError', () => {
  it('has defaults', () => {
    const error = new WebSocketError();
    const { name, message, code, closeCode, reason } = error;
    assert.deepEqual([name, message, code, closeCode, reason], ['WebSocketError', '', 0, null, '']);
    assert.ok(error instanceof DOMException && error instanceof Error);
    assert.equal(Object.prototype.toString.call(error), '[object WebSocketError]');
  });

  it('carries what it is made of', () => {
    const { message, closeCode, reason } = new WebSocketError('No', { closeCode: 3456, reason: 'why' });
    assert.deepEqual([message, closeCode, reason], ['No', 3456, 'why']);
  });

  it('has 1000 with a reason alone', () => {
    assert.equal(new WebSocketError('', { reason: 'why' }).closeCode, 1000);
    assert.equal(new WebSocketError('', { closeCode: 3333 }).reason, '');
  });

  it('takes only what a Close frame may say', () => {
    for (const closeCode of [999, 1001, 2999, 5000]) {
      throwsDomException(() => new WebSocketError('', { closeCode }), 'InvalidAccessError');
    }
    throwsDomException(() => new WebSocketError('', { reason: '.'.repeat(124) }), 'SyntaxError');
  });
});
