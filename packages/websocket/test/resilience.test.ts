/**
 * A server under clients that break the rules or do nothing, over real sockets: each ends with the right status or
 * code and with an error that says what it was, and two that chat beside it never notice.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ViolationError, type WebSocketServer } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { clientFrame, opcodes, serverFrame, text } from './frames.ts';
import { handshake, RawClient } from './raw-client.ts';
import { ServerDiary, until } from './server-diary.ts';
import { type Place, startServer } from './servers.ts';

/** Masked frames with a 64-bit length, up to their key. */
const frameOf2To63Bytes = Buffer.from('81ff800000000000000000000000', 'hex');
const frameOf2To53Bytes = Buffer.from('81ff002000000000000000000000', 'hex');

describe('two who chat never notice', () => {
  const handshakes = [
    ['a handshake that is no HTTP', 'hello\r\n\r\n', 400, 'malformed-request-line'],
    ['a handshake without a key', handshake({ 'Sec-WebSocket-Key': undefined }), 400, 'invalid-key'],
    ['a handshake with a folded header', handshake({ Cookie: 'a=1\r\n b=2' }), 400, 'malformed-header'],
    [
      'a handshake of another version',
      handshake({ 'Sec-WebSocket-Version': '8' }),
      426,
      'unsupported-version',
    ],
    ['a handshake of a megabyte', handshake({ Cookie: 'x'.repeat(2 ** 20) }), 431, 'handshake-too-long'],
  ] as const;
  for (const [name, head, status, code] of handshakes) {
    it(`${name}: ${status}`, async (t) => {
      const { chat, diary, place } = await start(t);
      const client = RawClient.to(place).send(head);
      await chat();
      assert.equal((await client.response()).status, status);
      await client.end();
      assertTold(diary, `refused ${code}`);
      await chat();
    });
  }

  const frames = [
    ['an unmasked frame', serverFrame(opcodes.text, 'x'), 1002, 'unmasked-frame'],
    ['a reserved opcode', clientFrame(0x3, 'x'), 1002, 'reserved-opcode'],
    ['a reserved bit', Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002, 'reserved-bit-set'],
    ['a length of 2^63', frameOf2To63Bytes, 1002, 'length-bit-63-set'],
    ['a length of 2^53', frameOf2To53Bytes, 1009, 'frame-too-long'],
    ['bad UTF-8', clientFrame(opcodes.text, Buffer.from([0xc3, 0x28])), 1007, 'invalid-utf8'],
    ['a fragmented Ping', clientFrame(opcodes.ping, 'x', false), 1002, 'fragmented-control-frame'],
    ['a lone continuation', clientFrame(opcodes.continuation, 'x'), 1002, 'unexpected-continuation'],
    ['a Close code of 1006', clientFrame(opcodes.close, Buffer.from([3, 238])), 1002, 'invalid-close-code'],
  ] as const;
  for (const [name, bytes, closeCode, code] of frames) {
    it(`${name}: ${closeCode}`, async (t) => {
      const { chat, diary, place, server } = await start(t);
      const client = await RawClient.open(place);
      client.send(bytes, text('what follows is not read'));
      await chat();
      assert.equal(await client.hears(), `close ${closeCode} "${code}"`);
      await client.end();
      await until(() => server.peerCount === 2);
      assertTold(diary, `error ${code}`);
      await chat();
    });
  }

  it('endless empty fragments: 1008', async (t) => {
    const { chat, diary, place } = await start(t);
    const client = await RawClient.open(place);
    client.send(clientFrame(opcodes.text, '', false));
    const empty = clientFrame(opcodes.continuation, '', false);
    client.send(Buffer.concat(Array.from({ length: 131_072 }, () => empty)));
    await chat();
    assert.equal(await client.hears(), 'close 1008 "too-many-fragments"');
    assertTold(diary, 'error too-many-fragments');
    await chat();
  });

  it('a client that is gone without a word: 1006 when it does not answer the heartbeat', async (t) => {
    const { chat, clock, diary, place } = await start(t);
    const client = await RawClient.open(place);
    // A half-open peer is one that reads nothing and answers nothing, though its end of the wire is still there.
    client.socket.pause();
    clock.advance(20_000);
    await chat();
    clock.advance(11_000);
    await chat();
    clock.advance(11_000);
    await diary.until('close 1006 "" unclean');
    await chat();
    client.socket.resume();
    assert.equal(await client.hears(), 'ping ""');
  });

  it('a client that never reads: an error when too much waits for it, and its end in time', async (t) => {
    const { chat, clock, diary, place, server } = await start(t);
    const client = await RawClient.open(place);
    client.socket.pause();
    client.send(text('flood me'));
    await diary.until('error too-much-buffered-output');
    await chat();
    assertTold(diary, 'error too-much-buffered-output');
    clock.advance(10_000);
    await until(() => server.peerCount === 2);
    assert.ok(diary.lines.includes('close 1006 "" unclean'));
    await chat();
  });

  it('a client that leaves in the middle of a frame, or resets the connection: 1006', async (t) => {
    const { chat, diary, place, server } = await start(t);
    const leaving = await RawClient.open(place);
    leaving.send(text('Hello').subarray(0, 4)).socket.end();
    await until(() => diary.lines.filter((line) => line === 'close 1006 "" unclean').length === 1);
    const resetting = await RawClient.open(place);
    await until(() => server.peerCount === 3);
    resetting.socket.resetAndDestroy();
    await until(() => diary.lines.filter((line) => line === 'close 1006 "" unclean').length === 2);
    await chat();
  });
});

interface Started {
  readonly server: WebSocketServer<unknown>;
  readonly clock: FakeClock;
  readonly diary: ServerDiary;
  readonly place: Place;
  /** Has the two who chat say something to each other. */
  chat(): Promise<void>;
}

/** A chat of two on a server that can also be told to send without end. */
async function start(t: TestContext): Promise<Started> {
  const clock = new FakeClock();
  const diary = new ServerDiary();
  const { server, place } = await startServer(t, {
    ...diary.handlers,
    clock,
    limits: { maxBufferedOutput: 1_000_000 },
    async message(peer, message) {
      if (message !== 'flood me') {
        for (const other of chatters) if (other !== peer) other.send(message);
        return;
      }
      const flood = Buffer.alloc(500_000);
      while (peer.isOpen) {
        peer.send(flood);
        await new Promise(setImmediate);
      }
    },
  });
  const [ann, bob] = [await RawClient.open(place), await RawClient.open(place)];
  const chatters = [...server.peers];
  let said = 0;
  const chat = async (): Promise<void> => {
    said += 1;
    ann.send(text(`${said} from Ann`));
    assert.equal(await hearsText(bob), `text "${said} from Ann"`);
    bob.send(text(`${said} from Bob`));
    assert.equal(await hearsText(ann), `text "${said} from Bob"`);
  };
  await chat();
  return { server, clock, diary, place, chat };
}

/** Answers the Pings on the way to the next message. */
async function hearsText(client: RawClient): Promise<string> {
  for (;;) {
    const heard = await client.hears();
    if (!heard.startsWith('ping')) return heard;
    client.send(clientFrame(opcodes.pong));
  }
}

/** One thing went wrong, and its error says what was expected and what came instead. */
function assertTold(diary: ServerDiary, line: string): void {
  assert.deepEqual(
    diary.lines.filter((told) => /^(error|refused)/.test(told)),
    [line],
  );
  const [error] = diary.errors;
  assert.ok(error instanceof ViolationError);
  assert.match(error.message, /^Expected .+, received .*[^.]$/s);
  assert.match(error.section, /^RFC \d+ §/);
}
