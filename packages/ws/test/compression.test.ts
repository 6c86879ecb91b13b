/** permessage-deflate as users of ws configure it: what is negotiated, what is compressed, what is refused. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { Sender, WebSocket } from '@hawser/ws';
import { closed, connect, failed, listen, messages, sent } from './pairs.ts';

const text = 'compressible '.repeat(500);

describe('negotiation', () => {
  it('is off at the server and on at the client unless said otherwise', async (t) => {
    const { client, peer, request } = await connect(t);
    assert.equal(request.headers['sec-websocket-extensions'], 'permessage-deflate; client_max_window_bits');
    assert.deepEqual([client.extensions, peer.extensions], ['', '']);
  });

  for (const [name, perMessageDeflate, expected] of [
    ['nothing in particular', true, 'permessage-deflate'],
    ['a window for the client', { clientMaxWindowBits: 8 }, 'permessage-deflate; client_max_window_bits=8'],
    [
      'no windows kept',
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    ['a window for the server', { serverMaxWindowBits: 10 }, 'permessage-deflate; server_max_window_bits=10'],
  ] as const) {
    it(`agrees on ${name}`, async (t) => {
      const { url } = await listen(t, { perMessageDeflate });
      const client = new WebSocket(url);
      const [[response]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')]);
      assert.equal(response.headers['sec-websocket-extensions'], expected);
      assert.equal(client.extensions, 'permessage-deflate');
      client.terminate();
    });
  }

  it('leaves the window of the client out of the offer if it is told to', async (t) => {
    const { client, request } = await connect(t, {
      server: { perMessageDeflate: true },
      client: { perMessageDeflate: { clientMaxWindowBits: false } },
    });
    assert.equal(request.headers['sec-websocket-extensions'], 'permessage-deflate');
    assert.equal(client.extensions, 'permessage-deflate');
  });

  for (const [perMessageDeflate, offer] of [
    [{ serverNoContextTakeover: false }, { serverNoContextTakeover: true }],
    [{ serverMaxWindowBits: false }, { serverMaxWindowBits: 10 }],
    [{ serverMaxWindowBits: 11 }, { serverMaxWindowBits: 10 }],
    [{ clientMaxWindowBits: 10 }, { clientMaxWindowBits: 9 }],
    [{ clientMaxWindowBits: 10 }, { clientMaxWindowBits: false }],
  ]) {
    it(`is refused by ${JSON.stringify(perMessageDeflate)} to ${JSON.stringify(offer)}`, async (t) => {
      const { url } = await listen(t, { perMessageDeflate });
      const { error } = await failed(new WebSocket(url, { perMessageDeflate: offer }));
      assert.equal(error.message, 'Unexpected server response: 400');
    });
  }

  for (const perMessageDeflate of [
    { clientNoContextTakeover: false },
    { clientMaxWindowBits: false },
    { clientMaxWindowBits: 10 },
  ]) {
    it(`refuses an answer that ${JSON.stringify(perMessageDeflate)} forbids`, async (t) => {
      const { server, url } = await listen(t);
      server.on('headers', (headers) => {
        const forbidden = 'client_no_context_takeover; client_max_window_bits=11';
        headers.push(`Sec-WebSocket-Extensions: permessage-deflate; ${forbidden}`);
      });
      const { error } = await failed(new WebSocket(url, { perMessageDeflate }));
      assert.equal(error.message, 'Invalid Sec-WebSocket-Extensions header');
    });
  }
});

describe('messages', () => {
  it('are compressed both ways, text and bytes, from the threshold on', async (t) => {
    const { client, peer } = await connect(t, {
      server: { perMessageDeflate: { threshold: 0, concurrencyLimit: 2, zlibDeflateOptions: { level: 9 } } },
      client: { perMessageDeflate: { threshold: 0, zlibInflateOptions: {} } },
    });
    let bytes = 0;
    client._socket?.on('data', (chunk) => {
      bytes += chunk.length;
    });
    const arriving = Promise.all([messages(client, 3), messages(peer, 3)]);
    for (const websocket of [client, peer]) {
      websocket.send(text);
      websocket.send(Buffer.from(text));
      websocket.send('x');
    }
    for (const received of await arriving) {
      assert.deepEqual(
        received.map(([data]) => String(data)),
        [text, text, 'x'],
      );
      assert.deepEqual(
        received.map(([, isBinary]) => isBinary),
        [false, true, false],
      );
    }
    assert.ok(bytes < text.length / 10, `Expected far less than ${text.length} bytes, received ${bytes}`);
  });

  it('are left alone with compress: false', async (t) => {
    const { client, peer } = await connect(t, { server: { perMessageDeflate: { threshold: 0 } } });
    const chunk = client._socket ? once(client._socket, 'data') : undefined;
    await sent((callback) => peer.send('hi', { compress: false }, callback));
    assert.deepEqual(((await chunk) ?? [])[0], Buffer.from([0x81, 0x02, 0x68, 0x69]));
  });

  it('count in bufferedAmount with their length on the wire, and are sent though terminate() follows', async (t) => {
    const { client, peer } = await connect(t, { server: { perMessageDeflate: { threshold: 0 } } });
    peer.send(text);
    assert.ok(peer.bufferedAmount < text.length / 10);
    const arriving = messages(client, 2);
    const sending = sent((callback) => peer.send(text, callback));
    peer.terminate();
    assert.equal((await arriving).length, 2);
    assert.ok([undefined, 'ERR_STREAM_DESTROYED'].includes(((await sending) as NodeJS.ErrnoException)?.code));
  });

  it('may be sent in fragments', async (t) => {
    const { client, peer } = await connect(t, {
      server: { perMessageDeflate: { threshold: 0 } },
      client: { perMessageDeflate: { threshold: 0 } },
    });
    const arriving = messages(peer, 1);
    client.send(text, { fin: false });
    client.send('', { fin: false });
    client.send(text, { fin: true });
    assert.equal(String((await arriving)[0]?.[0]), text + text);
  });

  it('all arrive before the connection ends', async (t) => {
    const { client, peer } = await connect(t, { server: { perMessageDeflate: { threshold: 0 } } });
    const arriving = messages(client, 3);
    for (const message of ['foo', 'bar', 'baz']) peer.send(message);
    peer.close();
    assert.deepEqual(
      (await arriving).map(([data]) => String(data)),
      ['foo', 'bar', 'baz'],
    );
    assert.equal((await closed(client)).code, 1005);
  });
});

describe('a message that', () => {
  it('inflates to more than maxPayload is refused', async (t) => {
    const { client, peer } = await connect(t, {
      server: { perMessageDeflate: true },
      client: { maxPayload: 1000 },
    });
    const onServer = closed(peer);
    peer.send(Buffer.alloc(1024 * 1024));
    const { error } = await failed(client);
    assert.equal(error.code, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
    assert.equal((await onServer).code, 1009);
  });

  it('is no DEFLATE data is refused with the error of zlib', async (t) => {
    const { client, peer } = await connect(t, { server: { perMessageDeflate: true } });
    const onServer = closed(peer);
    const bytes = Buffer.from([0x22, 0xfa, 0xec, 0x78]);
    for (const part of Sender.frame(bytes, { fin: true, rsv1: true, opcode: 2 })) peer._socket?.write(part);
    const { error } = await failed(client);
    assert.deepEqual([error.code, error.errno], ['Z_DATA_ERROR', -3]);
    assert.equal((await onServer).code, 1007);
  });

  it('was compressed by somebody else can be put on the connection', async (t) => {
    const { client, peer } = await connect(t, { server: { perMessageDeflate: true } });
    const arriving = messages(client, 1);
    const deflated = deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4);
    peer._sender?.sendFrame(Sender.frame(deflated, { fin: true, rsv1: true, opcode: 1 }));
    assert.equal(String((await arriving)[0]?.[0]), text);
  });
});
