/** The EventTarget face: addEventListener, the on… attributes, and the events they get. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { CloseEvent, ErrorEvent, Event, MessageEvent, WebSocket } from '@hawser/ws';
import { connect } from './pairs.ts';

function idle(): WebSocket {
  const websocket = new WebSocket('ws://localhost', { lookup() {} });
  websocket.on('error', () => undefined);
  websocket.terminate();
  websocket.removeAllListeners('error').on('error', () => undefined);
  return websocket;
}

describe('the on… attributes', () => {
  it('hold a function or null', () => {
    const websocket = idle();
    assert.equal(websocket.onmessage, null);
    const handler = (): void => undefined;
    websocket.onmessage = handler;
    assert.equal(websocket.onmessage, handler);
    assert.equal(websocket.listenerCount('message'), 1);
    websocket.onmessage = null;
    assert.equal(websocket.onmessage, null);
    assert.equal(websocket.listenerCount('message'), 0);
    Object.assign(websocket, { onmessage: 'text' });
    assert.equal(websocket.onmessage, null);
  });

  it('know nothing of other listeners', () => {
    const websocket = idle();
    websocket.on('message', () => undefined);
    websocket.addEventListener('message', () => undefined);
    assert.equal(websocket.onmessage, null);
    websocket.onmessage = () => undefined;
    websocket.onmessage = null;
    assert.equal(websocket.listenerCount('message'), 2);
  });
});

describe('addEventListener', () => {
  it('adds a listener once, and beside an attribute with the same one', () => {
    const websocket = idle();
    const listener = (): void => undefined;
    websocket.addEventListener('message', listener);
    websocket.addEventListener('message', listener);
    assert.equal(websocket.listenerCount('message'), 1);
    websocket.onmessage = listener;
    websocket.addEventListener('other', listener);
    assert.equal(websocket.listenerCount('message'), 2);
    assert.equal(websocket.listenerCount('other'), 0);
  });

  it('calls a listener once if asked to', () => {
    const websocket = idle();
    let calls = 0;
    websocket.addEventListener('message', () => calls++, { once: true });
    websocket.emit('message', Buffer.from(''), false);
    websocket.emit('message', Buffer.from(''), false);
    assert.equal(calls, 1);
  });

  it('calls objects by their handleEvent', () => {
    const websocket = idle();
    const seen: unknown[] = [];
    const listener = {
      handleEvent(event: unknown): void {
        seen.push(this === listener, event);
      },
    };
    websocket.addEventListener('open', listener);
    websocket.emit('open');
    assert.equal(seen[0], true);
  });
});

describe('removeEventListener', () => {
  it('removes what addEventListener added, and nothing else', () => {
    const websocket = idle();
    const listener = (): void => undefined;
    websocket.addEventListener('message', listener, { once: true });
    websocket.addEventListener('message', listener);
    websocket.removeEventListener('message', () => undefined);
    assert.equal(websocket.listenerCount('message'), 1);
    websocket.removeEventListener('message', listener);
    assert.equal(websocket.listenerCount('message'), 0);
    websocket.onmessage = listener;
    websocket.on('message', listener);
    websocket.removeEventListener('message', listener);
    assert.equal(websocket.listenerCount('message'), 2);
  });
});

describe('the events', () => {
  it('have the fields of their kind', () => {
    const websocket = idle();
    const events: Record<string, unknown>[] = [];
    for (const type of ['open', 'message', 'error', 'close']) {
      websocket.addEventListener(type, (event) => events.push(fieldsOf(event)));
    }
    const error = new Error('broken');
    websocket.emit('open');
    websocket.emit('message', Buffer.from('text'), false);
    websocket.emit('message', Buffer.from('bytes'), true);
    websocket.emit('error', error);
    websocket.emit('close', 1000, Buffer.from('done'));
    const target = websocket;
    assert.deepEqual(events, [
      { type: 'open', target },
      { type: 'message', target, data: 'text' },
      { type: 'message', target, data: Buffer.from('bytes') },
      { type: 'error', target, error, message: 'broken' },
      { type: 'close', target, code: 1000, reason: 'done', wasClean: false },
    ]);
  });

  it('can be made by hand, of any type', () => {
    const error = new Error('broken');
    const target = null;
    const type = 'x';
    assert.deepEqual(fieldsOf(new Event(type)), { type, target });
    assert.deepEqual(fieldsOf(new MessageEvent(type)), { type, target, data: null });
    assert.deepEqual(fieldsOf(new MessageEvent(type, { data: 'text' })), { type, target, data: 'text' });
    assert.deepEqual(fieldsOf(new ErrorEvent(type)), { type, target, error: null, message: '' });
    const given = { error, message: 'broken' };
    assert.deepEqual(fieldsOf(new ErrorEvent(type, given)), { type, target, ...given });
    const empty = { code: 0, reason: '', wasClean: false };
    assert.deepEqual(fieldsOf(new CloseEvent(type)), { type, target, ...empty });
    const clean = { code: 1000, reason: 'done', wasClean: true };
    assert.deepEqual(fieldsOf(new CloseEvent(type, clean)), { type, target, ...clean });
  });

  it('tell whether the connection was closed cleanly', async (t) => {
    const { client, peer } = await connect(t);
    const events: Record<string, unknown>[] = [];
    client.onclose = (event) => events.push(fieldsOf(event));
    peer.close(1000);
    await once(client, 'close');
    assert.equal(events[0]?.wasClean, true);
  });
});

/** An event's fields, which are accessors of its class. */
function fieldsOf(event: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of ['type', 'target', 'data', 'error', 'message', 'code', 'reason', 'wasClean']) {
    if (name in event) fields[name] = Reflect.get(event, name);
  }
  return fields;
}
