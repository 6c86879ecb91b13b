/**
 * One message of 1 GiB there and back: a server that sends while it receives holds little of it. Ends with 1 if the
 * server's memory grew by more than the limit at any time, or if a byte was wrong.
 *
 *     npm run bench:stream
 */
import { once } from 'node:events';
import process from 'node:process';
import { clientFrame, FrameReader, openSocket } from './parts/raw-client.mjs';
import { startServer } from './parts/server-process.mjs';

const MiB = 1024 * 1024;
const MESSAGE_LENGTH = 1024 * MiB;
const WARM_UP_LENGTH = MiB;
const FRAGMENT_LENGTH = 64 * 1024;
const LIMIT = 64 * MiB;

const FIN = 0x80;
const BINARY = 0x02;
const CONTINUATION = 0x00;

const server = await startServer('stream-server.mjs');
const { socket } = await openSocket(server.port);
await echo(socket, WARM_UP_LENGTH);
const before = await server.memory();
const began = performance.now();
await echo(socket, MESSAGE_LENGTH);
const seconds = (performance.now() - began) / 1000;
const after = await server.memory();
socket.destroy();
await server.stop();

const added = after.peak - before.rss;
console.log(`Message: ${MESSAGE_LENGTH / MiB} MiB in fragments of ${FRAGMENT_LENGTH / 1024} KiB`);
console.log(`Time: ${seconds.toFixed(1)} s, ${(MESSAGE_LENGTH / MiB / seconds).toFixed(0)} MiB/s each way`);
console.log(`RSS of the server before: ${inMiB(before.rss)}, at its peak: ${inMiB(after.peak)}`);
console.log(`Added at most: ${inMiB(added)}, the limit is ${inMiB(LIMIT)}`);
if (added > LIMIT) process.exitCode = 1;

/** Sends a message and reads it back, comparing every byte. */
async function echo(socket, length) {
  const fragment = Buffer.from(
    Uint8Array.from({ length: FRAGMENT_LENGTH }, (_, i) => (i * 31 + (i >> 8)) & 0xff),
  );
  const received = receive(socket, fragment, length);
  const [first, middle, last] = [BINARY, CONTINUATION, FIN | CONTINUATION].map((kind) =>
    clientFrame(kind, fragment),
  );
  const count = length / FRAGMENT_LENGTH;
  for (let i = 0; i < count; i++) {
    const frame = i === 0 ? first : i === count - 1 ? last : middle;
    if (!socket.write(frame)) await once(socket, 'drain');
  }
  await received;
}

/** Resolves when a whole message has come that repeats the fragment up to its length. */
function receive(socket, fragment, length) {
  const expected = Buffer.concat([fragment, fragment]);
  let position = 0;
  return new Promise((resolve, reject) => {
    const fail = (what) =>
      reject(new Error(`Expected ${length} bytes back, received ${what} after ${position}`));
    const compare = (piece) => {
      for (let at = 0; at < piece.length; ) {
        const start = position % FRAGMENT_LENGTH;
        const part = piece.subarray(at, at + FRAGMENT_LENGTH);
        if (expected.compare(part, 0, part.length, start, start + part.length) !== 0) fail('other ones');
        at += part.length;
        position += part.length;
      }
    };
    const end = (first, isLast) => {
      if (first & 0x08) fail(`a control frame ${first.toString(16)}`);
      if (!isLast) return;
      socket.off('data', read);
      if (position === length) resolve();
      else fail('the end');
    };
    const reader = new FrameReader(compare, end);
    const read = (chunk) => reader.push(chunk);
    socket.on('data', read);
    socket.once('close', () => fail('the end of the connection'));
    socket.resume();
  });
}

function inMiB(bytes) {
  return `${(bytes / MiB).toFixed(1)} MiB`;
}
