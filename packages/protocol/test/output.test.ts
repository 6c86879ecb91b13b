/** What a connection has to write: long runs in a slab that connections share, large payloads by reference. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Connection, type Role, Slab } from '../src/index.ts';
import { concat, frame, peerOf, readFrames, roles } from './frames.ts';
import { hear } from './transcript.ts';

for (const role of roles) {
  const peer = peerOf(role);

  describe(`output, ${role}`, () => {
    it('all small frames of one turn lie side by side in one run', () => {
      const connection = open(role);
      for (let i = 0; i < 100; i++) connection.sendText(`message ${i}`);
      connection.sendPing();
      hear(connection, frame(peer, 9, 'p'));
      connection.close(1000);
      const [run, ...more] = takeChunks(connection);
      assert.equal(more.length, 0);
      assert.equal(readFrames(run ?? new Uint8Array(0)).length, 103);
    });

    it('a run that the slab’s block has no room for goes on in the next block', () => {
      const connection = open(role);
      for (let i = 0; i < 10; i++) connection.sendBytes(new Uint8Array(4000).fill(i));
      const runs = takeChunks(connection);
      assert.ok(runs.length <= 4);
      const payloads = readFrames(concat(...runs)).map(({ payload }) => [payload.length, payload[0]]);
      assert.deepEqual(
        payloads,
        Array.from({ length: 10 }, (_, i) => [4000, i]),
      );
    });

    it('a run goes on where the last one ended, and does not touch what was taken', () => {
      const slab = new Slab();
      const connection = open(role, slab);
      connection.sendText('first');
      const [first] = takeChunks(connection);
      const before = first?.slice();
      connection.sendText('second');
      const [second] = takeChunks(connection);
      assert.equal(second?.buffer, first?.buffer);
      assert.deepEqual(first, before);
      assert.equal(second?.byteOffset, (first?.byteOffset ?? 0) + (first?.length ?? 0));
    });

    it('connections that share a slab write between each other and send only their own', () => {
      const slab = new Slab((length) => new Uint8Array(length).fill(0xaa));
      const [one, two] = [open(role, slab), open(role, slab)];
      for (let i = 0; i < 500; i++) {
        one.sendText(`one ${i}`);
        if (i % 3 === 0) two.sendText(`two ${i} ${'x'.repeat(i)}`);
      }
      const texts = (connection: Connection) =>
        readFrames(concat(...takeChunks(connection))).map(({ payload }) => Buffer.from(payload).toString());
      assert.deepEqual(
        texts(one),
        Array.from({ length: 500 }, (_, i) => `one ${i}`),
      );
      const twos = Array.from({ length: 167 }, (_, i) => `two ${i * 3} ${'x'.repeat(i * 3)}`);
      assert.deepEqual(texts(two), twos);
    });

    it('large and small frames keep their order', () => {
      const connection = open(role);
      const sizes = [10, 5000, 20, 20_000, 70_000, 30, 4096, 4097, 0, 1];
      sizes.forEach((size, i) => {
        connection.sendBytes(new Uint8Array(size).fill(i));
      });
      const frames = readFrames(concat(...takeChunks(connection)));
      assert.deepEqual(
        frames.map(({ payload }) => payload.length),
        sizes,
      );
      frames.forEach(({ payload }, i) => {
        assert.ok(payload.every((byte) => byte === i));
      });
    });

    it('counts every byte that waits, framing included', () => {
      const connection = open(role);
      connection.sendText('Hello');
      connection.sendBytes(new Uint8Array(10_000));
      connection.sendPing();
      const waiting = connection.bufferedOutput;
      assert.equal(concat(...takeChunks(connection)).length, waiting);
      assert.equal(connection.bufferedOutput, 0);
      assert.equal(connection.hasOutput, false);
      assert.deepEqual(connection.takeOutput(), []);
    });

    it('a connection whose transport is stuck leaves the shared slab alone', () => {
      const slab = new Slab();
      slab.reserve(1);
      const connection = open(role, slab);
      connection.setStuck(true);
      const { block, position } = slab;
      for (let i = 0; i < 100; i++) connection.sendText(`message ${i}`);
      assert.deepEqual([slab.block, slab.position], [block, position]);
      connection.setStuck(false);
      connection.sendText('last');
      const chunks = takeChunks(connection);
      assert.equal(chunks.at(-1)?.buffer, block.buffer);
      const texts = readFrames(concat(...chunks)).map(({ payload }) => Buffer.from(payload).toString());
      assert.deepEqual(texts, [...Array.from({ length: 100 }, (_, i) => `message ${i}`), 'last']);
    });

    it('an idle connection keeps no block alive that it once wrote into', async () => {
      const slab = new Slab();
      const idle = open(role, slab);
      idle.sendText('once');
      idle.takeOutput();
      const written = new WeakRef(slab.block);
      slab.position = slab.block.length;
      slab.reserve(1);
      // A WeakRef holds what it was made from until its turn of the loop is over.
      await new Promise(setImmediate);
      collectGarbage();
      assert.equal(written.deref(), undefined);
      assert.equal(idle.state, 'open');
    });

    it('says the end of our side once, behind all bytes', () => {
      const connection = open(role);
      connection.sendText('before');
      hear(connection, frame(peer, 3));
      assert.equal(connection.hasOutput, true);
      assert.deepEqual(
        connection.takeOutput().map(({ type }) => type),
        ['bytes', 'end'],
      );
      assert.equal(connection.hasOutput, false);
      assert.deepEqual(connection.takeOutput(), []);
    });
  });
}

describe('output, by reference', () => {
  it('a server writes a large payload from where it lies', () => {
    const server = open('server');
    const bytes = new Uint8Array(10_000);
    server.sendBytes(bytes);
    const [head, payload] = takeChunks(server);
    assert.equal(head?.length, 4);
    assert.equal(payload, bytes);
  });

  it('a server copies a small payload, which may change behind it', () => {
    const server = open('server');
    const bytes = Uint8Array.of(1, 2, 3);
    server.sendBytes(bytes);
    bytes.fill(9);
    assert.deepEqual(concat(...takeChunks(server)), Uint8Array.of(0x82, 3, 1, 2, 3));
  });

  it('a client masks a copy of its own, large or small, which may change behind it', () => {
    for (const length of [10, 10_000]) {
      const client = open('client');
      const bytes = new Uint8Array(length).fill(1);
      client.sendBytes(bytes);
      bytes.fill(9);
      const [sent] = readFrames(concat(...takeChunks(client)));
      assert.ok(sent?.payload.every((byte) => byte === 1));
    }
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

function open(role: Role, slab: Slab = new Slab()): Connection {
  return role === 'client'
    ? new Connection({ role, slab, randomMaskingKey: () => 0x12345678 })
    : new Connection({ role, slab });
}

function takeChunks(connection: Connection): Uint8Array[] {
  return connection.takeOutput().flatMap((output) => (output.type === 'bytes' ? [output.bytes] : []));
}
