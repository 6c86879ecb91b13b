/** Messages: what can be sent, what arrives, when callbacks are called, and what waits. */
import assert from 'node:assert/strict';
import { Blob } from 'node:buffer';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { WebSocket } from '@hawser/ws';
import { closed, connect, messages, sent } from './pairs.ts';

const floats = new Float32Array([0, 0.5, 1, 1.5, 2, 2.5]);

describe('send', () => {
  for (const [name, data, bytes, isBinary] of [
    ['text', 'grüße', Buffer.from('grüße'), false],
    ['a long text', 'x'.repeat(70_000), Buffer.from('x'.repeat(70_000)), false],
    ['a number as text', 0, Buffer.from('0'), false],
    ['nothing as an empty binary message', undefined, Buffer.alloc(0), true],
    ['null as an empty binary message', null, Buffer.alloc(0), true],
    ['a Buffer', Buffer.from('foobar'), Buffer.from('foobar'), true],
    ['part of a typed array', floats.subarray(2, 5), Buffer.from(floats.buffer, 8, 12), true],
    ['an ArrayBuffer', floats.buffer, Buffer.from(floats.buffer), true],
    ['a DataView', new DataView(floats.buffer, 4, 8), Buffer.from(floats.buffer, 4, 8), true],
    ['an array of bytes', [1, 2, 300], Buffer.from([1, 2, 300]), true],
    ['a Blob', new Blob(['foo']), Buffer.from('foo'), true],
    ['a large Buffer', Buffer.alloc(300_000, 7), Buffer.alloc(300_000, 7), true],
  ] as const) {
    it(`sends ${name}, from either side`, async (t) => {
      const { client, peer } = await connect(t);
      const arriving = Promise.all([messages(client, 1), messages(peer, 1)]);
      client.send(data);
      peer.send(data);
      for (const [message] of await arriving) assert.deepEqual(message, [bytes, isBinary]);
    });
  }

  it('sends as the binary option says', async (t) => {
    const { client, peer } = await connect(t);
    const arriving = messages(peer, 2);
    client.send('text', { binary: true });
    client.send(Buffer.from('bytes'), { binary: false });
    assert.deepEqual(await arriving, [
      [Buffer.from('text'), true],
      [Buffer.from('bytes'), false],
    ]);
  });

  it('sends fragments, with control frames between them', async (t) => {
    const { client, peer } = await connect(t);
    const arriving = Promise.all([messages(peer, 2), once(peer, 'ping')]);
    client.send('frag', { fin: false });
    client.ping('p');
    client.send('ment', { fin: true });
    client.send('whole');
    const [received] = await arriving;
    assert.deepEqual(
      received.map(([data]) => String(data)),
      ['fragment', 'whole'],
    );
  });

  it('keeps the order around Blobs', async (t) => {
    const { client, peer } = await connect(t);
    const arriving = messages(peer, 4);
    client.send(new Blob(['1']));
    client.send('2');
    client.send(new Blob(['3']));
    client.send('4');
    client.close(1000);
    assert.equal((await arriving).map(([data]) => String(data)).join(''), '1234');
    assert.equal((await closed(peer)).code, 1000);
  });

  it('calls back once the data is written', async (t) => {
    const { client, peer } = await connect(t);
    assert.equal(await sent((callback) => client.send('x', callback)), undefined);
    assert.equal(await sent((callback) => peer.send(Buffer.alloc(9000), {}, callback)), undefined);
    assert.equal(await sent((callback) => peer.send(new Blob(['x']), callback)), undefined);
  });

  it('lets the caller change its bytes as soon as it has returned', async (t) => {
    const { client, peer } = await connect(t);
    const arriving = Promise.all([messages(client, 4), messages(peer, 4)]);
    for (const length of [10, 100_000]) {
      for (const value of [1, 2]) {
        for (const websocket of [client, peer]) {
          const bytes = Buffer.alloc(length, value);
          websocket.send(bytes);
          bytes.fill(9);
        }
      }
    }
    for (const received of await arriving)
      assert.deepEqual(
        received.map(([data]) => data.at(-1)),
        [1, 2, 1, 2],
      );
  });

  it('writes what was sent before somebody who takes the socket writes, ends or destroys it', async (t) => {
    const { client, peer } = await connect(t);
    const arriving = messages(client, 2);
    peer.send('first');
    peer._socket?.write(Buffer.from([0x81, 0x01, 0x32]));
    assert.deepEqual(
      (await arriving).map(([data]) => String(data)),
      ['first', '2'],
    );
    const last = once(client, 'message');
    peer.send('last');
    peer.terminate();
    assert.equal(String((await last)[0]), 'last');
  });

  it('masks as the option says, which the other side then refuses', async (t) => {
    const { client, peer } = await connect(t);
    client.send('x', { mask: false });
    const [error] = await once(peer, 'error');
    assert.equal(error.code, 'WS_ERR_EXPECTED_MASK');
  });

  it('masks with the keys that it is given', async (t) => {
    const { client, peer } = await connect(t, { client: { generateMask: (mask) => mask.fill(1) } });
    const chunk = peer._socket ? once(peer._socket, 'data') : undefined;
    client.send('x');
    const [bytes] = (await chunk) ?? [];
    assert.deepEqual([...bytes.subarray(0, 6)], [0x81, 0x81, 1, 1, 1, 1]);
  });
});

