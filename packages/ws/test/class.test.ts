/** The class itself: its constants, its attributes, what hangs on it, and that it can be extended. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { describe, it } from 'node:test';
import DefaultExport, {
  createWebSocketStream,
  Receiver,
  Sender,
  WebSocket,
  WebSocketServer,
} from '@hawser/ws';
import { connect } from './pairs.ts';

/** An agent that never connects. */
class IdleAgent extends Agent {
  addRequest(): void {}
}

function idle(): WebSocket {
  return new WebSocket('ws://localhost/', { agent: new IdleAgent() });
}

describe('WebSocket', () => {
  for (const [name, value] of [
    ['CONNECTING', 0],
    ['OPEN', 1],
    ['CLOSING', 2],
    ['CLOSED', 3],
  ] as const) {
    it(`has ${name} as its own and its prototype's property`, () => {
      const descriptor = { configurable: false, enumerable: true, value, writable: false };
      assert.deepEqual(Object.getOwnPropertyDescriptor(WebSocket, name), descriptor);
      assert.deepEqual(Object.getOwnPropertyDescriptor(WebSocket.prototype, name), descriptor);
    });
  }

  for (const name of ['bufferedAmount', 'extensions', 'isPaused', 'protocol', 'readyState', 'url']) {
    it(`has ${name} as an accessor that can be enumerated and not set`, () => {
      const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
      assert.ok(descriptor?.get && descriptor.set === undefined);
      assert.ok(descriptor.enumerable && descriptor.configurable);
    });
  }

  it('has binaryType and the on… attributes as accessors that can be set', () => {
    for (const name of ['binaryType', 'onopen', 'onerror', 'onclose', 'onmessage']) {
      const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
      assert.ok(descriptor?.get && descriptor.set && descriptor.enumerable, name);
    }
  });

  it('keeps binaryType when it is set to something else', () => {
    const websocket = idle();
    assert.equal(websocket.binaryType, 'nodebuffer');
    for (const type of ['arraybuffer', 'fragments', 'blob', 'nodebuffer']) {
      websocket.binaryType = type;
      assert.equal(websocket.binaryType, type);
      websocket.binaryType = 'something';
      assert.equal(websocket.binaryType, type);
    }
  });

  it('begins in CONNECTING, with nothing buffered and nothing agreed on', () => {
    const websocket = idle();
    assert.equal(websocket.readyState, WebSocket.CONNECTING);
    assert.equal(websocket.bufferedAmount, 0);
    assert.equal(websocket.extensions, '');
    assert.equal(websocket.protocol, '');
    assert.equal(websocket.isPaused, false);
    assert.equal(websocket._socket, null);
  });

  it('has the rest of the package on it', () => {
    const statics = {
      createWebSocketStream,
      Receiver,
      Sender,
      Server: WebSocketServer,
      WebSocket,
      WebSocketServer,
    };
    for (const [name, value] of Object.entries(statics)) {
      assert.equal(Object.getOwnPropertyDescriptor(WebSocket, name)?.value, value, name);
    }
    assert.equal(DefaultExport, WebSocket);
  });

  it('can be extended, and a server makes what it is told to', async (t) => {
    class Greeter extends WebSocket {
      get greeting(): string {
        return `hello at ${this.readyState}`;
      }
    }
    const { peer, server } = await connect(t, { server: { WebSocket: Greeter } });
    assert.ok(peer instanceof Greeter);
    assert.equal(peer.greeting, 'hello at 1');
    assert.ok(server.clients?.has(peer));
  });

  it('lets a subclass see every event by overriding emit', async (t) => {
    const seen: (string | symbol)[] = [];
    class Watched extends WebSocket {
      override emit(name: string | symbol, ...values: unknown[]): boolean {
        seen.push(name);
        return super.emit(name, ...values);
      }
    }
    const { client, peer } = await connect(t, { server: { WebSocket: Watched } });
    client.send('x');
    client.close();
    await once(peer, 'close');
    assert.deepEqual(
      seen.filter((name) => name !== 'newListener'),
      ['open', 'message', 'close'],
    );
  });
});
