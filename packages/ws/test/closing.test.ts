/** Closing: codes and reasons, who ends what, and the order of events when something breaks. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { WebSocket } from '@hawser/ws';
import { closed, connect, failed, messages } from './pairs.ts';

describe('close', () => {
  it('without a code arrives as 1005 on both sides', async (t) => {
    const { client, peer } = await connect(t);
    client.close();
    assert.equal(client.readyState, WebSocket.CLOSING);
    assert.deepEqual(await Promise.all([closed(client), closed(peer)]), [
      { code: 1005, reason: '' },
      { code: 1005, reason: '' },
    ]);
    assert.equal(client.readyState, WebSocket.CLOSED);
  });

  for (const [code, reason] of [
    [1000, ''],
    [1001, 'going'],
    [1013, ''],
    [1014, ''],
    [4999, 'ü'],
  ] as const) {
    it(`with ${code} ${reason} arrives so, and comes back so`, async (t) => {
      const { client, peer } = await connect(t);
      peer.close(code, reason);
      assert.deepEqual(await Promise.all([closed(client), closed(peer)]), [
        { code, reason },
        { code, reason },
      ]);
    });
  }

  it('takes bytes as reason', async (t) => {
    const { client, peer } = await connect(t);
    client.close(1000, Buffer.from('bytes'));
    assert.equal((await closed(peer)).reason, 'bytes');
  });

  it('gives the reason as a Buffer', async (t) => {
    const { client, peer } = await connect(t);
    client.close(1000, 'x');
    assert.deepEqual(await once(peer, 'close'), [1000, Buffer.from('x')]);
  });

  it('refuses codes and reasons that cannot be sent', async (t) => {
    const { client } = await connect(t);
    for (const code of ['error', 1004, 1005, 1006, 1015, 2999, 5000]) {
      assert.throws(() => Reflect.apply(client.close, client, [code]), {
        name: 'TypeError',
        message: 'First argument must be a valid error code number',
      });
    }
    assert.throws(() => Reflect.apply(client.close, client, [1000, { length: 3 }]), {
      name: 'TypeError',
      message: 'Second argument must be a string or a Uint8Array',
    });
    assert.throws(() => client.close(1000, 'a'.repeat(124)), {
      name: 'RangeError',
      message: 'The message must not be greater than 123 bytes',
    });
    assert.equal(client.readyState, WebSocket.OPEN);
  });

  it('may be called again and again', async (t) => {
    const { client, peer } = await connect(t);
    client.close();
    client.close();
    await once(peer, 'close');
    await once(client, 'close');
    client.close(1000);
    client.terminate();
  });

  it('comes after all that was sent before', async (t) => {
    const { client, peer } = await connect(t);
    const arriving = messages(client, 3);
    for (const text of ['foo', 'bar', 'baz']) peer.send(text);
    peer.close(1000, 'done');
    assert.equal((await arriving).length, 3);
    assert.deepEqual(await closed(client), { code: 1000, reason: 'done' });
  });

  it('lets messages of the other side arrive until its Close frame', async (t) => {
    const { client, peer } = await connect(t);
    const arriving = messages(client, 1);
    peer.on('message', () => peer.send('answer'));
    client.send('question');
    client.close();
    assert.equal(String((await arriving)[0]?.[0]), 'answer');
  });

  it('destroys the socket of a peer that does not answer in time', async (t) => {
    const { client, peer } = await connect(t, { client: { closeTimeout: 20 } });
    peer._socket?.pause();
    peer.pause();
    client.close(1000);
    assert.equal((await closed(client)).code, 1006);
  });
});

describe('the end of the socket', () => {
  it('without a Close frame is 1006, and no error', async (t) => {
    const { client, peer } = await connect(t);
    peer._socket?.end();
    const [onClient, onServer] = await Promise.all([closed(client), closed(peer)]);
    assert.deepEqual([onClient.code, onServer.code], [1006, 1006]);
  });

  it('by terminate() is 1006 on both sides', async (t) => {
    const { client, peer } = await connect(t);
    client.terminate();
    assert.equal(client.readyState, WebSocket.CLOSING);
    const [onClient, onServer] = await Promise.all([closed(client), closed(peer)]);
    assert.deepEqual([onClient.code, onServer.code], [1006, 1006]);
  });

  it('by destroying it is 1006 too', async (t) => {
    const { client, peer } = await connect(t);
    peer._socket?.destroy();
    assert.equal((await closed(client)).code, 1006);
  });

  it('errors of the socket are not reported again', async (t) => {
    const { client } = await connect(t);
    client.on('error', () => assert.fail('Expected no error event'));
    client._socket?.destroy(new Error('gone'));
    assert.equal((await closed(client)).code, 1006);
  });
});

/** What is written to the other side's socket, and what that side makes of it. */
const violations = [
  ['a reserved opcode', [0x85, 0x00], 'WS_ERR_INVALID_OPCODE', 'invalid opcode 5', 1002],
  ['RSV1', [0xc2, 0x00], 'WS_ERR_UNEXPECTED_RSV_1', 'RSV1 must be clear', 1002],
  ['RSV2', [0xa2, 0x00], 'WS_ERR_UNEXPECTED_RSV_2_3', 'RSV2 and RSV3 must be clear', 1002],
  ['a continuation of nothing', [0x80, 0x00], 'WS_ERR_INVALID_OPCODE', 'invalid opcode 0', 1002],
  ['a message inside a message', [0x01, 0x00, 0x82, 0x00], 'WS_ERR_INVALID_OPCODE', 'invalid opcode 2', 1002],
  ['a mask', [0x81, 0x80, 0, 0, 0, 0], 'WS_ERR_UNEXPECTED_MASK', 'MASK must be clear', 1002],
  ['a ping in fragments', [0x09, 0x00], 'WS_ERR_EXPECTED_FIN', 'FIN must be set', 1002],
  [
    'a long ping',
    [0x89, 0x7e, 0, 126],
    'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    'invalid payload length 126',
    1002,
  ],
  [
    'half a close code',
    [0x88, 0x01, 0x03],
    'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    'invalid payload length 1',
    1002,
  ],
  [
    'a reserved close code',
    [0x88, 0x02, 0x03, 0xec],
    'WS_ERR_INVALID_CLOSE_CODE',
    'invalid status code 1004',
    1002,
  ],
  ['text that is not UTF-8', [0x81, 0x01, 0xff], 'WS_ERR_INVALID_UTF8', 'invalid UTF-8 sequence', 1007],
  [
    'a reason that is not UTF-8',
    [0x88, 0x03, 0x03, 0xe8, 0xff],
    'WS_ERR_INVALID_UTF8',
    'invalid UTF-8 sequence',
    1007,
  ],
] as const;

