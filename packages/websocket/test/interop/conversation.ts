/**
 * What is said to somebody else's WebSocket, which echoes: messages from 0 B to 16 MiB, as text and as binary, whole and
 * in fragments. We ask and check, as the client or as the server.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it, type TestContext } from 'node:test';
import { type CloseStatus, type DeflateOptions, type Peer, WebSocket } from '../../src/index.ts';
import { startServer } from '../servers.ts';

/** Whether and how messages are compressed. */
export type Compression = 'off' | 'on' | 'with context';

const compressions: readonly Compression[] = ['off', 'on', 'with context'];

const deflateOptions: Readonly<Record<Compression, boolean | DeflateOptions>> = {
  off: false,
  on: true,
  'with context': { serverContextTakeover: true, clientContextTakeover: true },
};

const KIB = 1024;
const MIB = KIB * KIB;
/** Around each step of the frame's length field. */
const lengths: readonly number[] = [0, 1, 125, 126, 65_535, 65_536, MIB];
/** What is allowed by default. With context it would only take longer. */
const maxLength = 16 * MIB;

/** The limits hold for what is on the wire too, and bytes that cannot be compressed grow a little when they are. */
const limits = { maxFramePayloadLength: 17 * MIB, maxMessageLength: 17 * MIB };

/** Letters of 1, 2, 3 and 4 bytes in UTF-8. */
const ALPHABET = 'aä€\u{1f600}';
const ALPHABET_LENGTH = 10;

/** A text of so many bytes in UTF-8. */
function textOf(length: number): string {
  const repetitions = Math.floor(length / ALPHABET_LENGTH);
  return ALPHABET.repeat(repetitions) + 'z'.repeat(length - repetitions * ALPHABET_LENGTH);
}

/** Bytes that do not repeat, so that compression finds nothing: a multiplicative generator's upper byte. */
function bytesOf(length: number): Uint8Array {
  let state = 1;
  return new Uint8Array(length).map(() => {
    state = Math.imul(state, 48_271) & 0x7fff_ffff;
    return state >>> 16;
  });
}

const messages = lengths.flatMap((length) => [textOf(length), bytesOf(length)]);
const longestMessages = [textOf(maxLength), bytesOf(maxLength)];

function messagesFor(compression: Compression): readonly (string | Uint8Array)[] {
  return compression === 'with context' ? messages : [...messages, ...longestMessages];
}

/** Declares a test for each compression. */
export function eachCompression(
  title: string,
  skip: string | false,
  test: (t: TestContext, compression: Compression) => Promise<void>,
): void {
  for (const compression of compressions) {
    it(`${title}, compression ${compression}`, { skip }, (t) => test(t, compression));
  }
}

/** Our client talks to their server. */
export async function talkAsClient(url: string, compression: Compression): Promise<void> {
  const socket = new WebSocket(url, [], { limits, perMessageDeflate: deflateOptions[compression] });
  socket.binaryType = 'arraybuffer';
  await once(socket, 'open');
  assertCompressed(socket.extensions, compression);
  for (const message of messagesFor(compression)) {
    socket.send(message);
    assertSame(await nextMessage(socket), message);
  }
  // A Blob of this length goes in fragments.
  socket.send(new Blob([bytesOf(MIB)]));
  assertSame(await nextMessage(socket), bytesOf(MIB));
  socket.close(1000, 'done');
  const [{ wasClean, code }] = await once(socket, 'close');
  assert.deepEqual({ wasClean, code }, { wasClean: true, code: 1000 });
}

function nextMessage(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.onmessage = ({ data }) => resolve(data);
    socket.onclose = ({ code, reason }) =>
      reject(new Error(`Expected a message, received ${code} ${reason}`));
  });
}

/** Our server talks to their client. */
export async function talkAsServer(
  t: TestContext,
  compression: Compression,
  connect: (url: string) => unknown,
): Promise<void> {
  let handleOpen: (peer: Peer) => void = () => undefined;
  let handleClose: (status: CloseStatus) => void = () => undefined;
  const opened = new Promise<Peer>((resolve) => {
    handleOpen = resolve;
  });
  const closed = new Promise<CloseStatus>((resolve) => {
    handleClose = resolve;
  });
  const { place } = await startServer<undefined>(t, {
    allowedOrigins: 'any',
    limits,
    perMessageDeflate: deflateOptions[compression],
    open: (peer) => handleOpen(peer),
    close: (_, status) => handleClose(status),
  });
  connect(`ws://${place.host}:${place.port}/`);
  await talkToPeer(await opened, compression);
  const { clean, code } = await closed;
  assert.deepEqual({ clean, code }, { clean: true, code: 1000 });
}

async function talkToPeer(peer: Peer, compression: Compression): Promise<void> {
  assertCompressed(peer.extensions, compression);
  const answers = peer[Symbol.asyncIterator]();
  for (const message of messagesFor(compression)) {
    peer.send(message);
    assertSame((await answers.next()).value, message);
  }
  const text = textOf(MIB);
  await peer.sendStream(new Blob([text]), { type: 'text', compress: true });
  assertSame((await answers.next()).value, text);
  peer.close(1000, 'done');
}

function assertCompressed(extensions: string, compression: Compression): void {
  assert.match(extensions, compression === 'off' ? /^$/ : /^permessage-deflate/);
}

/** Compares by hand: a difference between strings of 16 MiB takes an assertion minutes to tell. */
function assertSame(received: unknown, sent: string | Uint8Array): void {
  const isSame =
    typeof sent === 'string'
      ? received === sent
      : isBytes(received) && Buffer.compare(asBytes(received), sent) === 0;
  assert.ok(isSame, `Expected the ${typeof sent} of ${sent.length} back, received ${describe(received)}`);
}

function isBytes(value: unknown): value is ArrayBuffer | Uint8Array {
  return value instanceof ArrayBuffer || value instanceof Uint8Array;
}

function asBytes(value: ArrayBuffer | Uint8Array): Uint8Array {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}

function describe(value: unknown): string {
  if (isBytes(value)) return `${value.byteLength} bytes`;
  return typeof value === 'string' ? `a string of ${value.length}` : String(value);
}
