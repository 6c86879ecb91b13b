/** RFC 6455 §4.2: which requests a server takes, and what it answers. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  acceptKey,
  createAcceptance,
  createRefusal,
  formatResponseHead,
  HandshakeError,
  refusalOf,
} from '../../src/index.ts';
import { exampleAccept, exampleKey, receiveRequest, refusal, requestHead } from '../heads.ts';

describe('§4.2.1 Reading the Client’s Opening Handshake', () => {
  it('takes the request of a client, of a browser, or of a client that asks for more', () => {
    assert.deepEqual(receiveRequest(requestHead()), {
      key: exampleKey,
      host: 'server.example.com',
      origin: undefined,
      subprotocols: [],
      extensions: [],
    });
    const browser = requestHead({
      Connection: 'keep-alive, Upgrade',
      Upgrade: 'WebSocket',
      Origin: 'http://example.com',
      'Sec-WebSocket-Protocol': 'superchat, chat',
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      'Content-Length': '0',
    });
    assert.deepEqual(receiveRequest(browser), {
      key: exampleKey,
      host: 'server.example.com',
      origin: 'http://example.com',
      subprotocols: ['superchat', 'chat'],
      extensions: [
        { name: 'permessage-deflate', parameters: [{ name: 'client_max_window_bits', value: undefined }] },
      ],
    });
  });

  it('1. wants the method GET', () => {
    for (const method of ['POST', 'HEAD', 'OPTIONS', 'CONNECT', 'get']) {
      assertRefused(requestHead({}, `${method} /chat HTTP/1.1`), 'method-not-get', 405);
    }
  });

  it('1. wants HTTP/1.1 or higher in the version that this handshake is defined for', () => {
    assertRefused(requestHead({}, 'GET /chat HTTP/1.0'), 'unsupported-http-version', 505);
    assertRefused(requestHead({}, 'GET /chat HTTP/0.9'), 'unsupported-http-version', 505);
    assertRefused(requestHead({}, 'GET /chat HTTP/2.0'), 'unsupported-http-version', 505);
    receiveRequest(requestHead({}, 'GET /chat HTTP/1.2'));
  });

  it('1. wants a request line without ambiguity', () => {
    const lines = ['', 'GET', 'GET /chat', 'GET  /chat HTTP/1.1', 'GET /a b HTTP/1.1', ' GET /chat HTTP/1.1'];
    const more = [
      'GET /chat HTTP/1.1 ',
      'GET /chat http/1.1',
      'GET /chat HTTP/11',
      'GET\t/chat HTTP/1.1',
      'GET /\0 HTTP/1.1',
    ];
    for (const line of [...lines, ...more])
      assertRefused(requestHead({}, line), 'malformed-request-line', 400);
  });

  it('2. wants one Host', () => {
    for (const host of [undefined, ['a.example', 'b.example']]) {
      assertRefused(requestHead({ Host: host }), 'invalid-host', 400);
    }
  });

  it('2. counts the Host headers that it received, empty ones too', () => {
    const error = refusal(() => receiveRequest(requestHead({ Host: ['', 'a.example'] })));
    assert.equal(error.message, 'Expected one Host header, received 2');
  });

  it('3. wants websocket in Upgrade, in any case and among others', () => {
    for (const upgrade of ['websocket', 'WEBSOCKET', 'h2c, websocket', ['h2c', 'websocket']]) {
      receiveRequest(requestHead({ Upgrade: upgrade }));
    }
    for (const upgrade of [undefined, '', 'h2c', 'websockets', 'web socket']) {
      assertRefused(requestHead({ Upgrade: upgrade }), 'upgrade-missing', 426);
    }
  });

  it('4. wants Upgrade in Connection, in any case and among others', () => {
    for (const connection of ['upgrade', 'UPGRADE', 'keep-alive, Upgrade', ['keep-alive', 'Upgrade']]) {
      receiveRequest(requestHead({ Connection: connection }));
    }
    for (const connection of [undefined, '', 'keep-alive', 'Upgraded', 'keep-alive Upgrade']) {
      assertRefused(requestHead({ Connection: connection }), 'connection-upgrade-missing', 400);
    }
  });

  it('5. wants one key that is the base64 of 16 bytes', () => {
    for (const bytes of [Buffer.alloc(16), Buffer.alloc(16, 0xff), randomBytes(16)]) {
      const key = bytes.toString('base64');
      assert.equal(receiveRequest(requestHead({ 'Sec-WebSocket-Key': key })).key, key);
    }
    const short = Buffer.alloc(15).toString('base64');
    const long = Buffer.alloc(17).toString('base64');
    const notCanonical = 'AAAAAAAAAAAAAAAAAAAAAB==';
    for (const key of [
      undefined,
      '',
      short,
      long,
      notCanonical,
      exampleKey.slice(0, -1),
      `${exampleKey}=`,
      exampleKey.replace('G', '-'),
      [exampleKey, exampleKey],
    ]) {
      assertRefused(requestHead({ 'Sec-WebSocket-Key': key }), 'invalid-key', 400);
    }
  });

  it('6. wants version 13', () => {
    for (const version of [undefined, '', '8', '12', '14', '013', '13, 8', '+13', '13.0', ['13', '13']]) {
      assertRefused(requestHead({ 'Sec-WebSocket-Version': version }), 'unsupported-version', 426);
    }
  });

  it('7. takes at most one Origin', () => {
    assert.equal(receiveRequest(requestHead({ Origin: 'null' })).origin, 'null');
    assertRefused(requestHead({ Origin: ['http://a.example', 'http://b.example'] }), 'invalid-origin', 400);
  });

  it('8. reads the subprotocols of all their headers, and wants distinct tokens', () => {
    const several = requestHead({ 'Sec-WebSocket-Protocol': ['a, b', 'c'] });
    assert.deepEqual(receiveRequest(several).subprotocols, ['a', 'b', 'c']);
    for (const protocol of ['', ',', 'a b', 'a, a', '"a"', 'a;b', 'a\xe9', ['a', 'a']]) {
      const text = requestHead({ 'Sec-WebSocket-Protocol': protocol });
      assertRefused(text, 'invalid-subprotocol-offer', 400);
    }
  });

  it('9. reads the extensions of all their headers, and wants the grammar of §9.1', () => {
    const several = requestHead({ 'Sec-WebSocket-Extensions': ['foo', 'bar; baz=2'] });
    assert.deepEqual(receiveRequest(several).extensions, [
      { name: 'foo', parameters: [] },
      { name: 'bar', parameters: [{ name: 'baz', value: '2' }] },
    ]);
    assertRefused(requestHead({ 'Sec-WebSocket-Extensions': 'foo;' }), 'invalid-extension-offer', 400);
  });

  it('takes the names of an object’s own parts as names like any other', () => {
    const names = '__proto__, constructor, toString, hasOwnProperty';
    const text = requestHead({ 'Sec-WebSocket-Protocol': names, 'Sec-WebSocket-Extensions': names });
    assert.deepEqual(receiveRequest(text).subprotocols, names.split(', '));
    assert.deepEqual(
      receiveRequest(text).extensions.map(({ name }) => name),
      names.split(', '),
    );
  });
});

describe('§4.2 requests that could hide another', () => {
  it('a body is refused, by whatever header it is announced', () => {
    for (const lines of [
      { 'Content-Length': '5' },
      { 'Content-Length': '00' },
      { 'Content-Length': '+0' },
      { 'Content-Length': ['0', '0'] },
      { 'Content-Length': ['0', '5'] },
      { 'Transfer-Encoding': 'chunked' },
      { 'Transfer-Encoding': 'identity' },
      { 'Content-Length': '0', 'Transfer-Encoding': 'chunked' },
    ]) {
      assertRefused(requestHead(lines), 'body-on-upgrade', 400);
    }
  });

  it('header lines that two parties could read differently are refused', () => {
    for (const line of [
      ' folded: value',
      '\tfolded: value',
      'Name : value',
      ': value',
      'no colon',
      '',
      'Na me: value',
      'Name: a\nTransfer-Encoding: chunked',
      'Name: a\rTransfer-Encoding: chunked',
      'Name: a\n',
      'Name: \na',
      'Name: a\r',
      'Name: a\x0b',
      'Name: a\0b',
      'Name\0: a',
      'Name: a\x7f',
      'Nam\xe9: a',
    ]) {
      assertRefused(`${requestHead()}\r\n${line}`, 'malformed-header', 400);
    }
  });
});

describe('§4.2.2 Sending the Server’s Opening Handshake', () => {
  it('answers with 101, Upgrade, Connection and the accept key', () => {
    const text = formatResponseHead(createAcceptance({ key: exampleKey }));
    assert.deepEqual(text.split('\r\n'), [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${exampleAccept}`,
      '',
      '',
    ]);
  });

  it('names the subprotocol and the extensions that it agrees to, and further headers', () => {
    const { headers } = createAcceptance({
      key: exampleKey,
      subprotocol: 'chat',
      extensions: [{ name: 'foo', parameters: [] }],
      headers: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
    });
    assert.equal(headers.get('Sec-WebSocket-Protocol'), 'chat');
    assert.equal(headers.get('Sec-WebSocket-Extensions'), 'foo');
    assert.deepEqual(headers.getAll('set-cookie'), ['a=1', 'b=2']);
  });

  it('lets no value break out of its line', () => {
    for (const bad of ['a\r\nX: y', 'a\nb', 'a\0b']) {
      assert.throws(() => createAcceptance({ key: exampleKey, subprotocol: bad }), TypeError);
      assert.throws(() => createAcceptance({ key: exampleKey, headers: [['X', bad]] }), TypeError);
      assert.throws(() => createRefusal({ status: 403, headers: [['X', bad]] }, 0), TypeError);
    }
  });

  it('the accept key is the base64 of the SHA-1 of the key and the GUID', () => {
    assert.equal(acceptKey(exampleKey), exampleAccept);
    for (let length = 0; length < 200; length++) {
      const key = 'k'.repeat(length);
      const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      assert.equal(acceptKey(key), hash.digest('base64'));
    }
  });

  it('an unsupported version is answered with 426 and Sec-WebSocket-Version: 13', () => {
    const error = refusal(() => receiveRequest(requestHead({ 'Sec-WebSocket-Version': '8' })));
    const response = createRefusal(refusalOf(error), 0);
    assert.equal(response.status, 426);
    assert.equal(response.headers.get('Sec-WebSocket-Version'), '13');
    assert.equal(response.headers.get('Upgrade'), 'websocket');
  });
});

describe('§4.2.2 refusals', () => {
  it('end the connection, so that nothing behind them is taken for another request', () => {
    const text = formatResponseHead(createRefusal({ status: 403 }, 0));
    assert.deepEqual(text.split('\r\n'), [
      'HTTP/1.1 403 Forbidden',
      'Connection: close',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  it('announce their body as plain text unless they say otherwise', () => {
    const plain = createRefusal({ status: 401 }, 3).headers;
    assert.equal(plain.get('Content-Type'), 'text/plain; charset=utf-8');
    assert.equal(plain.get('Content-Length'), '3');
    const json = createRefusal({ status: 401, headers: [['content-type', 'application/json']] }, 3).headers;
    assert.equal(json.get('Content-Type'), 'application/json');
  });

  it('have a status of 300 to 599, with a reason phrase or without', () => {
    for (const status of [101, 200, 299, 600, 403.5, Number.NaN]) {
      assert.throws(() => createRefusal({ status }, 0), RangeError);
    }
    assert.equal(createRefusal({ status: 418 }, 0).reasonPhrase, '');
    assert.match(formatResponseHead(createRefusal({ status: 418 }, 0)), /^HTTP\/1\.1 418 \r\n/);
  });

  it('say which rule was broken, and the headers that HTTP wants beside the status', () => {
    const upgrade = refusalOf(new HandshakeError('upgrade-missing', 'none'));
    assert.equal(upgrade.status, 426);
    assert.deepEqual(upgrade.headers, [['Upgrade', 'websocket']]);
    assert.equal(upgrade.body, 'Expected an Upgrade header that names websocket, received none\n');
    const method = refusalOf(new HandshakeError('method-not-get', 'POST'));
    assert.deepEqual([method.status, method.headers], [405, [['Allow', 'GET']]]);
  });
});

function assertRefused(text: string, code: string, status: number): void {
  const error = refusal(() => receiveRequest(text));
  assert.deepEqual([error.code, error.status], [code, status], JSON.stringify(text));
}