describe('a violation of the protocol', () => {
  for (const [name, bytes, code, text, closeCode] of violations) {
    it(`by ${name} is ${code}`, async (t) => {
      const { client, peer } = await connect(t);
      const onServer = closed(peer);
      peer._socket?.write(Buffer.from(bytes));
      const { error, code: own } = await failed(client);
      assert.equal(error.code, code);
      assert.equal(error.message, `Invalid WebSocket frame: ${text}`);
      assert.equal(error.name, closeCode === 1007 ? 'Error' : 'RangeError');
      assert.equal(own, 1006);
      assert.deepEqual(await onServer, { code: closeCode, reason: '' });
    });
  }

  it('by a message that is too long is refused before it has come', async (t) => {
    const { client, peer } = await connect(t, { client: { maxPayload: 100 } });
    const onServer = closed(peer);
    peer.send(Buffer.alloc(101));
    const { error } = await failed(client);
    assert.equal(error.code, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
    assert.equal(error.message, 'Max payload size exceeded');
    assert.equal((await onServer).code, 1009);
  });

  it('by a length that no number has', async (t) => {
    const { client, peer } = await connect(t);
    peer.on('close', () => undefined);
    peer._socket?.write(Buffer.from([0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 1]));
    const { error } = await failed(client);
    assert.equal(error.code, 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH');
    assert.equal(error.message, 'Unsupported WebSocket frame: payload length > 2^53 - 1');
  });

  it('by too many fragments', async (t) => {
    const { client, peer } = await connect(t, { server: { maxFragments: 2 } });
    const onClient = closed(client);
    for (const fin of [false, false, true]) client.send('x', { fin });
    const { error } = await failed(peer);
    assert.equal(error.code, 'WS_ERR_TOO_MANY_BUFFERED_PARTS');
    assert.equal(error.message, 'Too many message fragments');
    assert.equal((await onClient).code, 1008);
  });

  it('may be let through, as far as it is text that is not UTF-8', async (t) => {
    const { client, peer } = await connect(t, { client: { skipUTF8Validation: true } });
    const arriving = once(client, 'message');
    peer._socket?.write(Buffer.from([0x81, 0x01, 0xff]));
    assert.deepEqual(await arriving, [Buffer.from([0xff]), false]);
  });

  it('by both sides at once ends both', async (t) => {
    const { client, peer } = await connect(t);
    const both = Promise.all([failed(client), failed(peer)]);
    peer._socket?.write(Buffer.from([0x85, 0x00]));
    client._socket?.write(Buffer.from([0x85, 0x00]));
    for (const { error, code } of await both) {
      assert.equal(error.code, 'WS_ERR_INVALID_OPCODE');
      assert.equal(code, 1006);
    }
  });

  it('leaves the readyState at CLOSING when the error is emitted', async (t) => {
    const { client, peer } = await connect(t);
    peer.on('close', () => undefined);
    peer._socket?.write(Buffer.from([0x85, 0x00]));
    await once(client, 'error');
    assert.equal(client.readyState, WebSocket.CLOSING);
  });
});
