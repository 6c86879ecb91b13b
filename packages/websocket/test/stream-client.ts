/** A `WebSocketStream` over a transport in memory, with the test as its server. */
import assert from 'node:assert/strict';
import { WebSocketError, type WebSocketOpenInfo, WebSocketStream } from '../src/index.ts';
import type { WebSocketStreamOptions } from '../src/websocket-stream.ts';
import { type Answer, accept } from './client.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryTransport } from './memory-transport.ts';

/** A stream and all that the test holds of it. */
export interface TestStream<Streaming extends boolean = false> {
  readonly stream: WebSocketStream<Streaming>;
  readonly transport: MemoryTransport;
  readonly clock: FakeClock;
}

/** A stream whose handshake has not been answered. */
export function connectStream<Streaming extends boolean = false>(
  options: WebSocketStreamOptions<Streaming> = {},
): TestStream<Streaming> {
  const transport = new MemoryTransport();
  const clock = new FakeClock();
  const url = 'ws://localhost/chat?room=1';
  const stream = new WebSocketStream(url, { clock, openTransport: () => transport, ...options });
  return { stream, transport, clock };
}

/** A stream whose connection is open. */
export async function openStream<Streaming extends boolean = false>(
  options: WebSocketStreamOptions<Streaming> = {},
  answer: Answer = {},
): Promise<TestStream<Streaming> & WebSocketOpenInfo<Streaming>> {
  const client = connectStream(options);
  await accept(client.transport, answer);
  return { ...client, ...(await client.stream.opened) };
}

/** Asserts that a promise is rejected with a WebSocketError of that code and reason, and returns it. */
export async function rejectsWith(
  promise: Promise<unknown>,
  closeCode: number,
  reason = '',
): Promise<WebSocketError> {
  const error: unknown = await promise.then(
    () => assert.fail('Expected a rejection'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof WebSocketError, String(error));
  assert.deepEqual([error.closeCode, error.reason], [closeCode, reason]);
  return error;
}
