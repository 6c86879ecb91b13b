/** RFC 6455 §4.1: what a client asks, and which answers it takes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  checkRequest,
  createRequest,
  formatRequestHead,
  parseRequestHead,
  resolveLimits,
} from '../../src/index.ts';
import {
  exampleAccept,
  exampleHandshake,
  exampleKey,
  receiveResponse,
  refusal,
  responseHead,
} from '../heads.ts';

const offer = [{ name: 'permessage-deflate', parameters: [] }];

describe('§4.1 the client’s request', () => {
  it('is a GET of the resource name over HTTP/1.1 with the headers of the handshake', () => {
    const text = formatRequestHead(createRequest(exampleHandshake));
    assert.deepEqual(text.split('\r\n'), [
      'GET /chat HTTP/1.1',
      'Host: server.example.com',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${exampleKey}`,
      'Sec-WebSocket-Version: 13',
      '',
      '',
    ]);
  });

  it('lists subprotocols and extensions in their order, and ends with the headers that are given', () => {
    const { headers } = createRequest({
      ...exampleHandshake,
      subprotocols: ['superchat', 'chat'],
      extensions: [
        { name: 'permessage-deflate', parameters: [{ name: 'client_max_window_bits', value: undefined }] },
        { name: 'foo', parameters: [{ name: 'bar', value: '2' }] },
      ],
      headers: [['Origin', 'http://example.com']],
    });
    assert.equal(headers.get('Sec-WebSocket-Protocol'), 'superchat, chat');
    assert.equal(
      headers.get('Sec-WebSocket-Extensions'),
      'permessage-deflate; client_max_window_bits, foo; bar=2',
    );
    assert.deepEqual([...headers].at(-1), ['Origin', 'http://example.com']);
  });

  it('is one that a server accepts', () => {
    const request = createRequest({ ...exampleHandshake, subprotocols: ['chat'], extensions: offer });
    const head = formatRequestHead(request).slice(0, -4);
    assert.deepEqual(checkRequest(parseRequestHead(head, resolveLimits())), {
      key: exampleKey,
      host: 'server.example.com',
      origin: undefined,
      subprotocols: ['chat'],
      extensions: offer,
    });
  });

  it('has a nonce of 16 bytes', () => {
    for (const length of [0, 15, 17]) {
      const nonce = new Uint8Array(length);
      assert.throws(() => createRequest({ ...exampleHandshake, nonce }), RangeError);
    }
  });

  it('has a resource name that begins with a slash and cannot break out of its line', () => {
    for (const resourceName of ['', 'chat', '/a b', '/a\r\nX: y', '/a\nb', '/a\0', '/é', '/a\t']) {
      assert.throws(() => createRequest({ ...exampleHandshake, resourceName }), TypeError);
    }
  });

  it('has no value that breaks out of its line', () => {
    for (const bad of ['a\r\nX: y', 'a\nb', 'a\rb', 'a\0b']) {
      assert.throws(() => createRequest({ ...exampleHandshake, host: bad }), TypeError);
      assert.throws(() => createRequest({ ...exampleHandshake, subprotocols: [bad] }), TypeError);
      assert.throws(() => createRequest({ ...exampleHandshake, headers: [['X-Value', bad]] }), TypeError);
      assert.throws(() => createRequest({ ...exampleHandshake, headers: [[bad, 'value']] }), TypeError);
      const extensions = [{ name: bad, parameters: [] }];
      assert.throws(() => createRequest({ ...exampleHandshake, extensions }), TypeError);
    }
  });

  it('has subprotocols that are distinct tokens', () => {
    for (const subprotocols of [[''], ['a b'], ['a,b'], ['chat', 'chat'], ['é']]) {
      assert.throws(() => createRequest({ ...exampleHandshake, subprotocols }), TypeError);
    }
  });

  it('has a further header as often as it is given', () => {
    const headers = [
      ['X-Trace', 'a'],
      ['X-Trace', 'b'],
    ] as const;
    assert.deepEqual(createRequest({ ...exampleHandshake, headers }).headers.getAll('x-trace'), ['a', 'b']);
  });

  it('has none of its own headers replaced', () => {
    for (const name of ['host', 'UPGRADE', 'Connection', 'Sec-WebSocket-Key', 'sec-websocket-version']) {
      assert.throws(() => createRequest({ ...exampleHandshake, headers: [[name, 'x']] }), TypeError);
    }
  });
});

describe('§4.1 the client’s check of the response', () => {
  it('takes the response that fits the request', () => {
    assert.deepEqual(receiveResponse(responseHead()), { subprotocol: undefined, extensions: [] });
  });

  it('1. refuses every status but 101', () => {
    for (const status of [200, 301, 401, 403, 404, 426, 500, 100, 102]) {
      const error = refusal(() => receiveResponse(responseHead({}, `HTTP/1.1 ${status} Whatever`)));
      assert.equal(error.code, 'unexpected-status');
      assert.equal(error.status, status);
    }
  });

  it('1. wants the 101 in HTTP/1.1', () => {
    for (const version of ['HTTP/0.9', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/3.1']) {
      const error = refusal(() => receiveResponse(responseHead({}, `${version} 101 Switching Protocols`)));
      assert.equal(error.code, 'malformed-status-line');
    }
  });

  it('2. wants Upgrade: websocket, in any case', () => {
    for (const upgrade of ['websocket', 'WebSocket', 'WEBSOCKET']) {
      receiveResponse(responseHead({ Upgrade: upgrade }));
    }
    for (const upgrade of [undefined, '', 'h2c', 'websocket2', 'web socket', ['websocket', 'websocket']]) {
      assert.equal(
        refusal(() => receiveResponse(responseHead({ Upgrade: upgrade }))).code,
        'upgrade-mismatch',
      );
    }
  });

  it('3. wants Upgrade among the tokens of Connection, in any case', () => {
    for (const connection of ['Upgrade', 'upgrade', 'keep-alive, Upgrade', ['keep-alive', 'UPGRADE']]) {
      receiveResponse(responseHead({ Connection: connection }));
    }
    for (const connection of [undefined, '', 'close', 'Upgraded', 'keep-alive Upgrade', '"Upgrade"']) {
      const error = refusal(() => receiveResponse(responseHead({ Connection: connection })));
      assert.equal(error.code, 'connection-mismatch');
    }
  });

  it('4. wants the Sec-WebSocket-Accept of its own key, once, and ignores the space around it', () => {
    receiveResponse(responseHead({ 'Sec-WebSocket-Accept': `  ${exampleAccept}\t ` }));
    const wrong = [
      undefined,
      '',
      exampleAccept.toLowerCase(),
      `${exampleAccept}=`,
      [exampleAccept, exampleAccept],
    ];
    for (const accept of wrong) {
      const error = refusal(() => receiveResponse(responseHead({ 'Sec-WebSocket-Accept': accept })));
      assert.equal(error.code, 'accept-mismatch');
    }
    const other = { nonce: new Uint8Array(16) };
    assert.equal(refusal(() => receiveResponse(responseHead(), other)).code, 'accept-mismatch');
  });

  it('5. takes only extensions that it offered', () => {
    const accepted = responseHead({ 'Sec-WebSocket-Extensions': 'permessage-deflate' });
    assert.deepEqual(receiveResponse(accepted, { extensions: offer }).extensions, offer);
    for (const extensions of [
      'foo',
      'permessage-deflate, foo',
      '',
      'permessage-deflate;',
      '"permessage-deflate"',
    ]) {
      const text = responseHead({ 'Sec-WebSocket-Extensions': extensions });
      assert.equal(refusal(() => receiveResponse(text, { extensions: offer })).code, 'unrequested-extension');
    }
    assert.equal(refusal(() => receiveResponse(accepted)).code, 'unrequested-extension');
  });

  it('6. takes only one subprotocol, and one that it offered', () => {
    const asked = { subprotocols: ['superchat', 'chat'] };
    const chosen = responseHead({ 'Sec-WebSocket-Protocol': 'chat' });
    assert.equal(receiveResponse(chosen, asked).subprotocol, 'chat');
    assert.equal(receiveResponse(responseHead(), asked).subprotocol, undefined);
    for (const protocol of [
      'other',
      'Chat',
      '',
      'superchat, chat',
      ['superchat', 'chat'],
      ['chat', 'chat'],
    ]) {
      const text = responseHead({ 'Sec-WebSocket-Protocol': protocol });
      assert.equal(refusal(() => receiveResponse(text, asked)).code, 'unrequested-subprotocol');
    }
    assert.equal(refusal(() => receiveResponse(chosen)).code, 'unrequested-subprotocol');
  });

  it('takes header names in any case, and headers that it does not know', () => {
    const lower = responseHead({ Server: 'x', __proto__: undefined, constructor: 'y' })
      .replace('Upgrade:', 'uPGRADE:')
      .replace('Sec-WebSocket-Accept', 'sec-websocket-accept');
    receiveResponse(lower);
  });

  it('keeps what the server said short and its control characters visible', () => {
    const error = refusal(() => receiveResponse(`HTTP/1.1\u0007${'x'.repeat(10_000)}`));
    assert.equal(error.code, 'malformed-status-line');
    assert.ok(error.message.length < 200);
    assert.match(error.message, /\\u0007/);
  });
});
