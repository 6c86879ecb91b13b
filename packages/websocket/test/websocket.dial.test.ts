/** WebSockets Standard §2, RFC 6455 §4.1: how a connection is established, over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import {
  Connection,
  checkRequest,
  createAcceptance,
  defaultLimits,
  formatResponseHead,
  HeadCollector,
  parseRequestHead,
} from '@hawser/protocol';
import { WebSocket, type WebSocketOptions } from '../src/index.ts';
import { connect } from './client.ts';
import { FakeClock } from './fake-clock.ts';
import { closePayload, opcodes, readFrames, serverFrame } from './frames.ts';
import { until } from './server-diary.ts';
import { placeOf } from './servers.ts';

const cert = readFixture('localhost-cert.pem');
const key = readFixture('localhost-key.pem');

/** A server that the test wrote: it takes every handshake and echoes every message. */
function echo(socket: Socket): void {
  const collector = new HeadCollector(defaultLimits);
  socket.on('error', () => undefined);
  socket.on('data', function collect(chunk: Buffer) {
    const collected = collector.push(chunk);
    if (collected === undefined) return;
    const acceptance = createAcceptance(checkRequest(parseRequestHead(collected.head, defaultLimits)));
    socket.write(formatResponseHead(acceptance), 'latin1');
    socket.off('data', collect);
    echoMessages(socket);
    socket.emit('data', collected.rest);
  });
}

function echoMessages(socket: Socket): void {
  const connection = new Connection({ role: 'server' });
  socket.on('data', (chunk) => {
    connection.receive(chunk);
    for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent()) {
      if (event.type === 'message') connection.sendBytes(event.payload, event.opcode);
    }
    for (const output of connection.takeOutput()) {
      if (output.type === 'bytes') socket.write(output.bytes);
      else socket.end();
    }
  });
}

/** Answers the first bytes that come with this text. */
function answer(text: string): (socket: Socket) => void {
  return (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(text));
  };
}

/** Takes the handshake, and ends its side with these frames in the same moment. */
function acceptAndEnd(frames: Buffer, heard: (bytes: Buffer) => void): (socket: Socket) => void {
  return (socket) => {
    const collector = new HeadCollector(defaultLimits);
    const received: Buffer[] = [];
    socket.on('error', () => undefined);
    socket.on('end', () => heard(Buffer.concat(received)));
    socket.once('data', (chunk: Buffer) => {
      const head = collector.push(chunk)?.head ?? '';
      const acceptance = createAcceptance(checkRequest(parseRequestHead(head, defaultLimits)));
      socket.on('data', (bytes: Buffer) => received.push(bytes));
      socket.end(Buffer.concat([Buffer.from(formatResponseHead(acceptance), 'latin1'), frames]));
    });
  };
}

/** Starts a server on a free port, which it returns. */
async function listen(t: TestContext, server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return placeOf(server.address()).port;
}

interface End {
  readonly error: Error | undefined;
  readonly code: number;
  readonly message: unknown;
}

/** Connects, sends `Hello`, closes when it comes back, and tells how it ended. */
function roundTrip(url: string, options?: WebSocketOptions): Promise<End> {
  const socket = new WebSocket(url, [], options);
  let error: Error | undefined;
  let message: unknown;
  socket.onopen = () => socket.send('Hello');
  socket.onmessage = ({ data }) => {
    message = data;
    socket.close(1000);
  };
  socket.onerror = (event) => {
    error = event.error;
  };
  return new Promise((resolve) => {
    socket.onclose = ({ code }) => resolve({ error, code, message });
  });
}

function codeOf(error: Error | undefined): unknown {
  return error !== undefined && 'code' in error ? error.code : error;
}

function readFixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

