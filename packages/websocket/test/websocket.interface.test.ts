/** WebSockets Standard §3.1: the shape of the interface, as Web IDL and HTML have it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloseEvent, ErrorEvent, WebSocket } from '../src/index.ts';
import { connect, open, untilLine } from './client.ts';
import { serverFrame } from './frames.ts';

const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
const readOnly = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'];
const handlers = ['onopen', 'onmessage', 'onerror', 'onclose'] as const;

describe('§3.1 the interface WebSocket', () => {
  for (const [name, value] of Object.entries(constants)) {
    it(`has ${name} on the class and on its objects, fixed`, () => {
      const descriptor = { value, writable: false, enumerable: true, configurable: false };
      assert.deepEqual(Object.getOwnPropertyDescriptor(WebSocket, name), descriptor);
      assert.deepEqual(Object.getOwnPropertyDescriptor(WebSocket.prototype, name), descriptor);
    });
  }

  it('has its members on the prototype, and they can be enumerated', () => {
    const members = [...Object.keys(constants), ...readOnly, ...handlers, 'binaryType', 'send', 'close'];
    assert.deepEqual(Object.keys(WebSocket.prototype).sort(), [...members].sort());
  });

  it('has nothing on its objects', () => {
    const { socket } = connect();
    assert.deepEqual(
      Reflect.ownKeys(socket).filter((key) => typeof key === 'string'),
      [],
    );
    socket.close();
  });

  it('has attributes that cannot be set', () => {
    for (const name of readOnly) {
      assert.equal(Object.getOwnPropertyDescriptor(WebSocket.prototype, name)?.set, undefined);
    }
  });

  it('has the lengths and names of its functions', () => {
    assert.deepEqual([WebSocket.name, WebSocket.length], ['WebSocket', 1]);
    assert.deepEqual([WebSocket.prototype.send.length, WebSocket.prototype.close.length], [1, 0]);
  });

  it('is an EventTarget and says so', () => {
    const { socket } = connect();
    assert.ok(socket instanceof EventTarget);
    assert.equal(Object.prototype.toString.call(socket), '[object WebSocket]');
    socket.close();
  });

  it('works on its own objects only', () => {
    const prototype: object = WebSocket.prototype;
    for (const name of [...readOnly, ...handlers, 'binaryType']) {
      assert.throws(() => Reflect.get(prototype, name, {}), TypeError);
    }
    assert.throws(() => Reflect.apply(WebSocket.prototype.send, {}, ['a']), TypeError);
    assert.throws(() => Reflect.apply(WebSocket.prototype.close, {}, []), TypeError);
  });

  it('is called with new', () => {
    assert.throws(() => Reflect.apply(WebSocket, undefined, ['ws://localhost']), TypeError);
  });

  it('begins with nothing agreed', () => {
    const { socket } = connect();
    const { readyState, bufferedAmount, extensions, protocol, binaryType } = socket;
    assert.deepEqual([readyState, bufferedAmount, extensions, protocol, binaryType], [0, 0, '', '', 'blob']);
    socket.close();
  });
});

describe('§3.1 binaryType', () => {
  it('takes its two values and ignores others', () => {
    const { socket } = connect();
    socket.binaryType = 'arraybuffer';
    for (const value of ['', 'Blob', 'notBlobOrArrayBuffer', null, 1])
      Reflect.set(socket, 'binaryType', value);
    assert.equal(socket.binaryType, 'arraybuffer');
    socket.binaryType = 'blob';
    assert.equal(socket.binaryType, 'blob');
    socket.close();
  });
});

describe('event handler attributes', () => {
  it('are null, and null again for what is no object', () => {
    const { socket } = connect();
    for (const name of handlers) {
      assert.equal(socket[name], null);
      socket[name] = () => undefined;
      for (const value of [1, 'function', undefined, Symbol.iterator]) {
        Reflect.set(socket, name, value);
        assert.equal(socket[name], null);
      }
    }
    socket.close();
  });

  it('keep an object that cannot be called, and do not call it', async () => {
    const client = await open();
    const object = { handleEvent: () => assert.fail('Expected no call') };
    Reflect.set(client.socket, 'onmessage', object);
    assert.equal(Reflect.get(client.socket, 'onmessage'), object);
    client.transport.feed(serverFrame(1, 'a'));
    await untilLine(client, 'message "a"');
  });

  it('are called with the event, on the socket', async () => {
    const client = await open();
    const calls: unknown[] = [];
    client.socket.onmessage = function (event) {
      calls.push(this, event.type, event.target);
    };
    client.transport.feed(serverFrame(1, 'a'));
    await untilLine(client, 'message "a"');
    assert.deepEqual(calls, [client.socket, 'message', client.socket]);
  });

  it('stand among the listeners where they were first set, also when they are replaced', () => {
    const { socket } = connect();
    const calls: string[] = [];
    socket.addEventListener('open', () => calls.push('first'));
    socket.onopen = () => calls.push('replaced');
    socket.addEventListener('open', () => calls.push('third'));
    socket.onopen = () => calls.push('second');
    socket.dispatchEvent(new Event('open'));
    assert.deepEqual(calls.splice(0), ['first', 'second', 'third']);
    socket.onopen = null;
    socket.onopen = () => calls.push('last');
    socket.dispatchEvent(new Event('open'));
    assert.deepEqual(calls, ['first', 'third', 'last']);
    socket.close();
  });
});

describe('§6 CloseEvent', () => {
  it('has defaults', () => {
    const event = new CloseEvent('close');
    assert.deepEqual([event.type, event.wasClean, event.code, event.reason], ['close', false, 0, '']);
    assert.ok(event instanceof Event);
    assert.equal(event.bubbles, false);
  });

  it('carries what it is made of', () => {
    const event = new CloseEvent('x', { wasClean: true, code: 4321, reason: 'bye', cancelable: true });
    assert.deepEqual([event.wasClean, event.code, event.reason, event.cancelable], [true, 4321, 'bye', true]);
    assert.equal(Object.prototype.toString.call(event), '[object CloseEvent]');
  });

  it('converts as Web IDL says', () => {
    const { code, reason } = new CloseEvent('close', { code: 65536 + 1000, reason: 'a\ud800' });
    assert.deepEqual([code, reason], [1000, 'a\ufffd']);
    assert.equal(Reflect.construct(CloseEvent, ['close', { reason: null }]).reason, 'null');
    assert.equal(Reflect.construct(CloseEvent, ['close', null]).code, 0);
    assert.equal(CloseEvent.length, 1);
  });

  it('wants a type', () => {
    assert.throws(() => Reflect.construct(CloseEvent, []), TypeError);
  });
});

describe('ErrorEvent', () => {
  it('carries an error and its message', () => {
    const error = new Error('Expected more');
    const event = new ErrorEvent('error', { error, message: error.message });
    assert.deepEqual([event.error, event.message, event.cancelable], [error, 'Expected more', false]);
    assert.equal(Object.prototype.toString.call(event), '[object ErrorEvent]');
  });

  it('wants a type, and converts as Web IDL says', () => {
    assert.throws(() => Reflect.construct(ErrorEvent, []), TypeError);
    assert.equal(Reflect.construct(ErrorEvent, ['error', null]).message, '');
    assert.equal(Reflect.construct(ErrorEvent, ['error', { message: null }]).message, 'null');
  });
});
