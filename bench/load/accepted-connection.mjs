/** The server's end of one connection, for the measurements of clients: answers the handshake and hands bytes on. */
import { createHash } from 'node:crypto';
import { acceptConnection, addressOf, receive, reset, send } from './system-calls.mjs';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TIMEOUT_MS = 15_000;
const CONNECT_POLL_MS = 20;

/** Waits for the one client of a listener, and for its handshake. */
export function acceptClient(poller, listener) {
  const deadline = performance.now() + TIMEOUT_MS;
  let socket = acceptConnection(listener);
  while (socket === undefined && performance.now() < deadline) {
    poller.runFor(CONNECT_POLL_MS);
    socket = acceptConnection(listener);
  }
  if (socket === undefined) throw new Error('Expected a client, received none');
  const connection = new AcceptedConnection(poller, socket);
  if (poller.run(() => connection.isOpen, TIMEOUT_MS)) return connection;
  throw new Error('Expected a handshake, received none');
}

class AcceptedConnection {
  isOpen = false;
  isGone = false;
  #poller;
  #inbox = Buffer.alloc(2 * 1024 * 1024);
  #address = addressOf(this.#inbox);
  /** How many bytes of the inbox wait to be read. */
  #filled = 0;
  /** What comes unasked, such as Pongs, is not looked at. */
  #onBytes = () => undefined;
  #writer;
  #onSent;

  constructor(poller, socket) {
    this.#poller = poller;
    this.socket = socket;
    poller.add(this);
  }

  /** @param onBytes Gets all bytes that have not been read yet, and returns how many it has (none: all). */
  listen(onBytes) {
    this.#onBytes = onBytes;
  }

  /** Sends what a writer holds; calls `onSent` whenever the kernel has taken it all. */
  write(writer, onSent) {
    this.#writer = writer;
    this.#onSent = onSent;
    this.#poller.waitForRoom(this, true);
  }

  stopWriting() {
    this.#poller.waitForRoom(this, false);
  }

  /** Sends few bytes, for which there is always room. */
  sendShort(bytes) {
    send(this.socket, addressOf(bytes), bytes.length);
  }

  close() {
    this.broken();
    reset(this.socket);
  }

  readable() {
    const room = this.#inbox.length - this.#filled;
    const length = receive(this.socket, this.#address + this.#filled, room);
    if (length === 0) this.broken();
    if (length <= 0) return;
    this.#filled += length;
    const bytes = this.#inbox.subarray(0, this.#filled);
    const read = (this.isOpen ? this.#onBytes(bytes) : this.#answer(bytes)) ?? bytes.length;
    this.#inbox.copyWithin(0, read, this.#filled);
    this.#filled -= read;
  }

  writable() {
    if (this.#writer.flush()) this.#onSent();
  }

  /** A client that has had all that it was to have may go. */
  broken() {
    if (this.isGone) return;
    this.isGone = true;
    this.#poller.remove(this);
  }

  #answer(bytes) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const key = /^sec-websocket-key: *(\S+)/im.exec(bytes.toString('latin1', 0, end))?.[1];
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    this.sendShort(Buffer.from(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`));
    this.isOpen = true;
    return end + 4;
  }
}