describe('send on a connection that is closing or closed', () => {
  it('counts what it cannot send, and calls back with an error', async (t) => {
    const { client, peer } = await connect(t);
    client.close();
    assert.equal(client.bufferedAmount, 0);
    const closing = await sent((callback) => client.send('hi', callback));
    assert.equal(closing?.message, 'WebSocket is not open: readyState 2 (CLOSING)');
    assert.equal(client.bufferedAmount, 2);
    await once(client, 'close');
    for (const method of ['send', 'ping', 'pong'] as const) {
      const error = await sent((callback) => client[method]('hi', undefined, callback));
      assert.equal(error?.message, 'WebSocket is not open: readyState 3 (CLOSED)');
    }
    client.send();
    client.ping();
    assert.equal(client.bufferedAmount, 8);
    peer.terminate();
  });

  it('counts also where no connection was ever made', async () => {
    const websocket = new WebSocket('ws://localhost', { lookup() {} });
    websocket.close();
    await once(websocket, 'error');
    websocket.send('hi');
    assert.equal(websocket.bufferedAmount, 2);
  });

  it('calls back for Blobs that were still being read', async (t) => {
    const { client } = await connect(t);
    const errors: (string | undefined)[] = [];
    client.send(new Blob(['foo']), (error) => errors.push(error?.message));
    client.send('bar');
    client.send('baz', (error) => errors.push(error?.message));
    client.terminate();
    await once(client, 'close');
    const message = 'The socket was closed while the blob was being read';
    assert.deepEqual(errors, [message, message]);
  });

  it('says of a Blob that cannot be read what is wrong with it, and reports no error after the end', async (t) => {
    const { client } = await connect(t);
    const blob = new SlowBlob();
    client.on('error', (error) => assert.fail(error));
    const error = sent((callback) => client.send(blob, callback));
    client.terminate();
    await once(client, 'close');
    blob.fail();
    assert.equal((await error)?.message, 'Not readable');
    assert.equal(client.readyState, WebSocket.CLOSED);
  });
});

describe('bufferedAmount', () => {
  it('is what the socket has not taken', async (t) => {
    const { peer } = await connect(t);
    peer._socket?.on('error', () => undefined);
    const data = Buffer.alloc(64 * 1024);
    while (peer.bufferedAmount === 0) peer.send(data);
    assert.equal(peer.bufferedAmount, peer._socket?.writableLength);
  });
});

