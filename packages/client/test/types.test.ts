/** Types: what a contract allows compiles, and nothing else does; any platform's WebSocket will do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocket as HawserWebSocket } from '@hawser/websocket';
import { WebSocket as UndiciWebSocket } from 'undici';
import type { Client, Message, WebSocketConstructor } from '../src/index.ts';
import { Scene } from './scene.ts';

interface Chat {
  channels: { 'room:*': { text: string }; 'news:today': string };
  methods: { rename: { input: { name: string }; output: null } };
}

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Never called: it only has to compile. */
function useOf(client: Client<Chat>): void {
  const lobby = client.channel('room:lobby');
  lobby.on('message', (message) => true satisfies Same<typeof message, Message<{ text: string }>>);
  void lobby.publish({ text: 'Hi' });
  void client.call('rename', { name: 'Bo' }).then((output) => true satisfies Same<typeof output, null>);
  // @ts-expect-error: a room carries texts in objects.
  void lobby.publish('Hi');
  // @ts-expect-error: there is no such namespace.
  client.channel('rooms:lobby');
  // @ts-expect-error: there is no such method.
  void client.call('renamed', { name: 'Bo' });
  // @ts-expect-error: a name is a string.
  void client.call('rename', { name: 1 });
  // @ts-expect-error: there is no such event.
  lobby.on('massage', () => {});
}

describe('types', () => {
  it('follow the contract', () => {
    assert.equal(typeof useOf, 'function');
  });

  it('take every WebSocket that has the standard’s face', () => {
    const constructors: readonly WebSocketConstructor[] = [HawserWebSocket, UndiciWebSocket];
    for (const WebSocket of constructors) assert.equal(typeof WebSocket, 'function');
  });

  it('let anything pass where there is no contract', async () => {
    const scene = new Scene();
    const client = scene.client();
    void client.channel('any:thing').publish([1, { two: null }]);
    const output = client.call('anything', 'at all');
    await scene.pass();
    assert.equal(await output, 'at all');
  });
});
