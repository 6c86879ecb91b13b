/** Connections of bare sockets, so that the load costs little and is measured against nothing of ours. */
import { connect } from 'node:net';

const REQUEST = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];
const HEAD_END = '\r\n\r\n';

/** Opens a connection. @returns The socket, paused, and the response's head. */
export function openSocket(port, extensions) {
  const lines = extensions === undefined ? REQUEST : [...REQUEST, `Sec-WebSocket-Extensions: ${extensions}`];
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.write(`${lines.join('\r\n')}${HEAD_END}`);
    let head = '';
    socket.on('data', function read(chunk) {
      head += chunk.toString('latin1');
      if (!head.includes(HEAD_END)) return;
      socket.off('data', read);
      socket.off('error', reject);
      socket.pause();
      if (head.startsWith('HTTP/1.1 101 ')) resolve({ socket, head });
      else reject(new Error(`Expected a 101, received ${head.split('\r\n', 1)}`));
    });
  });
}

const FIN = 0x80;
const MASKED = 0x80;
const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A frame of a client. @param first FIN, RSV1 and opcode. */
export function clientFrame(first, payload) {
  const masked = payload.map((byte, i) => byte ^ KEY[i % KEY.length]);
  return Buffer.concat([header(first, payload.length), KEY, masked]);
}

function header(first, length) {
  if (length <= 125) return Buffer.from([first, MASKED | length]);
  const bytes = Buffer.alloc(length <= 0xffff ? 4 : 10);
  bytes[0] = first;
  bytes[1] = MASKED | (length <= 0xffff ? 126 : 127);
  if (length <= 0xffff) bytes.writeUInt16BE(length, 2);
  else bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** Takes the frames of a server out of its bytes: what arrives of a payload is handed on at once. */
export class FrameReader {
  #onPayload;
  #onFrame;
  #rest = Buffer.alloc(0);
  #remaining = 0;
  #first = 0;

  /**
   * @param onPayload Called with each piece of payload.
   * @param onFrame Called behind each frame, with its first byte and whether it was the last of its message.
   */
  constructor(onPayload, onFrame) {
    this.#onPayload = onPayload;
    this.#onFrame = onFrame;
  }

  push(chunk) {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      if (this.#remaining > 0) {
        const piece = bytes.subarray(0, this.#remaining);
        if (piece.length === 0) break;
        bytes = bytes.subarray(piece.length);
        this.#remaining -= piece.length;
        this.#onPayload(piece);
        if (this.#remaining === 0) this.#onFrame(this.#first, (this.#first & FIN) !== 0);
        continue;
      }
      const read = readHeader(bytes);
      if (read === undefined) break;
      this.#first = read.first;
      this.#remaining = read.length;
      bytes = bytes.subarray(read.end);
      if (read.length === 0) this.#onFrame(read.first, (read.first & FIN) !== 0);
    }
    this.#rest = bytes;
  }
}

function readHeader(bytes) {
  if (bytes.length < 2) return undefined;
  const short = bytes[1];
  const end = { 126: 4, 127: 10 }[short] ?? 2;
  if (bytes.length < end) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? bytes.readUIntBE(4, 6) : short;
  return { first: bytes[0], length, end };
}
