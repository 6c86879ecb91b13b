/** `for await (const message of peer)`: the messages, read no faster than the loop runs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProtocolError, WebSocketServer } from '../src/index.ts';
import { clientFrame, closePayload, opcodes, serverFrame, text } from './frames.ts';
import { RawClient } from './raw-client.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { openInMemory, startServer } from './servers.ts';

const close = clientFrame(opcodes.close, closePayload(1000));

describe('for await over a peer', () => {
  it('gets the messages in order, those before a Close frame too, and ends with the connection', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer(diary.handlers));
    transport.feed(Buffer.concat([text('one'), clientFrame(opcodes.binary, '2'), text('three'), close]));
    transport.feedEnd();
    const got: unknown[] = [];
    for await (const message of peer) got.push(typeof message === 'string' ? message : Buffer.from(message));
    assert.deepEqual(got, ['one', Buffer.from('2'), 'three']);
    await diary.until('close 1000 ""');
    assert.deepEqual(diary.lines, ['open', 'close 1000 ""']);
  });

  it('gets a message while the next waits with the sender', async (t) => {
    const taken: string[] = [];
    const steps: (() => void)[] = [];
    const { place } = await startServer(t, {
      async open(peer) {
        for await (const message of peer) {
          taken.push(String(message.length));
          await new Promise<void>((resolve) => steps.push(resolve));
        }
      },
    });
    const client = await RawClient.open(place);
    const large = text('x'.repeat(1_000_000));
    const flood = Array.from({ length: 30 }, () => large);
    client.send(...flood);
    await until(() => steps.length === 1 && client.socket.writableLength > 0);
    const unsent = client.socket.writableLength;
    assert.ok(unsent > 10_000_000, `${unsent} bytes still wait at the sender`);
    for (let i = 0; i < flood.length; i++) {
      await until(() => steps.length > i);
      steps[i]?.();
    }
    assert.deepEqual(taken, Array(30).fill('1000000'));
    assert.equal(client.socket.writableLength, 0);
  });

  it('throws the error of a connection that we failed, once', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    transport.feed(Buffer.concat([text('good'), serverFrame(opcodes.text, 'unmasked')]));
    const got: unknown[] = [];
    await assert.rejects(
      async () => {
        for await (const message of peer) got.push(message);
      },
      (error) => error instanceof ProtocolError && error.code === 'unmasked-frame',
    );
    assert.deepEqual(got, ['good']);
    transport.destroy();
    for await (const message of peer) got.push(String(message));
    assert.deepEqual(got, ['good']);
  });

  it('leaves the rest to the message handler after a break', async () => {
    const diary = new ServerDiary();
    const { peer, transport } = await openInMemory(new WebSocketServer(diary.handlers));
    transport.feed(text('name'), text('one'), text('two'));
    for await (const message of peer) {
      assert.equal(message, 'name');
      break;
    }
    await diary.until('message "two"');
    assert.deepEqual(diary.lines, ['open', 'message "one"', 'message "two"']);
  });

  it('may be begun again after a break', async () => {
    const { peer, transport } = await openInMemory(new WebSocketServer({}));
    const got: unknown[] = [];
    const takeOne = async (): Promise<void> => {
      for await (const message of peer) {
        got.push(message);
        break;
      }
    };
    transport.feed(text('one'));
    await takeOne();
    const second = takeOne();
    transport.feed(text('two'));
    await second;
    assert.deepEqual(got, ['one', 'two']);
  });

  it('ends when the connection is lost, closed by us or terminated', async () => {
    for (const end of ['lost', 'close', 'terminate'] as const) {
      const { peer, transport } = await openInMemory(new WebSocketServer({}));
      const got: unknown[] = [];
      const loop = (async () => {
        for await (const message of peer) got.push(message);
      })();
      transport.feed(text('one'));
      await until(() => got.length === 1);
      if (end === 'lost') transport.destroy();
      else peer[end]();
      if (end === 'close') transport.feed(close);
      transport.feedEnd();
      await loop;
      assert.deepEqual(got, ['one'], end);
    }
  });

  it('ends at once on a connection that is gone', async () => {
    const { peer } = await openInMemory(new WebSocketServer({}));
    peer.terminate();
    await endOfTurn();
    for await (const message of peer) assert.fail(String(message));
  });

  it('fails the connection with 1011 if its body throws inside a handler', async () => {
    const diary = new ServerDiary();
    const { transport } = await openInMemory(
      new WebSocketServer({
        ...diary.handlers,
        async open(peer) {
          for await (const message of peer) throw new Error(`a bug at ${message}`);
        },
      }),
    );
    transport.feed(text('one'));
    await diary.until('error unexpected-condition');
    await endOfTurn();
    assert.deepEqual(transport.said(), ['close 1011 "unexpected-condition"']);
  });
});
