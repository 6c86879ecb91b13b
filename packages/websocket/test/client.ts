/**
 * A `WebSocket` over a transport in memory, with the test as its server: the handshake is answered with the engine,
 * frames are written and read by hand, and everything that the socket fires stands in a diary.
 */
import assert from 'node:assert/strict';
import { checkRequest, createAcceptance, formatResponseHead, parseRequestHead } from '@hawser/protocol';
import { defaultLimits, WebSocket, type WebSocketOptions } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { serverFrame } from './frames.ts';
import { MemoryTransport } from './memory-transport.ts';
import { until } from './server-diary.ts';

/** How the test's server answers the handshake. */
export interface Answer {
  readonly protocols?: string | string[];
  readonly subprotocol?: string;
  /** Frames that come in one piece with the response. */
  readonly head?: Uint8Array;
  readonly options?: WebSocketOptions;
}

/** A client and all that the test holds of it. */
export interface TestClient {
  readonly socket: WebSocket;
  readonly transport: MemoryTransport;
  readonly clock: FakeClock;
  /** What was fired: `open`, `message "Hello"`, `error accept-mismatch`, `close 1000 "bye"`. */
  readonly diary: string[];
  /** The errors that came with `error` events. */
  readonly errors: Error[];
}

/** A client whose handshake has not been answered. */
export function connect({ protocols, options }: Answer = {}): TestClient {
  const transport = new MemoryTransport();
  const clock = new FakeClock();
  const url = 'ws://localhost/chat?room=1';
  const socket = new WebSocket(url, protocols, { clock, openTransport: () => transport, ...options });
  const diary: string[] = [];
  const errors: Error[] = [];
  socket.addEventListener('open', () => diary.push('open'));
  socket.addEventListener('message', ({ data }) => diary.push(`message ${tell(data)}`));
  socket.addEventListener('error', ({ error }) => {
    errors.push(error);
    diary.push(`error ${error.code}`);
  });
  socket.addEventListener('close', ({ code, reason, wasClean }) => {
    diary.push(`close ${code} ${JSON.stringify(reason)}${wasClean ? '' : ' unclean'}`);
  });
  return { socket, transport, clock, diary, errors };
}

/** A client whose connection is open. */
export async function open(answer: Answer = {}): Promise<TestClient> {
  const client = connect(answer);
  await accept(client.transport, answer);
  await until(() => client.diary.includes('open'));
  return client;
}

/** Answers the handshake. */
export async function accept(transport: MemoryTransport, { subprotocol, head }: Answer = {}): Promise<void> {
  await until(() => transport.writes.length > 0);
  const request = Buffer.concat(transport.writes.splice(0)).toString('latin1');
  const { key } = checkRequest(parseRequestHead(request.replace(/\r\n\r\n$/, ''), defaultLimits));
  const response = createAcceptance({ key, ...(subprotocol === undefined ? {} : { subprotocol }) });
  transport.feed(Buffer.concat([Buffer.from(formatResponseHead(response), 'latin1'), head ?? noBytes]));
}

/** The other side's Close frame, and the end of its side. */
export function feedClose(transport: MemoryTransport, payload?: Uint8Array): void {
  transport.feed(serverFrame(0x8, payload));
  transport.feedEnd();
}

/** Waits until a line stands in the diary. */
export async function untilLine({ diary }: TestClient, line: string | RegExp): Promise<void> {
  await until(() => diary.some((entry) => (typeof line === 'string' ? entry === line : line.test(entry))));
}

/** Asserts that this throws a DOMException of that name. */
export function throwsDomException(action: () => unknown, name: string): void {
  assert.throws(action, (error: unknown) => error instanceof DOMException && error.name === name);
}

const noBytes = new Uint8Array(0);

function tell(data: unknown): string {
  if (typeof data === 'string') return JSON.stringify(data);
  if (data instanceof ArrayBuffer) return `ArrayBuffer ${Buffer.from(data).toString('hex')}`;
  return data instanceof Blob ? `Blob ${data.size}` : String(data);
}