describe('binaryType', () => {
  it('says what a binary message is given as, and may be changed at any time', async (t) => {
    const { client, peer } = await connect(t);
    const bytes = Buffer.from('foo');
    const next = async (type: string): Promise<unknown> => {
      client.binaryType = type;
      const arriving = once(client, 'message');
      peer.send(bytes);
      return (await arriving)[0];
    };
    assert.deepEqual(await next('nodebuffer'), bytes);
    assert.deepEqual(await next('fragments'), [bytes]);
    const buffer = await next('arraybuffer');
    assert.ok(buffer instanceof ArrayBuffer);
    assert.deepEqual(Buffer.from(buffer), bytes);
    const blob = await next('blob');
    assert.ok(blob instanceof Blob);
    assert.equal(await blob.text(), 'foo');
  });

  it('leaves text alone', async (t) => {
    const { client, peer } = await connect(t);
    client.binaryType = 'arraybuffer';
    peer.send('x');
    assert.deepEqual(await once(client, 'message'), [Buffer.from('x'), false]);
  });
});

describe('ping and pong', () => {
  for (const method of ['ping', 'pong'] as const) {
    it(`${method} carries nothing, text, a number, bytes or a Blob`, async (t) => {
      const { client, peer } = await connect(t);
      const received: string[] = [];
      peer.on(method, (data: Buffer) => received.push(String(data)));
      await sent((callback) => client[method](callback));
      await sent((callback) => client[method]('hi', true, callback));
      await sent((callback) => client[method](0, callback));
      await sent((callback) => client[method](Buffer.from('bytes'), callback));
      await sent((callback) => client[method](new Blob(['blob']), callback));
      client.close();
      await once(peer, 'close');
      assert.deepEqual(received, ['', 'hi', '0', 'bytes', 'blob']);
    });

    it(`${method} carries at most 125 bytes`, async (t) => {
      const { client } = await connect(t);
      assert.throws(() => client[method](Buffer.alloc(126)), {
        name: 'RangeError',
        message: 'The data size must not be greater than 125 bytes',
      });
    });
  }

  it('a ping is answered, unless autoPong is off', async (t) => {
    const { client, peer } = await connect(t, { client: { autoPong: false } });
    const answered = once(client, 'pong');
    client.ping('a');
    assert.equal(String((await answered)[0]), 'a');
    peer.on('pong', () => assert.fail('Expected no pong'));
    client.on('ping', () => client.close());
    peer.ping();
    await once(peer, 'close');
  });
});

describe('pause and resume', () => {
  it('hold back what comes, and let it go', async (t) => {
    const { client, peer } = await connect(t);
    client.pause();
    assert.ok(client.isPaused && client._socket?.isPaused());
    const early = (): never => assert.fail('Expected no message while it is paused');
    client.on('message', early);
    peer.send('x');
    await sent((callback) => peer.ping(callback));
    await new Promise((resolve) => setImmediate(resolve));
    client.off('message', early);
    const arriving = once(client, 'message');
    client.resume();
    assert.ok(!client.isPaused);
    assert.equal(String((await arriving)[0]), 'x');
  });

  it('do nothing before the connection is there and after it is gone', async (t) => {
    const { client } = await connect(t);
    const connecting = new WebSocket('ws://localhost', { lookup() {} });
    connecting.on('error', () => undefined).pause();
    assert.ok(!connecting.isPaused);
    connecting.terminate();
    client.terminate();
    await once(client, 'close');
    client.pause();
    assert.ok(!client.isPaused);
  });
});

describe('allowSynchronousEvents', () => {
  it('false gives every event a turn of its own', async (t) => {
    const { client, peer } = await connect(t, { client: { allowSynchronousEvents: false } });
    const order: string[] = [];
    client.on('message', (data) => {
      order.push(String(data));
      process.nextTick(() => order.push('tick'));
      Promise.resolve().then(() => order.push('promise'));
    });
    for (const text of ['1', '2', '3']) peer.send(text);
    peer.close();
    await once(client, 'close');
    assert.deepEqual(order, ['1', 'tick', 'promise', '2', 'tick', 'promise', '3', 'tick', 'promise']);
  });
});

/** A Blob whose reading fails when it is told to. */
class SlowBlob extends Blob {
  fail: () => void = () => undefined;

  constructor() {
    super(['foo']);
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return new Promise((_resolve, reject) => {
      this.fail = () => reject(new Error('Not readable'));
    });
  }
}
