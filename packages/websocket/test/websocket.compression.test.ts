/** RFC 7692 as the client offers it, against the package's own server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { WebSocket, type WebSocketOptions } from '../src/index.ts';
import { connect, untilLine } from './client.ts';
import { until } from './server-diary.ts';
import { startServer } from './servers.ts';

const texts = ['short', 'long '.repeat(10_000), 'ü☃\u{1f600}'.repeat(5000)];

describe('RFC 7692 the client', () => {
  const agreements: [title: string, client: WebSocketOptions, server: boolean, extensions: RegExp][] = [
    ['by default', {}, true, /^$/],
    ['if it is told to', { perMessageDeflate: true }, true, /^permessage-deflate\b/],
    ['if the server wants to as well', { perMessageDeflate: true }, false, /^$/],
    ['with context', { perMessageDeflate: { clientContextTakeover: true } }, true, /^permessage-deflate\b/],
  ];
  for (const [title, options, perMessageDeflate, extensions] of agreements) {
    it(`compresses ${title}: ${extensions}`, async (t) => {
      const { place } = await startServer(t, {
        perMessageDeflate,
        message: (peer, message) => void peer.send(message),
      });
      const socket = new WebSocket(`ws://${place.host}:${place.port}/`, [], options);
      socket.binaryType = 'arraybuffer';
      await once(socket, 'open');
      const received: unknown[] = [];
      socket.onmessage = ({ data }) => received.push(data instanceof ArrayBuffer ? data.byteLength : data);
      for (const text of texts) socket.send(text);
      socket.send(new Uint8Array(100_000));
      socket.send(new Blob([new Uint8Array(1_000_000)]));
      await until(() => received.length === 5);
      assert.deepEqual(received, [...texts, 100_000, 1_000_000]);
      assert.match(socket.extensions, extensions);
      assert.equal(socket.bufferedAmount, 0);
      socket.close(1000);
      const [event] = await once(socket, 'close');
      assert.deepEqual([event.wasClean, event.code], [true, 1000]);
    });
  }

  it('offers nothing else than what it was told', async () => {
    const client = connect({ options: { perMessageDeflate: true } });
    await until(() => client.transport.writes.length > 0);
    const request = String(client.transport.writes[0]);
    assert.match(request, /\r\nSec-WebSocket-Extensions: permessage-deflate[^,\r]*\r\n/);
    client.socket.close();
    await untilLine(client, /close/);
  });

  it('§7.1.2.2 does not offer to have its window limited if it is told not to', async () => {
    const perMessageDeflate = { clientContextTakeover: true, clientMaxWindowBits: false } as const;
    const client = connect({ options: { perMessageDeflate } });
    await until(() => client.transport.writes.length > 0);
    const offer = /\r\nSec-WebSocket-Extensions: (.*)\r\n/.exec(String(client.transport.writes[0]))?.[1];
    assert.equal(offer, 'permessage-deflate; server_no_context_takeover');
    client.socket.close();
    await untilLine(client, /close/);
  });

  it('takes no option out of range', () => {
    const options = { perMessageDeflate: { level: 10 } };
    assert.throws(() => new WebSocket('ws://localhost/', [], options), RangeError);
  });
});
