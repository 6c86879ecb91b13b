/**
 * One client connection of a load: opens, greets, and from then on has a writer send and a reader compare what comes.
 * Whatever is not as expected throws, and ends the run. Below: `poller.mjs`; above: the workloads.
 */
import { checkResponse } from './dialects.mjs';
import { readFrame } from './frames.mjs';
import { addressOf, openConnection, receive, reset, send } from './system-calls.mjs';

/** All connections receive here: what came is looked at before the next call. */
const inbox = Buffer.alloc(1024 * 1024);
const inboxAddress = addressOf(inbox);

const HEAD_END = '\r\n\r\n';

export class Connection {
  #poller;
  #target;
  #onOpen;
  #hasSentRequest = false;
  #isOpen = false;
  /** What has come of the handshake and the greeting. */
  #opening = Buffer.alloc(0);
  #greeting;
  #answerCount = 0;
  #hasHead = false;
  #writer;
  #reader;
  #onMessages;
  #onBytes;

  /**
   * @param target What to open: `{ port, dialect, compress }`.
   * @param onOpen Called with this connection once it is open.
   */
  constructor(poller, target, onOpen) {
    this.#poller = poller;
    this.#target = target;
    this.#onOpen = onOpen;
    this.#greeting = target.dialect.greet();
    this.socket = openConnection(target.port);
    poller.add(this, true);
  }

  /** From here on `send` has this writer send messages. */
  write(writer) {
    this.#writer = writer;
  }

  /** Hands on what comes as it is, until something is expected. */
  listen(onBytes) {
    this.#onBytes = onBytes;
  }

  /** From here on what comes has to be what this reader takes. */
  expect(reader, onMessages) {
    this.#reader = reader;
    this.#onMessages = onMessages;
  }

  send(count) {
    const wasWaiting = this.#writer.isWaiting;
    if (!this.#writer.send(count) && !wasWaiting) this.#poller.waitForRoom(this, true);
  }

  close() {
    this.#poller.remove(this);
    reset(this.socket);
  }

  readable() {
    const length = receive(this.socket, inboxAddress, inbox.length);
    if (length === 0) this.broken();
    if (length <= 0) return;
    if (this.#reader !== undefined) {
      const count = this.#reader.take(inboxAddress, length, inbox);
      if (count > 0) this.#onMessages(this, count);
    } else {
      const bytes = Buffer.from(inbox.subarray(0, length));
      if (this.#isOpen) this.#onBytes(bytes);
      else this.#open(bytes);
    }
  }

  writable() {
    if (!this.#hasSentRequest) {
      this.#hasSentRequest = true;
      const { request } = this.#target.dialect;
      send(this.socket, addressOf(request), request.length);
      this.#poller.waitForRoom(this, false);
    } else if (this.#writer?.flush() !== false) {
      this.#poller.waitForRoom(this, false);
    }
  }

  broken() {
    throw new Error('Expected the connection to stay open, received its end');
  }

  #open(bytes) {
    this.#opening = Buffer.concat([this.#opening, bytes]);
    if (!this.#hasHead) this.#readHead();
    if (!this.#hasHead) return;
    while (this.#answerCount < this.#greeting.answers) {
      const answer = readFrame(this.#opening);
      if (answer === undefined) return;
      this.#greeting.check?.(answer, this.#answerCount);
      this.#opening = this.#opening.subarray(answer.end);
      this.#answerCount++;
    }
    this.#isOpen = true;
    if (this.#opening.length > 0) throw new Error('Expected silence after the greeting, received bytes');
    this.#onOpen(this);
  }

  #readHead() {
    const end = this.#opening.indexOf(HEAD_END);
    if (end < 0) return;
    checkResponse(this.#opening.toString('latin1', 0, end), this.#target.compress);
    this.#hasHead = true;
    this.#opening = this.#opening.subarray(end + HEAD_END.length);
    const { bytes } = this.#greeting;
    if (bytes.length > 0) send(this.socket, addressOf(bytes), bytes.length);
  }
}
