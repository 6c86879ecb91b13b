/** RFC 6455 §5.4: messages that are sent from a stream, in fragments, one after another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConnectionError, defaultLimits } from '@hawser/protocol';
import { ConnectionEndedError } from '../src/connection-ended-error.ts';
import { type MessageSource, OutgoingStreams } from '../src/outgoing-streams.ts';
import { endOfTurn, until } from './server-diary.ts';

/** Streams whose fragments stand in lines, over a connection with room only when the test says so. */
function openStreams(maxBufferedOutput: number) {
  const lines: string[] = [];
  const rooms: (() => void)[] = [];
  const state = { isOpen: true };
  const target = {
    sendFragment: (bytes: Uint8Array, _: object, isLast: boolean) => {
      if (state.isOpen) lines.push(`${Buffer.from(bytes)}${isLast ? '.' : ''}`);
      return state.isOpen;
    },
    hold: () => undefined,
    release: () => undefined,
    room: () => new Promise<void>((resolve) => void rooms.push(resolve)),
    fail: (error: ConnectionError) => {
      state.isOpen = false;
      lines.push(error.code);
    },
  };
  const streams = new OutgoingStreams(target, { ...defaultLimits, maxBufferedOutput });
  const end = (): void => {
    state.isOpen = false;
    streams.clear();
    for (const resolve of rooms.splice(0)) resolve();
  };
  /** Makes room once. */
  const giveRoom = async (): Promise<void> => {
    await until(() => rooms.length > 0);
    rooms.shift()?.();
    await endOfTurn();
  };
  return { streams, lines, giveRoom, end };
}

async function* source(...chunks: readonly (string | Error)[]): AsyncGenerator<string> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield chunk;
  }
}

describe('§5.4 outgoing streams', () => {
  const cases: [title: string, source: MessageSource, lines: string[]][] = [
    ['each chunk as a fragment, and an empty last one', source('ab', 'c'), ['ab', 'c', '.']],
    ['a chunk that is too long in parts', source('abcdefghij'), ['abcd', 'efgh', 'ij', '.']],
    ['no fragment for an empty chunk', source('a', '', 'b'), ['a', 'b', '.']],
    ['a surrogate pair that was split in one piece', source('\ud83d', '\ude00'), ['\u{1f600}', '.']],
    ['nothing as an empty message', source(), ['.']],
    ['a Blob as if it had no parts', new Blob(['ab', 'cdefg', 'hij']), ['abcd', 'efgh', 'ij.']],
    ['a short Blob in one', new Blob(['a', 'b']), ['ab.']],
    ['an empty Blob', new Blob([]), ['.']],
  ];
  for (const [title, chunks, expected] of cases) {
    it(`send ${title}`, async () => {
      const { streams, lines, giveRoom } = openStreams(16);
      const sent = streams.send(chunks, {});
      for (const line of expected) if (line !== '.') await giveRoom();
      await sent;
      assert.deepEqual(lines, expected);
    });
  }

  it('take no chunk before there is room for the last one', async () => {
    const { streams, lines, giveRoom, end } = openStreams(16);
    const sent = streams.send(source('a', 'b'), {});
    await endOfTurn();
    assert.deepEqual(lines, []);
    await giveRoom();
    await endOfTurn();
    assert.deepEqual(lines, ['a']);
    end();
    await assert.rejects(sent, { code: 'connection-ended' });
  });

  it('fail the connection if their source is a message of another one, which has ended', async () => {
    const { streams, lines, giveRoom } = openStreams(16);
    const thrown = new ConnectionEndedError('an incoming message');
    const sent = assert.rejects(streams.send(source('a', thrown), {}), thrown);
    await giveRoom();
    await sent;
    assert.deepEqual(lines, ['a', 'unexpected-condition']);
  });

  it('keep the order of all that is sent meanwhile', async () => {
    const { streams, lines, giveRoom } = openStreams(4096);
    const first = streams.send(source('1'), {});
    streams.defer(() => lines.push('2'), 1);
    const third = streams.send(source('3'), {});
    streams.defer(() => lines.push('4'), 1);
    await giveRoom();
    await giveRoom();
    await Promise.all([first, third]);
    assert.deepEqual(lines, ['1', '.', '2', '3', '.', '4']);
    assert.equal(streams.isBusy, false);
  });

  it('fail the connection if a source throws, for half a message cannot be taken back', async () => {
    const { streams, lines, giveRoom } = openStreams(16);
    const cause = new Error('The disk is gone');
    const rejected = assert.rejects(streams.send(source('a', cause), {}), cause);
    await giveRoom();
    await rejected;
    assert.deepEqual(lines, ['a', 'unexpected-condition']);
  });

  it('fail the connection if too much waits', () => {
    const { streams, lines, end } = openStreams(1024);
    void assert.rejects(streams.send(source('a'), {}));
    streams.defer(() => undefined, 700);
    assert.deepEqual(lines, []);
    // Nothing but what it costs to wait.
    streams.defer(() => undefined, 0);
    assert.deepEqual(lines, ['too-much-buffered-output']);
    end();
  });

  it('tell all of them when the connection ends, those too that had not begun', async () => {
    const { streams, lines, end } = openStreams(4096);
    const sent = [streams.send(source('1'), {}), streams.send(source('2'), {})];
    streams.defer(() => lines.push('3'), 1);
    await endOfTurn();
    end();
    for (const each of sent) await assert.rejects(each, { code: 'connection-ended' });
    assert.deepEqual(lines, []);
  });
});
