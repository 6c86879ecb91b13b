/** Sender and Receiver: frames built by hand, put on a connection, and read without one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Receiver, Sender } from '@hawser/ws';
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
  });
});
