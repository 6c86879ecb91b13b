/** The heartbeat (RFC 6455 §5.5.2): who says nothing is asked, who does not answer is dropped. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Peer, WebSocketServer } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { clientFrame, opcodes, text } from './frames.ts';
import type { MemoryTransport } from './memory-transport.ts';
import { endOfTurn, ServerDiary, until } from './server-diary.ts';
import { openInMemory } from './servers.ts';

/** Deadlines are met to within a twentieth of the shorter duration. */
const slackMs = 500;

describe('the heartbeat', () => {
  it('pings a peer after 30 seconds of silence', async () => {
    const { clock, transport } = await start();
    assert.deepEqual(await saidAfter(29_999, clock, transport), []);
    assert.deepEqual(await saidAfter(slackMs, clock, transport), ['ping ""']);
  });

  it('drops with 1006 a peer that does not answer for 10 seconds more', async () => {
    const { clock, transport, diary } = await start();
    await saidAfter(30_000 + slackMs, clock, transport);
    await saidAfter(10_000 - 2 * slackMs, clock, transport);
    assert.equal(transport.destroyed, false);
    clock.advance(2 * slackMs);
    assert.equal(transport.destroyed, true);
    await diary.until('close 1006 "" unclean');
  });

  it('leaves a peer that answers, and asks again after 30 seconds more', async () => {
    const { clock, transport } = await start();
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(await saidAfter(30_000 + slackMs, clock, transport), ['ping ""']);
      await feed(transport, clientFrame(opcodes.pong));
    }
    assert.equal(transport.destroyed, false);
  });

  it('takes any bytes for a sign of life, half a frame too', async () => {
    const { clock, transport } = await start();
    const frame = text('x'.repeat(100));
    for (let i = 0; i < 20; i++) {
      assert.deepEqual(await saidAfter(20_000, clock, transport), []);
      await feed(transport, frame.subarray(i, i + 1));
    }
    assert.equal(transport.destroyed, false);
  });

  it('does not take what we send for a sign of life', async () => {
    const { clock, peer, transport } = await start();
    const said: string[] = [];
    for (let i = 0; i < 31; i++) {
      peer.send('tick');
      said.push(...(await saidAfter(1_000, clock, transport)));
    }
    assert.deepEqual(
      said.filter((line) => line !== 'text "tick"'),
      ['ping ""'],
    );
  });

  it('leaves a paused peer alone, and asks it once it reads on', async () => {
    const { clock, peer, transport } = await start();
    peer.pause();
    assert.deepEqual(await saidAfter(315_000, clock, transport), []);
    peer.resume();
    assert.deepEqual(await saidAfter(20_000, clock, transport), ['ping ""']);
    peer.pause();
    assert.deepEqual(await saidAfter(300_000, clock, transport), []);
    assert.equal(transport.destroyed, false);
  });

  it('is switched off by heartbeatIntervalMs: 0', async () => {
    const { clock, transport } = await start({ heartbeatIntervalMs: 0 });
    assert.equal(clock.timerCount, 0);
    assert.deepEqual(await saidAfter(1e9, clock, transport), []);
    assert.equal(transport.destroyed, false);
  });

  it('only asks, for the sake of proxies on the way, with heartbeatTimeoutMs: 0', async () => {
    const { clock, transport } = await start({ heartbeatIntervalMs: 1000, heartbeatTimeoutMs: 0 });
    assert.equal((await saidAfter(10_000, clock, transport)).length, 10);
    assert.equal(transport.destroyed, false);
  });

  it('keeps to durations of its own', async () => {
    const { clock, transport, diary } = await start({ heartbeatIntervalMs: 100, heartbeatTimeoutMs: 20 });
    assert.deepEqual(await saidAfter(99, clock, transport), []);
    assert.deepEqual(await saidAfter(2, clock, transport), ['ping ""']);
    clock.advance(22);
    await diary.until('close 1006 "" unclean');
  });

  it('has one timer for thousands of peers, and asks each in its own time', async () => {
    const clock = new FakeClock();
    const server = new WebSocketServer({ clock });
    const opened: { transport: MemoryTransport; at: number }[] = [];
    for (let i = 0; i < 2000; i++) {
      opened.push({ transport: (await openInMemory(server)).transport, at: clock.now() });
      clock.advance(10);
    }
    assert.equal(clock.timerCount, 1);
    for (const wait of [5_000, 5_000, 5_000, 5_000]) {
      clock.advance(wait);
      await endOfTurn();
      for (const { transport, at } of opened) {
        const silentMs = clock.now() - at;
        if (silentMs >= 30_000 + slackMs) assert.equal(transport.writes.length, 1, `${silentMs} ms`);
        if (silentMs < 30_000) assert.equal(transport.writes.length, 0, `${silentMs} ms`);
      }
    }
  });

  it('leaves no timer when the last peer is gone, and begins anew with the next', async () => {
    const clock = new FakeClock();
    const server = new WebSocketServer({ clock });
    const { transport } = await openInMemory(server);
    transport.destroy();
    await until(() => server.peerCount === 0);
    assert.equal(clock.timerCount, 0);
    clock.advance(1e7);
    const second = await openInMemory(server);
    assert.deepEqual(await saidAfter(30_000 + slackMs, clock, second.transport), ['ping ""']);
  });
});

interface Started {
  readonly clock: FakeClock;
  readonly diary: ServerDiary;
  readonly peer: Peer;
  readonly transport: MemoryTransport;
}

async function start(
  options: { heartbeatIntervalMs?: number; heartbeatTimeoutMs?: number } = {},
): Promise<Started> {
  const clock = new FakeClock();
  const diary = new ServerDiary();
  const server = new WebSocketServer<undefined>({ ...diary.handlers, clock, ...options });
  return { clock, diary, ...(await openInMemory(server)) };
}

/** Lets time pass and tells what was sent meanwhile. */
async function saidAfter(ms: number, clock: FakeClock, transport: MemoryTransport): Promise<string[]> {
  clock.advance(ms);
  await endOfTurn();
  return transport.said();
}

/** Brings bytes and has them read. */
async function feed(transport: MemoryTransport, bytes: Uint8Array): Promise<void> {
  transport.feed(bytes);
  await until(() => transport.readableLength === 0);
}
