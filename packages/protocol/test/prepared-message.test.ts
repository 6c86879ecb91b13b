/** Messages that are encoded once and written by many connections. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Opcode, PreparedMessage } from '../src/index.ts';
import { frame, utf8 } from './frames.ts';
import { openConnection, takeBytes } from './transcript.ts';

describe('PreparedMessage', () => {
  it('is the frame that a server would send, at every form of length', () => {
    for (const length of [0, 1, 125, 126, 4094, 65_535, 65_536]) {
      const bytes = new Uint8Array(length).fill(0x61);
      assert.deepEqual(new PreparedMessage(bytes).frame, frame('server', Opcode.Binary, bytes));
      assert.deepEqual(new PreparedMessage('a'.repeat(length)).frame, frame('server', Opcode.Text, bytes));
    }
  });

  it('sends a string as text in UTF-8, and bytes as text if it is told to', () => {
    assert.deepEqual(new PreparedMessage('€👋').frame, frame('server', Opcode.Text, '€👋'));
    assert.deepEqual(
      new PreparedMessage(utf8('€'), { opcode: Opcode.Text }).frame,
      frame('server', Opcode.Text, '€'),
    );
  });

  it('keeps nothing of the bytes that it was made from', () => {
    const bytes = utf8('Hello');
    const message = new PreparedMessage(bytes);
    bytes.fill(0);
    assert.deepEqual(message.frame, frame('server', Opcode.Binary, 'Hello'));
  });

  for (const [length, how] of [
    [10, 'by a copy'],
    [10_000, 'by reference'],
  ] as const) {
    it(`is written by many connections, ${length} bytes ${how}`, () => {
      const message = new PreparedMessage(new Uint8Array(length).fill(1));
      const before = Buffer.from(message.frame.slice());
      const servers = [openConnection('server'), openConnection('server')];
      for (const server of servers) {
        server.sendPrepared(message);
        server.sendPrepared(message);
      }
      for (const server of servers) {
        const chunks = server.takeOutput().map((output) => (output.type === 'bytes' ? output.bytes : null));
        const isShared = chunks.map((chunk) => chunk?.buffer === message.frame.buffer);
        assert.deepEqual(isShared, how === 'by reference' ? [true, true] : [false]);
        assert.deepEqual(
          Buffer.concat(chunks.flatMap((chunk) => chunk ?? [])),
          Buffer.concat([before, before]),
        );
      }
      assert.deepEqual(Buffer.from(message.frame), before);
    });
  }

  it('keeps its place among other messages', () => {
    const server = openConnection('server');
    server.sendText('before');
    server.sendPrepared(new PreparedMessage(new Uint8Array(5000)));
    server.sendText('between');
    server.sendPrepared(new PreparedMessage('prepared'));
    const expected = [
      frame('server', 1, 'before'),
      frame('server', 2, new Uint8Array(5000)),
      frame('server', 1, 'between'),
      frame('server', 1, 'prepared'),
    ];
    assert.deepEqual(Buffer.from(takeBytes(server).bytes), Buffer.concat(expected));
  });
});
