/** permessage-deflate as servers and clients are told to use it (RFC 7692 §7.1), and against running zlib streams. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Budget, type ExtensionElement, formatExtensionList, WindowPool } from '@hawser/protocol';
import { DeflateNegotiator, type DeflateOptions } from '../src/deflate.ts';
import { PreparedMessage } from '../src/index.ts';
import { clientFrame, opcodes, RSV1 } from './frames.ts';
import { handshake, RawClient } from './raw-client.ts';
import { ServerDiary } from './server-diary.ts';
import { startServer } from './servers.ts';
import { RunningDeflate, RunningInflate } from './zlib-streams.ts';

const EVERYTHING = 'permessage-deflate; client_max_window_bits';
const takeover = { serverContextTakeover: true, clientContextTakeover: true };

function element(name: string, ...parameters: readonly string[]): ExtensionElement {
  const read = parameters.map((parameter) => {
    const [key = '', value] = parameter.split('=');
    return { name: key, value };
  });
  return { name, parameters: read };
}

/** What a server that is told so answers to a client that allows everything. */
function answerTo(options: DeflateOptions, ...parameters: readonly string[]): string | undefined {
  const accepted = new DeflateNegotiator('server', options).accept([
    element('permessage-deflate', ...parameters),
  ]);
  accepted?.extension.close();
  return accepted && formatExtensionList([accepted.answer]);
}

describe('§7.1 DeflateNegotiator', () => {
  it('gives up context takeover both ways by default', () => {
    const noTakeover = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
    assert.equal(answerTo({}, 'client_max_window_bits'), noTakeover);
    assert.equal(
      formatExtensionList([new DeflateNegotiator('client', {}).offer()]),
      `${noTakeover}; client_max_window_bits`,
    );
  });

  it('takes contexts over where it is told to', () => {
    assert.equal(answerTo(takeover, 'client_max_window_bits'), 'permessage-deflate');
    const serverOnly = 'permessage-deflate; client_no_context_takeover';
    assert.equal(answerTo({ serverContextTakeover: true }), serverOnly);
  });

  it('limits windows where it is told to', () => {
    const options = { ...takeover, serverMaxWindowBits: 10, clientMaxWindowBits: 11 };
    assert.equal(
      answerTo(options, 'client_max_window_bits'),
      'permessage-deflate; server_max_window_bits=10; client_max_window_bits=11',
    );
  });

  it('declines what it cannot accept', () => {
    assert.equal(answerTo({}, 'server_max_window_bits=8'), undefined);
    assert.equal(new DeflateNegotiator('server', {}).accept([element('foo')]), undefined);
  });

  it('has the client begin anew with each message when there is no memory for another window', () => {
    const windows = new WindowPool(2 ** 15 + 100);
    const negotiator = new DeflateNegotiator('server', { ...takeover, windows });
    const offers = [element('permessage-deflate')];
    const first = negotiator.accept(offers);
    const second = negotiator.accept(offers);
    assert.ok(first && second);
    assert.equal(formatExtensionList([first.answer]), 'permessage-deflate');
    assert.equal(formatExtensionList([second.answer]), 'permessage-deflate; client_no_context_takeover');
    second.extension.close();
    assert.equal(windows.used, 2 ** 15);
    first.extension.close();
    assert.equal(windows.used, 0);
  });

  it('has a client fail when there is no memory for the window that it must receive with', () => {
    const windows = new WindowPool(100);
    const negotiator = new DeflateNegotiator('client', { ...takeover, windows });
    assert.throws(() => negotiator.check([element('permessage-deflate')]), RangeError);
    assert.ok(negotiator.check([element('permessage-deflate', 'server_no_context_takeover')]));
    assert.equal(negotiator.check([]), undefined);
  });

  it('takes its windows from the budget as well', () => {
    const budget = new Budget(40_000);
    const negotiator = new DeflateNegotiator('server', { ...takeover, windows: new WindowPool(1e9, budget) });
    const accepted = negotiator.accept([element('permessage-deflate')]);
    assert.equal(budget.used, 2 ** 15);
    accepted?.extension.close();
    assert.equal(budget.used, 0);
  });

  for (const options of [
    { level: 0 },
    { level: 10 },
    { level: 1.5 },
    { threshold: -1 },
    { threshold: Number.NaN },
    { serverMaxWindowBits: 8 },
    { serverMaxWindowBits: 16 },
    { clientMaxWindowBits: 7 },
  ]) {
    it(`throws a RangeError at ${Object.entries(options)}`, () => {
      assert.throws(() => new DeflateNegotiator('server', options), RangeError);
    });
  }
});

