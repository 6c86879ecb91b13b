/**
 * Node's `net` and the least code that can answer: the limit that Node sets to every server in it. Frames are unmasked
 * and their headers rewritten where they lie, and all that came in one chunk leaves in one write. It trusts its client:
 * nothing is checked, fragments are answered as they are, and there is no Ping, no Close and no compression.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import process from 'node:process';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MASK_LENGTH = 4;
const WORDS_PAY_FROM = 256;

const fan = new Set();

createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (request) => upgrade(socket, request.toString('latin1')));
}).listen(Number(process.argv[2]), '127.0.0.1');

function upgrade(socket, request) {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1];
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const isFan = request.startsWith('GET /fan ');
  if (isFan) {
    fan.add(socket);
    socket.on('close', () => fan.delete(socket));
  }
  answer(socket, isFan ? fan : [socket]);
}

/** What is not yet a whole frame waits as the chunks that it came in, and is joined once. */
function answer(socket, receivers) {
  let waiting = [];
  let missing = 0;
  socket.on('data', (chunk) => {
    waiting.push(chunk);
    missing -= chunk.length;
    if (missing > 0) return;
    const bytes = waiting.length === 1 ? chunk : Buffer.concat(waiting);
    const { read, written, lacking } = rewrite(bytes);
    waiting = read === bytes.length ? [] : [bytes.subarray(read)];
    missing = lacking;
    if (written === 0) return;
    const frames = bytes.subarray(0, written);
    for (const receiver of receivers) receiver.write(frames);
  });
}

/** Turns the client's whole frames into a server's, in place: each gets shorter by its masking key. */
function rewrite(bytes) {
  let read = 0;
  let written = 0;
  for (;;) {
    const { maskAt, end } = measure(bytes, read);
    if (end > bytes.length) return { read, written, lacking: end - bytes.length };
    bytes.copyWithin(written, read, maskAt);
    bytes[written + 1] &= 0x7f;
    written += maskAt - read;
    const payloadAt = maskAt + MASK_LENGTH;
    unmask(bytes, payloadAt, end, maskAt);
    bytes.copyWithin(written, payloadAt, end);
    written += end - payloadAt;
    read = end;
  }
}

/** Where a frame's masking key begins and the frame ends, or one byte further than there are if that is unknown. */
function measure(bytes, at) {
  const unknown = { maskAt: at, end: bytes.length + 1 };
  if (bytes.length < at + 2) return unknown;
  const short = bytes[at + 1] & 0x7f;
  const maskAt = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
  if (bytes.length < maskAt) return unknown;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6);
  return { maskAt, end: maskAt + MASK_LENGTH + length };
}

function unmask(bytes, from, to, maskAt) {
  if (to - from < WORDS_PAY_FROM) return unmaskBytes(bytes, from, to, maskAt);
  const key = bytes.subarray(maskAt, maskAt + MASK_LENGTH);
  const wordsAt = from + (-(bytes.byteOffset + from) & 3);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + wordsAt, (to - wordsAt) >> 2);
  const turned = Uint8Array.from([0, 1, 2, 3], (i) => key[(wordsAt - from + i) & 3]);
  const [word] = new Int32Array(turned.buffer);
  for (let i = 0; i < words.length; i++) words[i] ^= word;
  unmaskBytes(bytes, from, wordsAt, maskAt);
  const restAt = wordsAt + words.length * 4;
  for (let i = restAt; i < to; i++) bytes[i] ^= key[(i - from) & 3];
}

function unmaskBytes(bytes, from, to, maskAt) {
  for (let i = from; i < to; i++) bytes[i] ^= bytes[maskAt + ((i - from) & 3)];
}