describe('§2.1 TCP', () => {
  it('connects by IPv4 address and by name', async (t) => {
    const port = await listen(t, createServer(echo));
    const expected = { error: undefined, code: 1000, message: 'Hello' };
    assert.deepEqual(await roundTrip(`ws://127.0.0.1:${port}/`), expected);
    assert.deepEqual(await roundTrip(`http://localhost:${port}/`), expected);
  });

  it('connects by IPv6 address', async (t) => {
    const port = await listen(t, createServer(echo), '::1');
    const { error, message } = await roundTrip(`ws://[::1]:${port}/`);
    assert.deepEqual([error, message], [undefined, 'Hello']);
  });

  it('answers a Close frame though the server has ended its side with the handshake’s answer', async (t) => {
    let tell: (answer: Buffer) => void = () => undefined;
    const answered = new Promise<Buffer>((resolve) => {
      tell = resolve;
    });
    const close = serverFrame(opcodes.close, closePayload(1000));
    const port = await listen(t, createServer({ allowHalfOpen: true }, acceptAndEnd(close, tell)));
    const { code } = await roundTrip(`ws://127.0.0.1:${port}/`);
    assert.equal(code, 1000);
    assert.deepEqual(
      readFrames(await answered)
        .map(({ opcode }) => opcode)
        .at(-1),
      opcodes.close,
    );
  });

  it('connects through a transport that it is given', async (t) => {
    const port = await listen(t, createServer(echo));
    const targets: unknown[] = [];
    const { message } = await roundTrip('wss://user@unreachable.example/chat', {
      openTransport: async (target) => {
        targets.push(target);
        return connectTcp(port, '127.0.0.1');
      },
    });
    assert.equal(message, 'Hello');
    assert.deepEqual(targets, [{ host: 'unreachable.example', port: 443, isSecure: true }]);
  });

  it('fails with the system’s error if nobody listens', async (t) => {
    const server = createServer();
    const port = await listen(t, server);
    server.close();
    await once(server, 'close');
    const { error, code } = await roundTrip(`ws://127.0.0.1:${port}/`);
    assert.deepEqual([codeOf(error), code], ['ECONNREFUSED', 1006]);
  });

  it('fails with the resolver’s error if there is no such host', async () => {
    const { error, code } = await roundTrip('ws://host.invalid/');
    assert.match(String(codeOf(error)), /^(ENOTFOUND|EAI_AGAIN)$/);
    assert.equal(code, 1006);
  });

  it('fails with what a given transport fails with', async () => {
    const refused = new Error('The proxy says no');
    const thrown = await roundTrip('ws://localhost/', {
      openTransport: () => {
        throw refused;
      },
    });
    const rejected = await roundTrip('ws://localhost/', { openTransport: () => Promise.reject(refused) });
    assert.deepEqual([thrown.error, rejected.error], [refused, refused]);
  });
});