describe('RFC 7692 the server, against running zlib streams', () => {
  for (const [title, options, offer] of [
    ['by default', {}, EVERYTHING],
    ['with context takeover', takeover, EVERYTHING],
    ['with context takeover of the server’s', { serverContextTakeover: true }, EVERYTHING],
    ['with context takeover of the client’s', { clientContextTakeover: true }, EVERYTHING],
    ['with small windows', { ...takeover, serverMaxWindowBits: 9, clientMaxWindowBits: 9 }, EVERYTHING],
    ['with windows that the client asked for', takeover, 'permessage-deflate; server_max_window_bits=10'],
    ['with a client’s window of 8 bits', takeover, `${EVERYTHING}=8`],
    ['with a pool that is too small', { ...takeover, windows: new WindowPool(2 ** 15 + 1000) }, EVERYTHING],
  ] as const) {
    it(`echoes random messages, some of them uncompressed, ${title}`, async (t) => {
      const diary = new ServerDiary();
      const perMessageDeflate = { ...options, threshold: 64 };
      const { place } = await startServer(t, {
        perMessageDeflate,
        error: diary.handlers.error,
        message: (peer, message) => void peer.send(message, { compress: message.length % 3 > 0 }),
      });
      const client = await open(t, place, offer);
      const random = randomFrom(1);
      for (let i = 0; i < 200; i++) {
        const message = randomMessage(random);
        await client.send(message, random() < 0.7);
        const echo = await client.receive();
        assert.deepEqual(echo.bytes, message);
        assert.equal(echo.isCompressed, message.length >= 64 && message.length % 3 > 0);
      }
      assert.deepEqual(diary.errors, []);
    });
  }

  it('sends one prepared message to clients that have negotiated different things', async (t) => {
    const { server, place } = await startServer(t, { perMessageDeflate: { ...takeover, threshold: 64 } });
    const offers = [
      undefined,
      EVERYTHING,
      'permessage-deflate; server_no_context_takeover',
      'permessage-deflate; server_max_window_bits=9',
    ];
    const clients = await Promise.all(offers.map((offer) => open(t, place, offer)));
    const random = randomFrom(2);
    for (let i = 0; i < 20; i++) {
      const message = Buffer.concat([Buffer.alloc(64), randomMessage(random)]);
      const compress = random() < 0.8;
      const prepared = new PreparedMessage(message, { compress });
      for (const peer of server.peers) {
        peer.send(prepared);
        peer.send(Buffer.from(`own message of each ${i}`.repeat(10)));
      }
      for (const [at, client] of clients.entries()) {
        const received = await client.receive();
        assert.deepEqual(received.bytes, message);
        assert.equal(received.isCompressed, compress && at > 0);
        assert.deepEqual((await client.receive()).bytes.toString(), `own message of each ${i}`.repeat(10));
      }
    }
  });

  it('tells what was agreed on as extensions', async (t) => {
    const extensions: string[] = [];
    const { place } = await startServer(t, {
      perMessageDeflate: true,
      open: (peer) => void extensions.push(peer.extensions),
    });
    await open(t, place, EVERYTHING);
    await open(t, place, undefined);
    assert.deepEqual(extensions, [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
      '',
    ]);
  });

  it('is off by default, and then no compressed message is taken', async (t) => {
    const diary = new ServerDiary();
    const { place } = await startServer(t, diary.handlers);
    const client = RawClient.to(place).send(handshake({ 'Sec-WebSocket-Extensions': EVERYTHING }));
    const { headers } = await client.response();
    assert.equal(headers.get('sec-websocket-extensions'), undefined);
    client.send(clientFrame(RSV1 | opcodes.text, Buffer.from('f248cdc9c90700', 'hex')));
    assert.equal(await client.hears(), 'close 1002 "reserved-bit-set"');
  });

  it('gives all memory back with the connection', async (t) => {
    const windows = new WindowPool();
    const diary = new ServerDiary();
    const { place } = await startServer(t, {
      ...diary.handlers,
      perMessageDeflate: { ...takeover, windows },
      message: (peer, message) => void peer.send(message),
    });
    const client = await open(t, place, EVERYTHING);
    await client.send(Buffer.alloc(5000, 1), true);
    await client.receive();
    assert.ok(windows.used > 2 ** 15);
    client.end();
    await diary.until('close 1006 "" unclean');
    assert.equal(windows.used, 0);
  });
});

/** A client by hand, compressing as the server has agreed to. */
async function open(t: TestContext, place: { port: number; host: string }, offer: string | undefined) {
  const client = RawClient.to(place).send(handshake({ 'Sec-WebSocket-Extensions': offer }));
  t.after(() => client.socket.destroy());
  const { status, headers } = await client.response();
  assert.equal(status, 101);
  const answer = headers.get('sec-websocket-extensions') ?? '';
  const bits = (side: string) => Number(new RegExp(`${side}_max_window_bits=(\\d+)`).exec(answer)?.[1] ?? 15);
  const takesOver = (side: string) => !answer.includes(`${side}_no_context_takeover`);
  // zlib cannot compress with 8 bits, so this client then sends everything as it is.
  const canDeflate = answer !== '' && bits('client') > 8;
  const deflate = new RunningDeflate({
    windowBits: Math.max(9, bits('client')),
    takesOver: takesOver('client'),
  });
  const inflate = new RunningInflate({ windowBits: bits('server'), takesOver: takesOver('server') });
  return {
    async send(message: Buffer, wantsToCompress: boolean): Promise<void> {
      const isCompressed = wantsToCompress && canDeflate;
      const payload = isCompressed ? await deflate.message(message) : message;
      client.send(clientFrame(opcodes.binary | (isCompressed ? RSV1 : 0), payload));
    },
    async receive(): Promise<{ bytes: Buffer; isCompressed: boolean }> {
      const { rsv1, payload } = await client.frame();
      return { bytes: rsv1 ? await inflate.message(payload) : payload, isCompressed: rsv1 };
    },
    end: () => client.socket.destroy(),
  };
}

/** Numbers from 0 to 1, the same ones every time (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const words = ['price', 'volume', 'bid', 'ask', '"symbol":', 'HWSR', '0.25', ',', '{', '}'];

/** Sometimes words that repeat, sometimes noise, sometimes empty, sometimes larger than every window. */
function randomMessage(random: () => number): Buffer {
  const length = Math.floor(random() ** 4 * 60_000);
  if (random() < 0.2) return Buffer.from(Uint8Array.from({ length }, () => random() * 256));
  let text = '';
  while (text.length < length) text += words[Math.floor(random() * words.length)];
  return Buffer.from(text.slice(0, length));
}
