/** Compression without a connection: its negotiation, and messages both ways. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { extension, PerMessageDeflate } from '@hawser/ws';

describe('PerMessageDeflate', () => {
  it('has the name of the extension', () => {
    assert.equal(PerMessageDeflate.extensionName, 'permessage-deflate');
  });

  it('offers what its options say', () => {
    assert.deepEqual(new PerMessageDeflate().offer(), { client_max_window_bits: true });
    const options = { serverNoContextTakeover: true, serverMaxWindowBits: 10, clientMaxWindowBits: 11 };
    assert.deepEqual(new PerMessageDeflate(options).offer(), {
      server_no_context_takeover: true,
      server_max_window_bits: 10,
      client_max_window_bits: 11,
    });
  });

  it('accepts an offer, and the answer to it', () => {
    const server = new PerMessageDeflate({ isServer: true, clientNoContextTakeover: true });
    const accepted = server.accept(offers('server_max_window_bits=10; client_max_window_bits'));
    assert.deepEqual({ ...accepted }, { client_no_context_takeover: true, server_max_window_bits: 10 });
    assert.equal(server.params, accepted);
    const client = new PerMessageDeflate();
    assert.deepEqual(client.accept([accepted]), accepted);
    assert.deepEqual(new PerMessageDeflate({ clientMaxWindowBits: false }).offer(), {});
    assert.deepEqual(new PerMessageDeflate().accept([{}]), {});
    for (const side of [server, client]) side.cleanup();
  });

  for (const [parameters, name, message] of [
    ['a', 'Error', 'Unknown parameter "a"'],
    [
      'client_no_context_takeover; client_no_context_takeover',
      'Error',
      'Parameter "client_no_context_takeover" must have only a single value',
    ],
    [
      'server_no_context_takeover=1',
      'TypeError',
      'Invalid value for parameter "server_no_context_takeover": 1',
    ],
    ['server_max_window_bits=7', 'TypeError', 'Invalid value for parameter "server_max_window_bits": 7'],
    ['client_max_window_bits', 'TypeError', 'Invalid value for parameter "client_max_window_bits": true'],
  ] as const) {
    it(`refuses ${parameters} in an answer`, () => {
      assert.throws(() => new PerMessageDeflate().accept(offers(parameters)), { name, message });
    });
  }

  it('says which parameter of an answer its options forbid', () => {
    const answer = (options: object, parameters: string) => () =>
      new PerMessageDeflate(options).accept(offers(parameters));
    assert.throws(answer({ clientNoContextTakeover: false }, 'client_no_context_takeover'), {
      message: 'Unexpected parameter "client_no_context_takeover"',
    });
    for (const clientMaxWindowBits of [false, 10]) {
      assert.throws(answer({ clientMaxWindowBits }, 'client_max_window_bits=11'), {
        message: 'Unexpected or invalid parameter "client_max_window_bits"',
      });
    }
  });

  it('takes the first offer that its options allow, and gives back the kind of object that it was handed', () => {
    const server = new PerMessageDeflate({ isServer: true, serverMaxWindowBits: 11 });
    const accepted = server.accept(offers('server_max_window_bits=10, permessage-deflate'));
    assert.deepEqual({ ...accepted }, { server_max_window_bits: 11 });
    assert.equal(Object.getPrototypeOf(accepted), null);
    assert.equal(Object.getPrototypeOf(new PerMessageDeflate().accept([{}])), Object.prototype);
  });

  it('refuses to have no offer', () => {
    const server = new PerMessageDeflate({ isServer: true });
    assert.throws(() => server.accept([]), { message: 'None of the extension offers can be accepted' });
  });

  it('compresses and decompresses messages, whole and in fragments', async () => {
    const [server, client] = pair();
    const text = 'compressible '.repeat(50);
    for (const _ of [1, 2]) {
      const compressed = await run(client, 'compress', Buffer.from(text));
      assert.ok(compressed.length < text.length);
      assert.equal(String(await run(server, 'decompress', compressed)), text);
    }
    const first = await run(server, 'compress', Buffer.from('ab'), false);
    const last = await run(server, 'compress', Buffer.from('c'));
    assert.equal((await run(client, 'decompress', first, false)).length, 0);
    assert.equal(String(await run(client, 'decompress', last)), 'abc');
  });

  it('gives nothing to those who have cleaned up meanwhile', async () => {
    const [server, client] = pair();
    const compressed = await run(client, 'compress', Buffer.from('text'));
    for (const [deflate, method, stream] of [
      [client, 'compress', 'deflate'],
      [server, 'decompress', 'inflate'],
    ] as const) {
      const running = run(deflate, method, compressed);
      process.nextTick(() => deflate.cleanup());
      await assert.rejects(running, {
        message: `The ${stream} stream was closed while data was being processed`,
      });
    }
  });

  it('refuses messages that become too long, or are none', async () => {
    const [server, client] = pair({ maxPayload: 10 });
    const compressed = await run(client, 'compress', Buffer.alloc(11));
    await assert.rejects(run(server, 'decompress', compressed), {
      name: 'RangeError',
      code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      message: 'Max payload size exceeded',
    });
    await assert.rejects(run(server, 'decompress', Buffer.from('ffffff', 'hex')), { code: 'Z_DATA_ERROR' });
    await assert.rejects(run(new PerMessageDeflate(), 'compress', compressed), /accepted first/);
  });
});

function offers(parameters: string): ReturnType<typeof extension.parse>[string] {
  return extension.parse(`permessage-deflate; ${parameters}`)['permessage-deflate'] ?? [];
}

function pair(options: { maxPayload?: number } = {}): [server: PerMessageDeflate, client: PerMessageDeflate] {
  const server = new PerMessageDeflate({ ...options, isServer: true });
  const client = new PerMessageDeflate();
  client.accept([server.accept([client.offer()])]);
  return [server, client];
}

function run(
  deflate: PerMessageDeflate,
  method: 'compress' | 'decompress',
  data: Buffer,
  fin = true,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate[method](data, fin, (error, result) => {
      if (result === undefined) reject(error);
      else resolve(result);
    });
  });
}