describe('§2.1 TLS', () => {
  it('connects to a certificate that `ca` vouches for', async (t) => {
    const port = await listen(t, createTlsServer({ cert, key }, echo));
    const { error, message } = await roundTrip(`wss://localhost:${port}/`, { ca: cert });
    assert.deepEqual([error, message], [undefined, 'Hello']);
  });

  it('refuses a certificate of an unknown authority, whatever the options', async (t) => {
    const port = await listen(t, createTlsServer({ cert, key }, echo));
    const unsafe = {
      honorCipherOrder: true,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    };
    for (const options of [{}, { tls: unsafe }]) {
      const { error, code } = await roundTrip(`wss://localhost:${port}/`, options);
      assert.deepEqual([codeOf(error), code], ['DEPTH_ZERO_SELF_SIGNED_CERT', 1006]);
    }
  });

  it('refuses a certificate for another host', async (t) => {
    const port = await listen(t, createTlsServer({ cert, key }, echo));
    const unsafe = { ca: cert, checkServerIdentity: () => undefined };
    for (const options of [{ ca: cert }, { tls: unsafe }]) {
      const { error, code } = await roundTrip(`wss://127.0.0.1:${port}/`, options);
      assert.deepEqual([codeOf(error), code], ['ERR_TLS_CERT_ALTNAME_INVALID', 1006]);
    }
  });

  it('checks the certificate for `servername`', async (t) => {
    const names: unknown[] = [];
    const server = createTlsServer({ cert, key }, (socket) => {
      names.push(Reflect.get(socket, 'servername'));
      echo(socket);
    });
    const port = await listen(t, server);
    const { message } = await roundTrip(`wss://127.0.0.1:${port}/`, { ca: cert, servername: 'localhost' });
    const other = await roundTrip(`wss://localhost:${port}/`, { ca: cert, servername: 'other.example' });
    assert.deepEqual([message, codeOf(other.error)], ['Hello', 'ERR_TLS_CERT_ALTNAME_INVALID']);
    assert.equal(names[0], 'localhost');
  });

  it('writes nothing to a server that it does not trust', async (t) => {
    let received = 0;
    const server = createTlsServer({ cert, key }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', ({ length }) => {
        received += length;
      });
    });
    const port = await listen(t, server);
    await roundTrip(`wss://user:secret@localhost:${port}/`);
    assert.equal(received, 0);
  });

  it('shows a certificate of its own, if it is given one', async (t) => {
    const server = createTlsServer({ cert, key, ca: cert, requestCert: true }, echo);
    const port = await listen(t, server);
    const { message } = await roundTrip(`wss://localhost:${port}/`, { ca: cert, tls: { cert, key } });
    assert.equal(message, 'Hello');
  });

  it('does not speak TLS with a server that does not', async (t) => {
    const port = await listen(t, createServer(answer('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const { error, code } = await roundTrip(`wss://localhost:${port}/`);
    assert.ok(error instanceof Error);
    assert.equal(code, 1006);
  });
});

describe('RFC 6455 §4.1 the response', () => {
  const responses: [title: string, text: string, code: string][] = [
    ['a refusal', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', 'unexpected-status'],
    ['a redirect', 'HTTP/1.1 302 Found\r\nLocation: ws://localhost/\r\n\r\n', 'unexpected-status'],
    ['what is not HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'malformed-status-line'],
    ['no answer', '', 'malformed-status-line'],
    ['half an answer', 'HTTP/1.1 101 Switching', 'malformed-status-line'],
    ['too long an answer', `HTTP/1.1 101 ${'a'.repeat(20_000)}`, 'handshake-too-long'],
    ['an answer without Upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'upgrade-mismatch'],
    [
      'another key’s answer',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
      'accept-mismatch',
    ],
  ];
  for (const [title, text, code] of responses) {
    it(`${title} fails the connection: ${code}`, async (t) => {
      const port = await listen(t, createServer(answer(text)));
      const end = await roundTrip(`ws://127.0.0.1:${port}/`);
      assert.deepEqual([codeOf(end.error), end.code], [code, 1006]);
    });
  }

  it('is read in pieces of any size', async (t) => {
    const server = createServer((socket) => {
      const write = socket.write.bind(socket);
      socket.setNoDelay(true);
      socket.write = (chunk: string | Uint8Array) => {
        for (const byte of Buffer.from(chunk)) write(Buffer.of(byte));
        return true;
      };
      echo(socket);
    });
    const port = await listen(t, server);
    const { message } = await roundTrip(`ws://127.0.0.1:${port}/`);
    assert.equal(message, 'Hello');
  });

  it('is waited for no longer than handshakeTimeoutMs', async (t) => {
    const connected = new Promise<Socket>((resolve) => {
      const server = createServer(resolve);
      t.after(() => server.close());
      void listen(t, server).then((port) => {
        ended = roundTrip(`ws://127.0.0.1:${port}/`, { clock, handshakeTimeoutMs: 300 });
      });
    });
    const clock = new FakeClock();
    let ended: Promise<End> | undefined;
    const socket = await connected;
    await once(socket, 'data');
    clock.advance(300);
    const end = await ended;
    assert.equal(codeOf(end?.error), 'handshake-timeout');
    assert.equal(clock.timerCount, 0);
  });

  it('is waited for no longer than handshakeTimeoutMs by default, transport included', async () => {
    const openTransport = (): Promise<never> => new Promise(() => undefined);
    const { clock, diary } = connect({ options: { openTransport } });
    clock.advance(9999);
    await new Promise(setImmediate);
    assert.deepEqual(diary, []);
    clock.advance(1);
    await until(() => diary.length === 2);
    assert.deepEqual(diary, ['error handshake-timeout', 'close 1006 "" unclean']);
  });
});
