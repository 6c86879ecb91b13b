/** The opening handshake's bounds: size, headers, time, number; and what stands before and behind its head. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { Authorization } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { text } from './frames.ts';
import { handshake, RawClient } from './raw-client.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { startServer } from './servers.ts';

const undecided = () => new Promise<never>(() => undefined);

describe('the size of a handshake', () => {
  it('is bounded by limits.maxHandshakeLength: the longest passes, one byte more is refused with 431', async (t) => {
    const maxHandshakeLength = handshake({ Padding: 'x'.repeat(1000) }).length;
    const { place } = await startServer(t, { limits: { maxHandshakeLength } });
    await RawClient.open(place, handshake({ Padding: 'x'.repeat(1000) }));
    const longer = RawClient.to(place).send(handshake({ Padding: 'x'.repeat(1001) }));
    assert.equal((await longer.response()).status, 431);
  });

  it('is refused as soon as it is too long, however much more would come', async (t) => {
    const { place } = await startServer(t, { limits: { maxHandshakeLength: 1000 } });
    const client = RawClient.to(place).send(`GET /${'x'.repeat(1000)}`);
    assert.equal((await client.response()).status, 431);
    await client.end();
  });

  it('is bounded by limits.maxHeaderCount, with 431', async (t) => {
    const { place } = await startServer(t, { limits: { maxHeaderCount: 10 } });
    const padding = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, '']));
    await RawClient.open(place, handshake(padding(5)));
    assert.equal(
      (
        await RawClient.to(place)
          .send(handshake(padding(6)))
          .response()
      ).status,
      431,
    );
  });

  it('with thousands of headers is refused with 431, whether or not Upgrade is among them', async (t) => {
    const { place } = await startServer(t, { limits: { maxHandshakeLength: 1_000_000 } });
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`X-${i}`, 'x']));
    for (const headers of [many, { ...many, Upgrade: undefined }])
      assert.equal((await RawClient.to(place).send(handshake(headers)).response()).status, 431);
  });

  it('may come byte by byte', async (t) => {
    const { place } = await startServer(t, {});
    const client = RawClient.to(place);
    client.socket.setNoDelay(true);
    for (const byte of handshake()) {
      client.send(byte);
      await endOfTurn();
    }
    assert.equal((await client.response()).status, 101);
  });
});

describe('the time of a handshake', () => {
  it('is bounded by handshakeTimeoutMs: who dribbles is refused with 408', async (t) => {
    const clock = new FakeClock();
    const diary = new ServerDiary();
    const { place } = await startServer(t, { ...diary.handlers, clock, handshakeTimeoutMs: 1000 });
    const client = RawClient.to(place).send('GET / HT');
    await until(() => clock.timerCount === 1);
    clock.advance(999);
    client.send('TP/1.1');
    clock.advance(1);
    assert.equal((await client.response()).status, 408);
    await client.end();
    assert.deepEqual(diary.lines, ['refused handshake-timeout']);
  });

  it('is over at the deadline: what comes afterwards opens nothing and asks nobody', async (t) => {
    const clock = new FakeClock();
    let asked = 0;
    const authorize = (): Authorization<undefined> => {
      asked += 1;
      return { allow: true, data: undefined };
    };
    const { server, place } = await startServer(t, { clock, authorize });
    const client = new RawClient(connect({ ...place, allowHalfOpen: true })).send('GET');
    await until(() => clock.timerCount === 1);
    clock.advance(10_000);
    assert.equal((await client.response()).status, 408);
    client.send(handshake().slice('GET'.length)).socket.end();
    assert.doesNotMatch(await client.end(), /HTTP/);
    assert.equal(asked, 0);
    assert.equal(server.peerCount, 0);
  });

  it('leaves no timer behind, however the handshake ends', async (t) => {
    const clock = new FakeClock();
    const { place } = await startServer(t, { clock, heartbeatIntervalMs: 0 });
    await RawClient.open(place);
    await RawClient.to(place).send('nonsense\r\n\r\n').end();
    const gone = RawClient.to(place).send('GET');
    await until(() => clock.timerCount === 1);
    gone.socket.destroy();
    await until(() => clock.timerCount === 0);
  });
});

describe('the number of handshakes under way', () => {
  it('is bounded by maxPendingHandshakes: one more is refused with 503, and opens when there is room', async (t) => {
    const { place } = await startServer(t, { maxPendingHandshakes: 2 });
    const first = RawClient.to(place).send('GET');
    RawClient.to(place).send('GET');
    await until(() => first.socket.readyState === 'open');
    const third = RawClient.to(place).send(handshake());
    assert.equal((await third.response()).status, 503);
    await first.send(' nonsense\r\n\r\n').end();
    await RawClient.open(place);
  });

  it('counts those in authorize, and those no more whose client has left', async (t) => {
    const diary = new ServerDiary();
    let asked = 0;
    const authorize = () => {
      asked += 1;
      return undecided();
    };
    const { place } = await startServer(t, { ...diary.handlers, authorize, maxPendingHandshakes: 1 });
    const client = RawClient.to(place).send(handshake());
    await until(() => asked === 1);
    assert.equal((await RawClient.to(place).send(handshake()).response()).status, 503);
    client.socket.resetAndDestroy();
    await diary.until('refused ClientGoneError');
    RawClient.to(place).send(handshake());
    await until(() => asked === 2);
  });
});

describe('what stands around the head of a handshake', () => {
  it('bytes behind it are frames', async (t) => {
    const diary = new ServerDiary();
    const { place } = await startServer(t, diary.handlers);
    const client = RawClient.to(place);
    client.send(Buffer.concat([Buffer.from(handshake()), text('one'), text('two').subarray(0, 3)]));
    await diary.until('message "one"');
    client.send(text('two').subarray(3));
    await diary.until('message "two"');
  });

  it('a second request behind a refused one gets no response', async (t) => {
    const diary = new ServerDiary();
    const { place } = await startServer(t, diary.handlers);
    const client = RawClient.to(place).send(handshake({ 'Sec-WebSocket-Version': '8' }) + handshake());
    const { status, headers } = await client.response();
    assert.equal(status, 426);
    assert.equal(headers.get('sec-websocket-version'), '13');
    client.send(handshake());
    assert.doesNotMatch(await client.end(), /HTTP/);
    assert.deepEqual(diary.lines, ['refused unsupported-version']);
  });

  it('a body is refused with 400, announced either way', async (t) => {
    const { place } = await startServer(t, {});
    for (const body of [{ 'Content-Length': '5' }, { 'Transfer-Encoding': 'chunked' }])
      assert.equal(
        (
          await RawClient.to(place)
            .send(`${handshake(body)}hello`)
            .response()
        ).status,
        400,
      );
  });

  it('what is not HTTP is refused with 400', async (t) => {
    const { place } = await startServer(t, {});
    for (const nonsense of [
      '\r\n\r\n',
      'SSH-2.0-x\r\n\r\n',
      '\u0016\u0003\u0001\r\n\r\n',
      'GET  / HTTP/1.1\r\n\r\n',
    ])
      assert.equal((await RawClient.to(place).send(nonsense).response()).status, 400, nonsense);
  });
});

describe('the refused handler', () => {
  it('hears of every error with the address of the client, and may throw', async (t) => {
    const heard: string[] = [];
    const { place } = await startServer(t, {
      refused(error, remoteAddress) {
        heard.push(`${remoteAddress} ${error.message}`);
        throw new Error('a bug of the application');
      },
    });
    const client = RawClient.to(place).send(handshake({ 'Sec-WebSocket-Key': 'short' }));
    assert.equal((await client.response()).status, 400);
    assert.deepEqual(heard, [
      '127.0.0.1 Expected one Sec-WebSocket-Key, 16 bytes in base64, received "short"',
    ]);
  });
});
