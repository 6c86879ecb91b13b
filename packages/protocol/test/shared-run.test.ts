/**
 * Fan-out: what many connections write in the same order is joined once, and whoever has something of its own to say
 * in between says it in its place.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Connection, PreparedMessage, Slab } from '../src/index.ts';
import { readFrames } from './frames.ts';

const messages = ['one', 'two', 'three'].map((text) => new PreparedMessage(text));

function open(slab: Slab): Connection {
  return new Connection({ role: 'server', slab });
}

function takeChunks(connection: Connection): Uint8Array[] {
  return connection.takeOutput().flatMap((output) => (output.type === 'bytes' ? [output.bytes] : []));
}

function textsOf(chunks: readonly Uint8Array[]): string[] {
  return readFrames(Buffer.concat(chunks)).map(({ payload }) => Buffer.from(payload).toString());
}

describe('shared runs', () => {
  it('are one piece of memory for all connections that write the same', () => {
    const slab = new Slab();
    const connections = Array.from({ length: 3 }, () => open(slab));
    for (const message of messages) for (const connection of connections) connection.sendPrepared(message);
    const [first, ...others] = connections.map(takeChunks);
    assert.equal(first?.length, 1);
    for (const chunks of others) assert.equal(chunks[0], first[0]);
    assert.deepEqual(textsOf(first), ['one', 'two', 'three']);
  });

  it('keep the order among messages of the connection itself', () => {
    const slab = new Slab();
    const [talker, listener] = [open(slab), open(slab)];
    for (const message of messages) {
      talker.sendPrepared(message);
      talker.sendText('own');
      listener.sendPrepared(message);
    }
    assert.deepEqual(textsOf(takeChunks(talker)), ['one', 'own', 'two', 'own', 'three', 'own']);
    assert.deepEqual(textsOf(takeChunks(listener)), ['one', 'two', 'three']);
  });

  it('part where connections part', () => {
    const slab = new Slab();
    const connections = Array.from({ length: 6 }, () => open(slab));
    const orders = [[0, 1, 2], [0, 2, 1], [0, 1], [2, 2, 0], [0, 1, 2], []];
    for (let step = 0; step < 3; step++) {
      connections.forEach((connection, i) => {
        const message = messages[orders[i]?.[step] ?? -1];
        if (message !== undefined) connection.sendPrepared(message);
      });
    }
    const names = ['one', 'two', 'three'];
    const expected = orders.map((order) => order.map((index) => names[index]));
    assert.deepEqual(connections.map(takeChunks).map(textsOf), expected);
  });

  it('are no longer than a write, whatever waits', () => {
    const slab = new Slab();
    const connections = [open(slab), open(slab)];
    const message = new PreparedMessage('x'.repeat(1000));
    for (let i = 0; i < 200; i++) for (const connection of connections) connection.sendPrepared(message);
    const [first = [], second = []] = connections.map(takeChunks);
    assert.deepEqual(textsOf(first), Array(200).fill('x'.repeat(1000)));
    assert.ok(first.every((chunk, i) => chunk.length <= 64 * 1024 && chunk === second[i]));
  });
});
