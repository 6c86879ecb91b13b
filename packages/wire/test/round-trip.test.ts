/** What one side encodes, the other decodes to the same: docs/wire.md, "Transport". */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import {
  type Data,
  decodeCommand,
  decodeServerMessage,
  encodeCommand,
  encodeHistoryReply,
  encodeMessageEvent,
  encodeServerMessage,
} from '@hawser/wire';
import fc from 'fast-check';
import { commands, data, serverMessages } from './arbitraries.ts';
import { frameOf } from './binary-frame.ts';

describe('round trips', () => {
  it('brings every command from the client to the hub', () => {
    fc.assert(
      fc.property(commands, (command) => {
        assert.deepEqual(decodeCommand(encodeCommand(command)), command);
      }),
      { numRuns: 2000 },
    );
  });

  it('brings every reply and event from the hub to the client', () => {
    fc.assert(
      fc.property(serverMessages, (message) => {
        assert.deepEqual(decodeServerMessage(encodeServerMessage(message)), message);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes a text frame for JSON, and a binary frame for bytes', () => {
    fc.assert(
      fc.property(data, (value) => {
        const command = encodeCommand({ type: 'call', id: 1, method: 'echo', data: value });
        const reply = encodeServerMessage({ type: 'result', id: 1, data: value });
        const expected = value instanceof Uint8Array ? 'object' : 'string';
        assert.deepEqual([typeof command, typeof reply], [expected, expected]);
      }),
    );
  });
});

describe('binary frames', () => {
  it('are the length of the head, the head, and the bytes', () => {
    const frame = encodeCommand({ type: 'call', id: 1, method: 'echo', data: Uint8Array.of(1, 2) });
    assert.deepEqual(frame, frameOf('{"type":"call","id":1,"method":"echo"}', [1, 2]));
    assert.equal(Buffer.from(frame).readUInt32BE(), 0x26); // as docs/wire.md shows it
  });

  it('carry no bytes as well as many', () => {
    const empty = new Uint8Array(0);
    const command = { type: 'publish', id: 1, channel: 'a:b', data: empty } as const;
    assert.deepEqual(decodeCommand(encodeCommand(command)), command);
  });

  it('are read wherever they lie in a larger buffer', () => {
    const frame = frameOf('{"type":"call","id":1,"method":"echo"}', [1, 2]);
    const slab = new Uint8Array(100).fill(0xff);
    slab.set(frame, 7);
    const command = decodeCommand(slab.subarray(7, 7 + frame.length));
    assert.deepEqual(command, { type: 'call', id: 1, method: 'echo', data: Uint8Array.of(1, 2) });
  });

  it('give the data as a view of the frame, without a copy', () => {
    const frame = frameOf('{"type":"call","id":1,"method":"echo"}', [1, 2]);
    const command = decodeCommand(frame);
    assert.ok(command.type === 'call' && command.data instanceof Uint8Array);
    assert.equal(command.data.buffer, frame.buffer);
  });
});

describe('encodeMessageEvent', () => {
  const head = { offset: 7, at: 1000, user: 'ann "a"', messageId: 'm1', key: 'k' };

  it('puts content into the frame as the log has it', () => {
    const frame = encodeMessageEvent('room:a', head, '{"price": 1.50, "big": 12345678901234567890}');
    assert.ok(typeof frame === 'string' && frame.includes('{"price": 1.50, "big": 12345678901234567890}'));
    const message = decodeServerMessage(frame);
    assert.deepEqual(message, {
      type: 'message',
      channel: 'room:a',
      ...head,
      data: { price: 1.5, big: 12345678901234567000 },
    });
  });

  it('says of an entry of a log only what is for clients', () => {
    const entry = { ...head, content: '1', publicationId: 'secret' };
    const frame = encodeMessageEvent('room:a', entry, entry.content);
    assert.ok(!String(frame).includes('secret'));
    const reply = { id: 1, channel: 'room:a', epoch: 'e', hasMore: false };
    assert.ok(!String(encodeHistoryReply(reply, [entry])).includes('secret'));
  });
});

describe('history replies', () => {
  it('mix JSON and bytes in one binary frame', () => {
    const reply = encodeHistoryReply({ id: 1, channel: 'a:b', epoch: 'e', hasMore: true }, [
      { offset: 1, at: 10, content: Uint8Array.of(1) },
      { offset: 2, at: 20, content: '{"a":[]}' },
      { offset: 3, at: 30, content: Uint8Array.of(2, 3) },
    ]);
    const message = decodeServerMessage(reply);
    assert.ok(message?.type === 'history');
    assert.deepEqual(
      message.messages.map(({ data }): Data => data),
      [Uint8Array.of(1), { a: [] }, Uint8Array.of(2, 3)],
    );
  });
});
