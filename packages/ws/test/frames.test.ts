/** Sender and Receiver: frames built by hand, put on a connection, and read without one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { PerMessageDeflate, Receiver, Sender } from '@hawser/ws';
import { closed, connect, messages, sent } from './pairs.ts';

const flags = { fin: true, mask: false, rsv1: false, readOnly: false } as const;

describe('Sender.frame', () => {
  it('gives a header and the data itself, so that many connections can share them', () => {
    const data = Buffer.from('hello');
    assert.deepEqual(Sender.frame(data, { ...flags, opcode: 1 }), [Buffer.from([0x81, 0x05]), data]);
    assert.equal(Sender.frame(data, { ...flags, opcode: 1 })[1], data);
  });

  it('writes lengths in their shortest form, and RSV1', () => {
    const head = (length: number): number[] => [
      ...(Sender.frame(Buffer.alloc(length), { ...flags, rsv1: true, opcode: 2 })[0] ?? []),
    ];
    assert.deepEqual(head(125), [0xc2, 125]);
    assert.deepEqual(head(126), [0xc2, 126, 0, 126]);
    assert.deepEqual(head(65_536), [0xc2, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  it('gives a header alone for nothing', () => {
    assert.deepEqual(Sender.frame('', { ...flags, fin: false, opcode: 0 }), [Buffer.from([0, 0])]);
  });

  it('masks a copy', () => {
    const data = Buffer.from([1, 2, 3, 4, 5]);
    const frame = Sender.frame(data, {
      ...flags,
      mask: true,
      readOnly: true,
      opcode: 2,
      generateMask: (key) => key.fill(1),
    });
    assert.deepEqual(Buffer.concat(frame), Buffer.from([0x82, 0x85, 1, 1, 1, 1, 0, 3, 2, 5, 4]));
    assert.deepEqual(data, Buffer.from([1, 2, 3, 4, 5]));
  });
});

describe('Sender', () => {
  it('writes messages and their fragments, control frames and the end, in order though a Blob is among them', async () => {
    const wire = new PassThrough();
    const sender = new Sender(wire);
    sender.send('a', { fin: false });
    sender.send(new Blob(['b']), { binary: true, fin: true });
    sender.ping('p');
    sender.send(Uint8Array.of(1), { binary: true, fin: true });
    sender.pong(new Blob(['q']));
    await sent((callback) => sender.close(1000, 'x', false, callback));
    const frames = '010161 800162 890170 820101 8a0171 880303e878';
    assert.equal(readAll(wire).toString('hex'), frames.replaceAll(' ', ''));
  });

  it('masks with the keys of a client', () => {
    const wire = new PassThrough();
    new Sender(wire, {}, (mask) => mask.fill(1)).send('a', { fin: true, mask: true });
    assert.equal(readAll(wire).toString('hex'), '818101010101' + '60');
  });

  it('refuses what a control frame cannot have', () => {
    const sender = new Sender();
    assert.throws(() => sender.ping(Buffer.alloc(126)), RangeError);
    assert.throws(() => sender.close(1004), { message: 'First argument must be a valid error code number' });
    assert.throws(() => sender.close(1000, 'a'.repeat(124)), RangeError);
  });

  it('compresses what a Receiver with the same extension decompresses', async () => {
    for (const threshold of [0, 3]) {
      const deflate = new PerMessageDeflate({ threshold });
      deflate.accept([{ client_no_context_takeover: true }]);
      const wire = new PassThrough();
      const extensions = { 'permessage-deflate': deflate };
      const sender = new Sender(wire, extensions);
      const arriving = received(new Receiver({ extensions }), wire, 3);
      const first = once(wire, 'data');
      sender.send('hi', { compress: true, fin: true });
      // RSV1 says that it is compressed.
      assert.equal((await first)[0][0], threshold === 0 ? 0xc1 : 0x81);
      for (const data of ['123', '12', '']) sender.send(data, { compress: true, fin: data === '' });
      sender.send(new Blob(['blob']), { binary: true, compress: true, fin: true });
      assert.deepEqual(await arriving, ['hi', '12312', 'blob']);
    }
  });

  it('compresses each message with context takeover', () => {
    const deflate = new PerMessageDeflate();
    deflate.accept([{}]);
    const wire = new PassThrough();
    new Sender(wire, { 'permessage-deflate': deflate }).send('hi', { compress: true, fin: true });
    assert.equal(readAll(wire)[0], 0xc1);
  });
});

describe('_sender.sendFrame', () => {
  it('puts a shared frame on many connections, in order with their messages', async (t) => {
    const pairs = [await connect(t), await connect(t)];
    const arriving = pairs.map(({ client }) => messages(client, 3));
    const frame = Sender.frame(Buffer.from('shared'), { ...flags, opcode: 1 });
    for (const { peer } of pairs) {
      peer.send('before');
      peer._sender?.sendFrame(frame, (error) => assert.ifError(error));
      peer.send('after');
    }
    for (const received of await Promise.all(arriving)) {
      assert.deepEqual(
        received.map(([data]) => String(data)),
        ['before', 'shared', 'after'],
      );
    }
  });

  it('calls back', async (t) => {
    const { peer, client } = await connect(t);
    const frame = Sender.frame('x', { ...flags, opcode: 1 });
    assert.equal(await sent((callback) => peer._sender?.sendFrame(frame, callback)), undefined);
    client.terminate();
    await closed(peer);
    const late = await sent((callback) => peer._sender?.sendFrame(frame, callback));
    assert.ok(late instanceof Error);
  });
});

describe('Receiver', () => {
  it('emits what the frames say', async () => {
    const receiver = new Receiver();
    const seen: unknown[] = [];
    for (const name of ['message', 'ping', 'pong', 'conclude']) {
      receiver.on(name, (...values) => seen.push([name, ...values]));
    }
    const frames = [
      Sender.frame('te', { ...flags, fin: false, opcode: 1 }),
      Sender.frame('p', { ...flags, opcode: 9 }),
      Sender.frame('xt', { ...flags, opcode: 0 }),
      Sender.frame(Buffer.from([1]), { ...flags, opcode: 2 }),
      Sender.frame('', { ...flags, opcode: 10 }),
      Sender.frame(Buffer.from([0x03, 0xe8, 0x78]), { ...flags, opcode: 8 }),
    ];
    for (const byte of Buffer.concat(frames.flat())) receiver.write(Buffer.of(byte));
    await once(receiver, 'finish');
    assert.deepEqual(seen, [
      ['ping', Buffer.from('p')],
      ['message', Buffer.from('text'), false],
      ['message', Buffer.from([1]), true],
      ['pong', Buffer.alloc(0)],
      ['conclude', 1000, Buffer.from('x')],
    ]);
  });

  it('ignores what comes behind a Close frame', async () => {
    const receiver = new Receiver();
    receiver.on('message', () => assert.fail());
    receiver.write(Buffer.from('8800', 'hex'));
    receiver.write(Buffer.from('8100', 'hex'));
    await once(receiver, 'finish');
  });

  it('emits one event a turn if it is told to', async () => {
    const receiver = new Receiver({ allowSynchronousEvents: false });
    const seen: string[] = [];
    const note = (data: Buffer): void => {
      seen.push(String(data));
      queueMicrotask(() => seen.push(`behind ${data}`));
    };
    receiver.on('message', note).on('ping', note);
    await new Promise((done) => receiver.write(Buffer.from('810131890132820133', 'hex'), done));
    assert.deepEqual(seen, ['1', 'behind 1', '2', 'behind 2', '3', 'behind 3']);
  });

  it('reads masked frames as a server', async () => {
    const receiver = new Receiver({ isServer: true, binaryType: 'arraybuffer' });
    const arriving = once(receiver, 'message');
    for (const part of Sender.frame(Buffer.from([1, 2]), { ...flags, mask: true, opcode: 2 }))
      receiver.write(part);
    assert.deepEqual(await arriving, [Uint8Array.of(1, 2).buffer, true]);
  });

  it('errors as a connection does', async () => {
    const receiver = new Receiver({ maxPayload: 2 });
    receiver.write(Buffer.from([0x82, 0x03]));
    const [error] = await once(receiver, 'error');
    assert.equal(error.code, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
    const unlimited = new Receiver();
    unlimited.write(Buffer.from('827f0020000000000000', 'hex'));
    assert.equal((await once(unlimited, 'error'))[0].code, 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH');
  });
});

/** What a stream holds, in however many chunks it gives it. */
function readAll(source: Readable): Buffer {
  const chunks: Buffer[] = [];
  for (let chunk = source.read(); chunk !== null; chunk = source.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The next messages that a receiver reads from a stream, as text. */
function received(receiver: Receiver, source: Readable, count: number): Promise<string[]> {
  const texts: string[] = [];
  source.pipe(receiver);
  return new Promise((resolve) => {
    receiver.on('message', (data: Buffer) => {
      if (texts.push(String(data)) === count) resolve(texts);
    });
  });
}
