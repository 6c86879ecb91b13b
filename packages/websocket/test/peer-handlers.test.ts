/** The server's handlers: when they are called, and what follows when one of them throws. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InternalError, type PeerHandlers, WebSocketServer } from '../src/index.ts';
import { clientFrame, closePayload, opcodes, serverFrame, text } from './frames.ts';
import { RawClient } from './raw-client.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { openInMemory, startServer } from './servers.ts';

const bug = new Error('a bug of the application');

describe('handlers', () => {
  it('get the messages as strings and bytes, the bytes to keep', async () => {
    const messages: unknown[] = [];
    const { transport } = await openInMemory(
      new WebSocketServer({ message: (_peer, message) => void messages.push(message) }),
    );
    transport.feed(
      text('Grüße'),
      text(''),
      clientFrame(opcodes.binary, 'bytes'),
      clientFrame(opcodes.binary),
    );
    await until(() => messages.length === 4);
    transport.feed(clientFrame(opcodes.binary, 'other'));
    await until(() => messages.length === 5);
    assert.deepEqual(
      messages.map((message) => (message instanceof Uint8Array ? [...message] : message)),
      ['Grüße', '', [...Buffer.from('bytes')], [], [...Buffer.from('other')]],
    );
  });

  it('keep a byte order mark, which is part of the text', async () => {
    const diary = new ServerDiary();
    const { transport } = await openInMemory(new WebSocketServer(diary.handlers));
    transport.feed(text('\ufeffHello'));
    await diary.until('message "\ufeffHello"');
  });

  it('hear of open before any message, and of close last and once', async (t) => {
    const diary = new ServerDiary();
    const { server, place } = await startServer(t, diary.handlers);
    const client = await RawClient.open(place);
    client.send(text('one'), clientFrame(opcodes.close, closePayload(4000, 'done')), text('ignored'));
    await client.end();
    await until(() => server.peerCount === 0);
    assert.deepEqual(diary.lines, ['open', 'message "one"', 'close 4000 "done"']);
  });

  it('hear of an error before the close that follows from it', async () => {
    const diary = new ServerDiary();
    const { transport } = await openInMemory(new WebSocketServer(diary.handlers));
    transport.feed(serverFrame(opcodes.text, 'unmasked'));
    await diary.until('error unmasked-frame');
    await endOfTurn();
    assert.deepEqual(transport.said(), ['close 1002 "unmasked-frame"']);
    assert.equal(transport.ended, true);
    transport.destroy();
    await diary.until('close 1006 "" unclean');
    assert.equal(diary.lines.length, 3);
  });

  it("hear of the transport's own error", async () => {
    const diary = new ServerDiary();
    const { transport } = await openInMemory(new WebSocketServer(diary.handlers));
    transport.destroy(new Error('the cable'));
    await diary.until('close 1006 "" unclean');
    assert.deepEqual(diary.lines, ['open', 'error Error', 'close 1006 "" unclean']);
    assert.equal(diary.errors[0]?.message, 'the cable');
  });

  it('may all be missing', async () => {
    const { transport } = await openInMemory(new WebSocketServer({}));
    transport.feed(text('Hello'), clientFrame(opcodes.close, closePayload(1000)));
    await until(() => transport.ended);
    assert.deepEqual(transport.said(), ['close 1000 ""']);
  });
});

describe('a handler that throws or rejects', () => {
  const failing: Readonly<Record<string, Partial<PeerHandlers<undefined>>>> = {
    'open throws': { open: () => fail() },
    'open rejects': { open: async () => fail() },
    'message throws': { message: () => fail() },
    'message rejects': { message: async () => fail() },
  };
  for (const [name, handlers] of Object.entries(failing)) {
    it(`${name}: its peer is failed with 1011 and nothing of the error, error hears all`, async () => {
      const diary = new ServerDiary();
      const server = new WebSocketServer<undefined>({ ...diary.handlers, ...handlers });
      const { transport } = await openInMemory(server);
      transport.feed(text('one'));
      await diary.until('error unexpected-condition');
      await until(() => transport.ended);
      assert.deepEqual(transport.said(), ['close 1011 "unexpected-condition"']);
      const [error] = diary.errors;
      assert.ok(error instanceof InternalError);
      assert.equal(error.cause, bug);
    });
  }

  it('drain throws: its peer is failed with 1011', async () => {
    const diary = new ServerDiary();
    const server = new WebSocketServer<undefined>({
      ...diary.handlers,
      highWaterMark: 0,
      drain: () => fail(),
    });
    const { peer, transport } = await openInMemory(server);
    peer.send('one');
    await until(() => transport.ended);
    assert.deepEqual(transport.said(), ['text "one"', 'close 1011 "unexpected-condition"']);
  });

  it('error or close throws or rejects: the process goes on', async () => {
    for (const thrower of [() => fail(), async () => fail()]) {
      const server = new WebSocketServer<undefined>({ error: thrower, close: thrower });
      const { transport } = await openInMemory(server);
      transport.feed(serverFrame(opcodes.text));
      await until(() => transport.ended);
      transport.destroy();
      await until(() => server.peerCount === 0);
    }
  });

  it('does not disturb the peers beside it', async (t) => {
    const { server, place } = await startServer(t, {
      message(peer, message) {
        if (message === 'throw') fail();
        for (const other of server.peers) if (other !== peer) other.send(message);
      },
    });
    const [ann, bob, eve] = [
      await RawClient.open(place),
      await RawClient.open(place),
      await RawClient.open(place),
    ];
    eve.send(text('throw'));
    ann.send(text('Hello'));
    assert.equal(await bob.hears(), 'text "Hello"');
    bob.send(text('Hi'));
    assert.equal(await ann.hears(), 'text "Hi"');
    assert.match(await eve.hears(), /^(text|close 1011)/);
    await until(() => server.peerCount === 2 || eve.socket.destroyed);
  });
});

function fail(): never {
  throw bug;
}
